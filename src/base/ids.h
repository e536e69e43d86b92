#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace waybill {

/// A UUID version 4 (RFC 9562, 5.4): written in upper case, read in either case.
class Uuid {
 public:
  Uuid() = default;
  /// The 16 bytes as they were kept; not checked for a version.
  explicit Uuid(const std::array<std::uint8_t, 16>& bytes) : bytes_(bytes) {}
  /// From the operating system's random numbers. Any thread.
  static Uuid random();
  /// Exactly the 36 characters of RFC 9562, section 4; anything else is nullopt.
  static std::optional<Uuid> parse(std::string_view text);
  std::string to_string() const;

  const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }
  auto operator<=>(const Uuid&) const = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
};

/// A strong id: Tag tells ids of different things apart, so that the compiler does.
template <typename Tag, typename Value>
class Id {
 public:
  Id() = default;
  explicit Id(Value value) : value_(std::move(value)) {}
  const Value& value() const { return value_; }
  auto operator<=>(const Id&) const = default;

 private:
  Value value_{};
};

using JobId = Id<struct JobIdTag, Uuid>;
using UploadId = Id<struct UploadIdTag, Uuid>;
/// The department's name, as in the token's claim `department`. Never empty where a caller is bound to one.
using Department = Id<struct DepartmentTag, std::string>;
using ClientId = Id<struct ClientIdTag, std::string>;
/// A thing in the knowledge base (folder, article, topic, portal): one sequence for all four kinds.
using KnowledgeId = Id<struct KnowledgeIdTag, std::int64_t>;
/// The fencing number of a lease: grows each time a job is taken over.
using Epoch = Id<struct EpochTag, std::int64_t>;

inline std::string to_string(const JobId& id) {
  return id.value().to_string();
}
inline std::string to_string(const UploadId& id) {
  return id.value().to_string();
}
/// "WB-1000042".
std::string to_string(const KnowledgeId& id);
/// Reads "WB-1000042"; anything else is nullopt.
std::optional<KnowledgeId> parse_knowledge_id(std::string_view text);
/// Reads a job id in either case; anything else is nullopt.
std::optional<JobId> parse_job_id(std::string_view text);

}  // namespace waybill

template <>
struct std::hash<waybill::JobId> {
  std::size_t operator()(const waybill::JobId& id) const noexcept {
    std::size_t h = 0;
    for (std::size_t i = 0; i < sizeof(h); ++i) h = h << 8U | id.value().bytes()[i];
    return h;
  }
};
