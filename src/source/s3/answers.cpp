#include "source/s3/answers.h"

#include <algorithm>
#include <charconv>
#include <pugixml.hpp>

#include "base/text.h"

namespace waybill::source {

namespace {

constexpr std::string_view kWholeRange = "bytes 0-0/";
constexpr std::string_view kLogs = "logs/";

/// The name of an element without its namespace's prefix is enough: S3's answers have one default namespace.
std::string text_of(const pugi::xml_node& node, const char* name) {
  return node.child(name).text().as_string();
}

/// The document's element of that name; empty where the body is no XML or has another.
pugi::xml_node root_of(pugi::xml_document& document, std::string_view body, const char* name) {
  if (!document.load_buffer(body.data(), body.size())) return {};
  return document.child(name);
}

/// An ETag goes back to the store in a header; one that could end that header is left out.
std::string etag_of(const pugi::xml_node& entry) {
  std::string etag = text_of(entry, "ETag");
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  return std::any_of(etag.begin(), etag.end(), control) ? std::string() : etag;
}

bool is_safe(std::string_view path) {
  for (std::string_view rest = path;;) {
    const auto slash = rest.find('/');
    const auto name = rest.substr(0, slash);
    if (name.empty() || name == "." || name == "..") return false;
    if (slash == std::string_view::npos) return true;
    rest.remove_prefix(slash + 1);
  }
}

}  // namespace

S3Refusal read_refusal(std::string_view body) {
  pugi::xml_document document;
  const auto error = root_of(document, body, "Error");
  return {text_of(error, "Code"), text_of(error, "Message"), text_of(error, "Region")};
}

std::optional<S3Page> read_page(std::string_view body) {
  pugi::xml_document document;
  const auto result = root_of(document, body, "ListBucketResult");
  if (!result) return std::nullopt;
  S3Page page;
  for (const auto& entry : result.children("Contents")) {
    page.objects.push_back({text_of(entry, "Key"), number_of(text_of(entry, "Size")), etag_of(entry)});
  }
  if (text_of(result, "IsTruncated") == "true") page.next = text_of(result, "NextContinuationToken");
  return page;
}

std::string read_upload_id(std::string_view body) {
  pugi::xml_document document;
  return text_of(root_of(document, body, "InitiateMultipartUploadResult"), "UploadId");
}

std::optional<std::uint64_t> whole_size(std::string_view content_range) {
  if (!content_range.starts_with(kWholeRange)) return std::nullopt;
  return number_of(content_range.substr(kWholeRange.size()));
}

std::uint64_t number_of(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Result<std::string> path_of_key(const std::string& key, const std::string& prefix) {
  std::string path = key.substr(std::min(prefix.size(), key.size()));
  if (path.empty() || path.ends_with('/') || path.starts_with(kLogs)) return std::string();
  if (is_safe(path)) return path;
  return Error{ErrorCode::invalid_argument, "the key " + escape_controls(key) +
                                                " is no path: it has an empty name, \".\" or \"..\" in it"};
}

}  // namespace waybill::source
