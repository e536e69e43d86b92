#include "api/knowledge_list.h"

namespace waybill::api {

/// GET /portals (contract, section 5).
Operation list_portals() {
  auto operation = reading("listPortals", "/portals", [](const Services& services, const Call& call) {
    return knowledge_page(services, call, "portals", "", &knowledge::KnowledgeBase::portals, portal_object);
  });
  operation.query = {{"limit"}, {"after"}};
  return operation;
}

}  // namespace waybill::api
