#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

// What a store answers (Amazon S3 API Reference), read from bytes alone; nothing of it is trusted. Pure.

namespace waybill::source {

/// One object as a listing or a look tells of it.
struct S3Object {
  std::string key;
  std::uint64_t size = 0;
  std::string etag;  // with its quotes
};

/// The body of an error ("Error Responses"). Members that the store leaves out are empty.
struct S3Refusal {
  std::string code, message, region;
};
S3Refusal read_refusal(std::string_view body);

/// A page of ListObjectsV2.
struct S3Page {
  std::vector<S3Object> objects;
  std::string next;  // the token of the page after it; empty: this is the last
};
/// nullopt where the body is none.
std::optional<S3Page> read_page(std::string_view body);

/// Of CreateMultipartUpload; empty where the body has none.
std::string read_upload_id(std::string_view body);

/// The whole size out of "bytes 0-0/123" (RFC 9110, 14.4); nullopt for anything else.
std::optional<std::uint64_t> whole_size(std::string_view content_range);

/// A decimal number; 0 where there is none.
std::uint64_t number_of(std::string_view text);

/// Where a key below `prefix` lies in the package; empty where it is no file of it: the empty object that
/// consoles make for a folder, and logs/, where Waybill puts its own. Errors: invalid_argument (an empty
/// name,
/// "." or ".." in it).
Result<std::string> path_of_key(const std::string& key, const std::string& prefix);

}  // namespace waybill::source
