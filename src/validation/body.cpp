#include <simdjson.h>

#include "base/text.h"
#include "validation/checks.h"
#include "validation/item_path.h"

namespace waybill::validation {

using report::Rule;

namespace {

void refuse(CheckedArticle& article, Rule rule, report::Location location, std::string message,
            std::string advice) {
  if (advice.empty()) advice = report::info(rule).remedy;
  article.acceptable = false;
  article.findings.push_back({rule, report::ItemKind::article,
                              article_item_path(article.item, article.location.pointer), std::move(location),
                              std::move(message), std::move(advice)});
}

/// The encoding that a body's first bytes tell, in words; empty where they tell none.
std::string other_encoding(std::string_view body) {
  if (body.starts_with("\xFF\xFE")) return "It begins as UTF-16 (little endian) does. ";
  if (body.starts_with("\xFE\xFF")) return "It begins as UTF-16 (big endian) does. ";
  return {};
}

}  // namespace

bool check_body(CheckedArticle& article, std::string_view body, std::string_view file) {
  bool fine = true;
  if (!simdjson::validate_utf8(body.data(), body.size())) {
    const std::size_t at = first_invalid_utf8(body).value_or(0);
    const package::Position position = package::advance({}, body.substr(0, at));
    refuse(article, Rule::article_content_encoding, {std::string(file), {}, position.line, position.column},
           "The byte 0x" + hex_encode(body.substr(at, 1)) + " at offset " + std::to_string(at) +
               " is not UTF-8.",
           other_encoding(body) + "Save the file as UTF-8.");
    fine = false;
  }
  // There are never more code points than bytes.
  if (body.size() > Limits::kContentCharacters) {
    const std::size_t length = utf8_length(body);
    if (length > Limits::kContentCharacters) {
      refuse(article, Rule::article_content_size, {std::string(file), {}, 0, 0},
             "The content has " + std::to_string(length) + " characters, at most " +
                 std::to_string(Limits::kContentCharacters) + " are allowed.",
             {});
      fine = false;
    }
  }
  return fine;
}

}  // namespace waybill::validation
