#pragma once

#include <string>
#include <string_view>

#include "knowledge/model.h"

namespace waybill::validation {

/// "Folder/Name" as far as they are known; without a name its place: "Folder/(no name, articles/7)".
std::string article_item_path(const knowledge::Article& article, std::string_view pointer);

}  // namespace waybill::validation
