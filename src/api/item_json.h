#pragma once

#include "storage/item_store.h"

namespace boost::json {
class object;
}

namespace waybill::api {

/// {"number", "kind", "path", "outcome", …}.
boost::json::object item_object(const storage::ItemRecord& item);
/// {"members": […], "body": {…}}: what differs between the two. Members are those of GET /articles/{id}.
boost::json::object difference_object(const storage::Versions& versions);

}  // namespace waybill::api
