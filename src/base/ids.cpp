#include "base/ids.h"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

namespace waybill {

namespace {

constexpr std::string_view kHexUpper = "0123456789ABCDEF";
constexpr std::string_view kKnowledgePrefix = "WB-";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_dash_position(std::size_t i) {
  return i == 8 || i == 13 || i == 18 || i == 23;
}

}  // namespace

Uuid Uuid::random() {
  // One call of the kernel for sixteen: every request gets an id.
  struct Stock {
    std::array<std::uint8_t, 256> bytes{};
    std::size_t used = bytes.size();
  };
  thread_local Stock stock;
  if (stock.used == stock.bytes.size()) {
    // 256 bytes never block and never come short once the kernel's pool is seeded (getrandom(2)).
    if (getrandom(stock.bytes.data(), stock.bytes.size(), 0) != static_cast<ssize_t>(stock.bytes.size()))
      std::abort();
    stock.used = 0;
  }
  Uuid id;
  const auto from = stock.bytes.begin() + static_cast<std::ptrdiff_t>(stock.used);
  std::copy_n(from, id.bytes_.size(), id.bytes_.begin());
  std::fill_n(from, id.bytes_.size(), std::uint8_t{0});  // nobody finds an id that was given out
  stock.used += id.bytes_.size();
  id.bytes_[6] = static_cast<std::uint8_t>((id.bytes_[6] & 0x0F) | 0x40);
  id.bytes_[8] = static_cast<std::uint8_t>((id.bytes_[8] & 0x3F) | 0x80);
  return id;
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  Uuid id;
  std::size_t nibble = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_dash_position(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int value = hex_value(text[i]);
    if (value < 0) return std::nullopt;
    auto& byte = id.bytes_[nibble / 2];
    byte = static_cast<std::uint8_t>(byte << 4 | value);
    ++nibble;
  }
  return id;
}

std::string Uuid::to_string() const {
  std::string text;
  text.reserve(36);
  for (const std::uint8_t byte : bytes_) {
    if (is_dash_position(text.size())) text += '-';
    text += kHexUpper[byte >> 4];
    text += kHexUpper[byte & 0x0F];
  }
  return text;
}

std::string to_string(const KnowledgeId& id) {
  return std::string(kKnowledgePrefix) + std::to_string(id.value());
}

std::optional<KnowledgeId> parse_knowledge_id(std::string_view text) {
  if (!text.starts_with(kKnowledgePrefix)) return std::nullopt;
  text.remove_prefix(kKnowledgePrefix.size());
  if (text.empty() || text.front() < '1' || text.front() > '9') return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return KnowledgeId(value);
}

std::optional<JobId> parse_job_id(std::string_view text) {
  const auto uuid = Uuid::parse(text);
  if (!uuid) return std::nullopt;
  return JobId(*uuid);
}

}  // namespace waybill
