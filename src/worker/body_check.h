#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "knowledge/model.h"
#include "validation/checks.h"
#include "worker/known.h"
#include "worker/package_index.h"

namespace waybill::worker {

/// What the check of an article's body came to. It is kept with the article, so that a later check of the
/// same input can be left out and still has the same outcome to the byte.
struct BodyCheck {
  Sha256 resources{};  // hash_resources() of the article
  std::vector<std::string>
      used;  // files that the body uses, relative to articles/, as check_html() gives them
  validation::Findings findings;  // likewise
};

/// All that the checks of a package's bodies go by beside the articles themselves: the rules, the files that
/// there are, and whose content they are. The knowledge base is not among it (validation::KnownFiles).
Sha256 surroundings_of(std::string_view rules, const PackageIndex& index, const FilesByPath& files);
/// All that decides what an article becomes, but for the bytes of its resources: the check of its body, and
/// its fingerprint. `body` is the digest of its content file (package::PackedFile).
Sha256 input_of(const validation::CheckedArticle& article, const Sha256& body, const Sha256& surroundings);
/// The bytes of an article's attachments and inline resources.
Sha256 hash_resources(const knowledge::Article& article);

/// As the knowledge base keeps it: the check of an article that came to be what `fingerprint` says. Empty
/// where it cannot be kept. `file` is the content file's path in the package.
std::string keep_check(const BodyCheck& check, const Sha256& input, const Sha256& fingerprint,
                       std::string_view item_path, std::string_view file);
/// What was kept, where it is of this input and of an article that is still what it came to be then.
std::optional<BodyCheck> recall_check(std::string_view kept, const Sha256& input, const Sha256& fingerprint,
                                      std::string_view item_path, std::string_view file);

}  // namespace waybill::worker
