#include "api/knowledge_list.h"

namespace waybill::api {

/// GET /topics (contract, section 5).
Operation list_topics() {
  auto operation = reading("listTopics", "/topics", [](const Services& services, const Call& call) {
    return knowledge_page(services, call, "topics", "parent", &knowledge::KnowledgeBase::topics,
                          topic_object);
  });
  operation.query = {{"parent"}, {"limit"}, {"after"}};
  return operation;
}

}  // namespace waybill::api
