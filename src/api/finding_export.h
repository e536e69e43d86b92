#pragma once

#include <memory>
#include <string_view>

#include "api/operation.h"
#include "http/body_stream.h"

namespace waybill::api {

inline constexpr std::string_view kNdjson = "application/x-ndjson";
inline constexpr std::string_view kCsv = "text/csv";
inline constexpr std::string_view kSarif = "application/sarif+json";

/// All findings of a job that fit, as a body that is sent page by page, whatever their number: memory holds
/// one page. `media_type` is one of the three. The first page is made at once, the others on the pool as the
/// reader takes them.
std::shared_ptr<http::BodyStream> export_findings(const Services& services, const jobs::Job& job,
                                                  report::FindingFilter filter, std::string_view media_type);

}  // namespace waybill::api
