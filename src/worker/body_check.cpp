#include "worker/body_check.h"

#include <cstdint>
#include <limits>
#include <utility>

#include "report/rules.h"

namespace waybill::worker {

using report::Finding;

namespace {

/// One hash for both, so that a check is recalled only where both are the same.
Sha256 key_of(const Sha256& input, const Sha256& fingerprint) {
  Sha256Stream key;
  key.update(as_bytes(input));
  key.update(as_bytes(fingerprint));
  return key.finish();
}

void put(std::string& to, std::uint64_t number) {  // LEB128
  for (; number >= 0x80; number >>= 7U) to += static_cast<char>(number | 0x80U);
  to += static_cast<char>(number);
}

void put(std::string& to, std::string_view text) {
  put(to, text.size());
  to += text;
}

/// Reads what put() has written; from the first thing that is not there on, nothing is.
class Taker {
 public:
  explicit Taker(std::string_view bytes) : left_(bytes) {}
  bool fine() const { return fine_; }
  bool at_end() const { return left_.empty(); }

  std::string_view bytes(std::uint64_t size) {
    fine_ = fine_ && size <= left_.size();
    if (!fine_) return {};
    const auto taken = left_.substr(0, static_cast<std::size_t>(size));
    left_.remove_prefix(taken.size());
    return taken;
  }
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto byte = bytes(1);
      if (byte.empty()) return 0;
      value |= (static_cast<std::uint64_t>(byte.front()) & 0x7FU) << shift;
      if ((static_cast<unsigned char>(byte.front()) & 0x80U) == 0) return value;
    }
    fine_ = false;
    return 0;
  }
  std::string_view text() { return bytes(number()); }
  Sha256 hash() {
    Sha256 value{};
    const auto taken = bytes(value.size());
    std::copy(taken.begin(), taken.end(), value.begin());
    return value;
  }

 private:
  std::string_view left_;
  bool fine_ = true;
};

void add(Sha256Stream& to, const std::vector<knowledge::Resource>& resources) {
  to.update_part(std::to_string(resources.size()));
  for (const knowledge::Resource& resource : resources) {
    to.update(as_bytes(resource.hash));
    to.update_part(std::to_string(resource.size));
  }
}

/// A finding of check_html() says nothing about the item and the file that is not known without it.
bool is_of(const Finding& finding, std::string_view item_path, std::string_view file) {
  return finding.kind == report::ItemKind::article && finding.item == item_path &&
         finding.location.file == file && finding.location.pointer.empty();
}

}  // namespace

Sha256 surroundings_of(std::string_view rules, const PackageIndex& index, const FilesByPath& files) {
  Sha256Stream all;
  all.update_part(rules);
  all.update(as_bytes(index.contents_digest()));
  all.update(as_bytes(files.digest()));
  return all.finish();
}

Sha256 input_of(const validation::CheckedArticle& article, const Sha256& body, const Sha256& surroundings) {
  Sha256Stream all;
  all.update(as_bytes(surroundings));
  all.update(as_bytes(body));
  all.update(as_bytes(knowledge::metadata_fingerprint(article.item)));
  all.update_part(article.item.content_path);
  for (const validation::AttachmentPlace& attachment : article.attachments) {
    all.update_part(attachment.name);
    all.update_part(attachment.path);
  }
  return all.finish();
}

Sha256 hash_resources(const knowledge::Article& article) {
  Sha256Stream all;
  add(all, article.attachments);
  add(all, article.inline_resources);
  return all.finish();
}

std::string keep_check(const BodyCheck& check, const Sha256& input, const Sha256& fingerprint,
                       std::string_view item_path, std::string_view file) {
  std::string kept(as_bytes(key_of(input, fingerprint)));
  kept += as_bytes(check.resources);
  put(kept, check.used.size());
  for (const std::string& path : check.used) put(kept, path);
  put(kept, check.findings.size());
  for (const Finding& finding : check.findings) {
    if (!is_of(finding, item_path, file)) return {};
    put(kept, static_cast<std::uint64_t>(finding.rule));
    put(kept, finding.location.line);
    put(kept, finding.location.column);
    put(kept, finding.message);
    // Most have the rule's own advice.
    const bool usual = finding.advice == report::info(finding.rule).remedy;
    put(kept, usual ? std::string_view() : finding.advice);
  }
  return kept;
}

std::optional<BodyCheck> recall_check(std::string_view kept, const Sha256& input, const Sha256& fingerprint,
                                      std::string_view item_path, std::string_view file) {
  const Sha256 key = key_of(input, fingerprint);
  if (!kept.starts_with(as_bytes(key))) return std::nullopt;
  Taker from(kept.substr(key.size()));
  BodyCheck check;
  check.resources = from.hash();
  for (auto count = from.number(); from.fine() && count > 0; --count) check.used.emplace_back(from.text());
  for (auto count = from.number(); from.fine() && count > 0; --count) {
    Finding finding;
    const auto rule = from.number();
    if (rule >= report::all_rules().size()) return std::nullopt;
    finding.rule = static_cast<report::Rule>(rule);
    finding.kind = report::ItemKind::article;
    finding.item = item_path;
    const auto line = static_cast<std::uint32_t>(from.number());
    const auto column = static_cast<std::uint32_t>(from.number());
    finding.location = {std::string(file), {}, line, column};
    finding.message = from.text();
    finding.advice = from.text();
    if (finding.advice.empty()) finding.advice = report::info(finding.rule).remedy;
    check.findings.push_back(std::move(finding));
  }
  if (!from.fine() || !from.at_end()) return std::nullopt;
  return check;
}

}  // namespace waybill::worker
