#pragma once

#include <string_view>

namespace waybill::api {

/// api/openapi.yaml as it was when this was built.
std::string_view openapi_yaml();

}  // namespace waybill::api
