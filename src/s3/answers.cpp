#include "s3/answers.h"

#include <algorithm>
#include <charconv>
#include <pugixml.hpp>

#include "base/text.h"

namespace waybill::s3 {

namespace {

constexpr std::string_view kWholeRange = "bytes 0-0/";

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

}  // namespace

Refusal read_refusal(std::string_view body) {
  pugi::xml_document document;
  const auto error = root_of(document, body, "Error");
  return {text_of(error, "Code"), text_of(error, "Message"), text_of(error, "Region")};
}

std::optional<Page> read_page(std::string_view body) {
  pugi::xml_document document;
  const auto result = root_of(document, body, "ListBucketResult");
  if (!result) return std::nullopt;
  Page page;
  for (const auto& entry : result.children("Contents")) {
    page.objects.push_back({text_of(entry, "Key"), number_of(text_of(entry, "Size")), etag_of(entry), {}});
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

}  // namespace waybill::s3
