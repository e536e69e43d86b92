#include "package/json_scanner.h"

#include <algorithm>

#include "base/byte_blocks.h"

namespace waybill::package {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

bool ends_scalar(char c) {
  return is_space(c) || c == ',' || c == ']' || c == '}' || c == ':';
}

/// Cuts off a code point of which only the beginning is there.
void trim_to_code_point(std::string& text) {
  std::size_t lead = text.size();
  while (lead > 0 && (static_cast<unsigned char>(text[lead - 1]) & 0xC0) == 0x80) --lead;
  if (lead == 0) return;
  const auto first = static_cast<unsigned char>(text[--lead]);
  const std::size_t length = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (text.size() - lead < length) text.resize(lead);
}

}  // namespace

void JsonValueEnd::begin(char first) {
  kind_ = first == '"' ? Kind::string : first == '{' || first == '[' ? Kind::brackets : Kind::scalar;
  in_string_ = escaped_ = false;
  open_.clear();
  deeper_ = 0;
}

JsonValueEnd::Step JsonValueEnd::feed(std::string_view bytes, std::size_t& used) {
  if (kind_ == Kind::scalar) return feed_scalar(bytes, used);
  std::size_t at = 0;
  while (at < bytes.size()) {
    if (in_string_) {
      if (skip_string(bytes, at) && kind_ == Kind::string) {
        used = at;
        return Step::ended;
      }
      continue;
    }
    const char c = bytes[at++];
    if (c == '"') {
      in_string_ = true;
    } else if (c == '{' || c == '[' || c == '}' || c == ']') {
      const Step step = bracket(c);
      used = at;
      if (step != Step::more) return step;
    }
  }
  used = at;
  return Step::more;
}

JsonValueEnd::Step JsonValueEnd::feed_scalar(std::string_view bytes, std::size_t& used) const {
  const auto* const end = std::find_if(bytes.begin(), bytes.end(), ends_scalar);
  used = static_cast<std::size_t>(end - bytes.begin());
  return end == bytes.end() ? Step::more : Step::ended;
}

/// Inside a string: true after its closing quote, false where the bytes end before it.
bool JsonValueEnd::skip_string(std::string_view bytes, std::size_t& at) {
  while (at < bytes.size()) {
    if (escaped_) {
      escaped_ = false;
      ++at;
      continue;
    }
    at = find_byte(bytes, at, [](ByteBlock block) { return (block == '"') | (block == '\\'); });
    if (at == bytes.size()) break;
    escaped_ = bytes[at++] == '\\';
    if (escaped_) continue;
    in_string_ = false;
    return true;
  }
  return false;
}

JsonValueEnd::Step JsonValueEnd::bracket(char c) {
  if (c == '{' || c == '[') {
    if (open_.size() < checked_depth_) {
      open_.push_back(c == '{' ? '}' : ']');
    } else {
      ++deeper_;
    }
    return Step::more;
  }
  if (deeper_ > 0) {
    --deeper_;
    return Step::more;
  }
  if (open_.back() != c) return Step::mismatch;
  open_.pop_back();
  return open_.empty() ? Step::ended : Step::more;
}

JsonScanner::JsonScanner(std::unique_ptr<ByteStream> stream, std::uint64_t keep_bytes, int max_depth)
    : stream_(std::move(stream)),
      keep_bytes_(keep_bytes),
      end_(static_cast<std::size_t>(std::max(max_depth, 1))) {}

Result<void> JsonScanner::skip_byte_order_mark() {
  WB_TRY(const std::string_view bytes, ahead());
  if (bytes.substr(0, kByteOrderMark.size()) == kByteOrderMark) at_ += kByteOrderMark.size();
  return {};
}

Result<char> JsonScanner::peek() {
  for (;;) {
    for (; at_ < buffer_.size(); ++at_) {
      if (!is_space(buffer_[at_])) return buffer_[at_];
    }
    WB_TRY(const bool more, fill());
    if (!more) return '\0';
  }
}

Position JsonScanner::position() {
  position_ = advance(position_, std::string_view(buffer_).substr(marked_, at_ - marked_));
  marked_ = at_;
  return position_;
}

Result<JsonScanner::Cut> JsonScanner::cut() {
  Cut cut;
  cut.start = position();
  end_.begin(buffer_[at_]);
  for (;;) {
    const std::string_view rest = std::string_view(buffer_).substr(at_);
    std::size_t used = 0;
    const JsonValueEnd::Step step = end_.feed(rest, used);
    const std::size_t room = static_cast<std::size_t>(keep_bytes_) - cut.text.size();
    if (!cut.too_large) cut.text.append(rest.substr(0, std::min(used, room)));
    cut.too_large = cut.too_large || used > room;
    at_ += used;
    cut.broken = step == JsonValueEnd::Step::mismatch;
    if (step != JsonValueEnd::Step::more) break;
    WB_TRY(const bool more, fill());
    if (more) continue;
    cut.broken = !end_.may_end();
    break;
  }
  if (cut.too_large) trim_to_code_point(cut.text);
  return cut;
}

Result<std::string_view> JsonScanner::ahead() {
  constexpr std::size_t kAhead = 48;
  while (buffer_.size() - at_ < kAhead) {
    WB_TRY(const bool more, fill());
    if (!more) break;
  }
  return std::string_view(buffer_).substr(at_);
}

Result<bool> JsonScanner::fill() {
  if (ended_) return false;
  position();
  buffer_.erase(0, at_);
  at_ = marked_ = 0;
  const std::size_t before = buffer_.size();
  while (buffer_.size() == before) {
    WB_TRY(const bool more, stream_->next(buffer_));
    if (more) continue;
    ended_ = true;
    break;
  }
  return buffer_.size() > before;
}

}  // namespace waybill::package
