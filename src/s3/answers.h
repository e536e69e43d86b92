#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What a store answers (Amazon S3 API Reference), read from bytes alone; nothing of it is trusted. Pure.

namespace waybill::s3 {

/// What an object's owner says of it beside its bytes: names in lower case.
using Metadata = std::vector<std::pair<std::string, std::string>>;

/// One object as a listing or a look tells of it.
struct Object {
  std::string key;
  std::uint64_t size = 0;
  std::string etag;        // with its quotes
  Metadata metadata = {};  // a listing has none
};

/// The body of an error ("Error Responses"). Members that the store leaves out are empty.
struct Refusal {
  std::string code, message, region;
};
Refusal read_refusal(std::string_view body);

/// A page of ListObjectsV2.
struct Page {
  std::vector<Object> objects;
  std::string next;  // the token of the page after it; empty: this is the last
};
/// nullopt where the body is none.
std::optional<Page> read_page(std::string_view body);

/// Of CreateMultipartUpload; empty where the body has none.
std::string read_upload_id(std::string_view body);

/// The whole size out of "bytes 0-0/123" (RFC 9110, 14.4); nullopt for anything else.
std::optional<std::uint64_t> whole_size(std::string_view content_range);

/// A decimal number; 0 where there is none.
std::uint64_t number_of(std::string_view text);

}  // namespace waybill::s3
