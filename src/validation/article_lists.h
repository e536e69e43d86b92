#pragma once

#include <vector>

#include "validation/checks.h"
#include "validation/members.h"

// Inside validation/ alone: the lists that an article may have. `root` is the article's object.

namespace waybill::validation {

/// The shape of an article or of an object in it.
constexpr Shape article_shape(std::string_view what, std::span<const Member> members) {
  return {what, report::Rule::article_structure, report::Rule::article_unknown_member, members};
}

void read_attributes(Reporter& reporter, const package::JsonValue& root, const Trail& trail,
                     knowledge::Article& article);
/// Only those whose path can be looked for.
void read_attachments(Reporter& reporter, const package::JsonValue& root, const Trail& trail,
                      std::vector<AttachmentPlace>& attachments);
void read_tags(Reporter& reporter, const package::JsonValue& root, const Trail& trail,
               knowledge::Article& article);

}  // namespace waybill::validation
