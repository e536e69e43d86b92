#include "api/knowledge_list.h"

namespace waybill::api {

/// GET /folders (contract, section 5).
Operation list_folders() {
  auto operation = reading("listFolders", "/folders", [](const Services& services, const Call& call) {
    return knowledge_page(services, call, "folders", "parent", &knowledge::KnowledgeBase::folders,
                          folder_object);
  });
  operation.query = {{"parent"}, {"limit"}, {"after"}};
  return operation;
}

}  // namespace waybill::api
