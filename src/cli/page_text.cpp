#include "cli/page_text.h"

#include <iconv.h>

#include <array>
#include <cerrno>
#include <optional>
#include <vector>

#include "base/text.h"
#include "package/html.h"

namespace waybill::cli {

namespace {

/// Where declarations must stand (HTML Living Standard, 13.2.3.2).
constexpr std::size_t kPrescanBytes = 1024;

/// A declared encoding: its label, and where the label stands.
struct Declaration {
  std::string label;
  std::size_t begin = 0, end = 0;
};

/// The value that follows `mark` ("charset", "encoding") and '=' in a tag that begins with `tag`.
std::optional<Declaration> declared_in(std::string_view bytes, std::string_view tag, std::string_view mark) {
  const std::string head = to_lower(bytes.substr(0, kPrescanBytes));
  for (std::size_t at = head.find(tag); at != std::string::npos; at = head.find(tag, at + 1)) {
    const std::size_t close = head.find('>', at);
    std::size_t found = head.find(mark, at);
    if (found == std::string::npos || found > close) continue;
    found = head.find_first_not_of(" \t\r\n", found + mark.size());
    if (found == std::string::npos || head[found] != '=') continue;
    const std::size_t begin = head.find_first_not_of(" \t\r\n\"'", found + 1);
    if (begin == std::string::npos) continue;
    const std::size_t end = head.find_first_of(" \t\r\n\"';>?/", begin);
    if (end == std::string::npos || end == begin) continue;
    return Declaration{.label = head.substr(begin, end - begin), .begin = begin, .end = end};
  }
  return std::nullopt;
}

std::optional<Declaration> declared(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xFE")) return Declaration{.label = "utf-16le"};
  if (bytes.starts_with("\xFE\xFF")) return Declaration{.label = "utf-16be"};
  if (auto found = declared_in(bytes, "<meta", "charset")) return found;
  return declared_in(bytes, "<?xml", "encoding");
}

struct IconvCloser {
  iconv_t handle;
  ~IconvCloser() { iconv_close(handle); }
};

/// nullopt where the label is not known or the bytes are not in that encoding.
std::optional<std::string> to_utf8(std::string_view bytes, std::string_view label) {
  static constexpr std::array<std::string_view, 6> kLatin1{"iso-8859-1", "iso8859-1", "latin1",
                                                           "us-ascii",   "ascii",     "windows-1252"};
  std::string encoding(label);
  for (const std::string_view name : kLatin1) {
    if (label == name) encoding = "WINDOWS-1252";
  }
  iconv_t handle = iconv_open("UTF-8", encoding.c_str());
  // iconv_open's failure is (iconv_t)-1 by its definition (POSIX).
  if (reinterpret_cast<std::intptr_t>(handle) == -1) return std::nullopt;
  const IconvCloser closer{handle};
  std::string input(bytes);
  std::string output;
  std::array<char, 64 << 10> piece{};
  char* from = input.data();
  std::size_t left = input.size();
  while (true) {
    char* to = piece.data();
    std::size_t room = piece.size();
    const std::size_t done = iconv(handle, &from, &left, &to, &room);
    const int number = errno;
    output.append(piece.data(), piece.size() - room);
    if (done != static_cast<std::size_t>(-1)) return output;
    if (number != E2BIG) return std::nullopt;
  }
}

}  // namespace

Result<PageText> decode_page(std::string bytes, std::string_view file) {
  const auto wrong = first_invalid_utf8(bytes);
  if (!wrong) return PageText{.text = std::move(bytes), .converted = false};
  const auto declaration = declared(bytes);
  const std::string start = escape_controls(file) + " is not UTF-8 (at byte " + std::to_string(*wrong) + ")";
  if (!declaration || declaration->label == "utf-8") {
    return Error{ErrorCode::invalid_argument,
                 start +
                     " and declares no other encoding. Convert it, for example by "
                     "`iconv -f WINDOWS-1252 -t UTF-8`, or declare its encoding in a <meta charset>."};
  }
  const std::size_t mark = declaration->label.starts_with("utf-16") ? 2 : 0;  // the byte order mark
  auto text = to_utf8(std::string_view(bytes).substr(mark), declaration->label);
  if (!text || first_invalid_utf8(*text)) {
    return Error{ErrorCode::invalid_argument,
                 start + ", nor can it be read as the encoding that it declares, " +
                     escape_controls(declaration->label) + ". Convert it to UTF-8."};
  }
  // Everything before the label is ASCII in the encodings that declare themselves so: offsets still hold.
  if (declaration->end != 0) {
    text->replace(declaration->begin, declaration->end - declaration->begin, "utf-8");
  } else if (const auto inner = declared_in(*text, "<meta", "charset")) {
    text->replace(inner->begin, inner->end - inner->begin, "utf-8");
  }
  return PageText{.text = std::move(*text), .converted = true};
}

std::string first_heading(std::string_view html) {
  const std::string lower = to_lower(html);
  std::size_t begin = lower.find("<h1");
  while (begin != std::string::npos && begin + 3 < lower.size() && lower[begin + 3] != '>' &&
         std::string_view(" \t\r\n").find(lower[begin + 3]) == std::string_view::npos) {
    begin = lower.find("<h1", begin + 1);
  }
  if (begin == std::string::npos) return {};
  const std::size_t end = lower.find("</h1", begin);
  package::HtmlContent content;
  package::read_html(html.substr(begin, end == std::string::npos ? 0 : end - begin), content);
  return clean_name(content.text);
}

std::string clean_name(std::string_view text, std::size_t max_characters) {
  std::string name;
  bool space = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool no_break = text.substr(i, 2) == "\u00A0";
    if (c <= 0x20U || c == 0x7FU || no_break) {
      space = !name.empty();
      i += no_break ? 1 : 0;
      continue;
    }
    // C1 control characters, in UTF-8 C2 80 to C2 9F.
    if (c == 0xC2U && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0U) {
      ++i;
      continue;
    }
    if (space) name += ' ';
    space = false;
    if (c == '/') {
      name += "\u2215";
    } else {
      name += text[i];
    }
  }
  if (utf8_length(name) <= max_characters) return name;
  std::size_t count = 0;
  std::size_t cut = 0;
  for (; cut < name.size(); ++cut) {
    const bool starts = (static_cast<unsigned char>(name[cut]) & 0xC0U) != 0x80U;
    if (starts && ++count == max_characters) break;
  }
  return name.substr(0, cut) + "…";
}

}  // namespace waybill::cli
