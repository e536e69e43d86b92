#include "package/html_tokenizer.h"

#include <algorithm>

#include "package/html_entities.h"

namespace waybill::package {

namespace {

bool ends_name(char c) {
  return is_html_space(c) || c == '/' || c == '>';
}

}  // namespace

void HtmlTokenizer::start(std::string_view html, HtmlRawSink& sink, HtmlContentModel initial,
                          std::string_view last_start_tag) {
  html_ = html;
  sink_ = &sink;
  index_.build(html);
  at_ = 0;
  model_ = initial;
  last_start_tag_ = last_start_tag;
  steps_ = 3 * html.size();  // the index, then text and tags
  ampersand_ = find("&", 0);
}

/// Text with references up to where the last of them ends; the rest, up to `end`, is plain.
std::size_t HtmlTokenizer::read_references(std::size_t at, std::size_t end) {
  if (ampersand_ < at) ampersand_ = find("&", at);
  while (ampersand_ < end) {
    sink_->text(at, ampersand_, model_);
    const HtmlCharacters characters = read_character_reference(html_.substr(ampersand_), false);
    steps_ += std::max<std::size_t>(characters.length, 32);
    sink_->characters(characters.length == 0 ? "&" : characters.value(), ampersand_);
    at = ampersand_ + std::max<std::size_t>(characters.length, 1);
    ampersand_ = find("&", at);
  }
  return at;
}

/// Text up to the end tag that ends it, or to the end.
bool HtmlTokenizer::read_until_end_tag(bool references) {
  for (std::size_t less = at_;; ++less) {
    const std::size_t from = less;
    less = index_.less(less);
    steps_ += less - from + 1;
    if (less < html_.size() && !is_end_tag(less)) continue;
    if (references && ampersand_ < less) at_ = read_references(at_, less);
    sink_->text(at_, less, model_);
    at_ = less;
    return !at_end();
  }
}

void HtmlTokenizer::read_cdata() {
  const std::size_t end = find("]]>", at_);
  sink_->text(at_, end, model_);
  at_ = std::min(end + 3, html_.size());
  model_ = HtmlContentModel::data;
}

/// At a '<' in data that begins no whole tag. Gives the place behind what it does begin.
std::size_t HtmlTokenizer::read_markup(std::size_t less) {
  at_ = less;
  const std::string_view next = html_.substr(less + 1, 2);
  if (next.starts_with('!')) {
    read_declaration();
  } else if (next.starts_with('?')) {
    ++at_;
    read_bogus_comment();
  } else if (next == "/>") {
    at_ += 3;
  } else if (next.starts_with('/') && next.size() == 2) {
    at_ += 2;
    read_bogus_comment();
  } else if (!next.empty() && is_html_letter(next.front())) {
    at_ = html_.size();  // a tag that the input ends in is no token at all
  } else {
    sink_->characters("<", at_);
    ++at_;
  }
  return at_;
}

void HtmlTokenizer::read_declaration() {
  at_ += 2;
  if (html_.substr(at_, 2) == "--") {
    at_ += 2;
    read_comment();
  } else if (looking_at(at_, "doctype")) {
    at_ += 7;
    read_doctype();
  } else {
    read_bogus_comment();  // also <![CDATA[, which is only for foreign elements
  }
}

/// A comment ends at "-->" or "--!>", or by "<!-->" and "<!--->". One that the input ends in loses the dashes
/// that would have ended it.
void HtmlTokenizer::read_comment() {
  const std::size_t begin = at_;
  for (const std::string_view abrupt : {">", "->"}) {
    if (html_.substr(begin, abrupt.size()) != abrupt) continue;
    at_ = begin + abrupt.size();
    return sink_->comment(begin, begin);
  }
  std::size_t end = html_.size();
  at_ = end;
  for (std::size_t dash = begin; (dash = find("--", dash)) < html_.size(); ++dash) {
    const std::size_t length = html_.substr(dash + 2, 1) == ">"    ? 3
                               : html_.substr(dash + 2, 2) == "!>" ? 4
                                                                   : 0;
    if (length == 0) continue;
    end = dash;
    at_ = dash + length;
    break;
  }
  if (end == html_.size()) {
    const std::string_view rest = html_.substr(begin);
    end -= rest.ends_with("--!") ? 3 : rest.ends_with("--") ? 2 : rest.ends_with("-") ? 1 : 0;
  }
  sink_->comment(begin, end);
}

void HtmlTokenizer::read_bogus_comment() {
  const std::size_t begin = at_;
  const std::size_t end = find(">", at_);
  at_ = std::min(end + 1, html_.size());
  sink_->comment(begin, end);
}

void HtmlTokenizer::keep_last_start_tag() {
  last_start_tag_.clear();
  append_html_text(html_.substr(tag_.name_begin, tag_.name_end - tag_.name_begin), true, last_start_tag_);
}

bool HtmlTokenizer::looking_at(std::size_t at, std::string_view lower_case) {
  const std::string_view there = html_.substr(std::min(at, html_.size()), lower_case.size());
  steps_ += there.size();
  return there.size() == lower_case.size() && std::equal(there.begin(), there.end(), lower_case.begin(),
                                                         [](char a, char b) { return html_lower(a) == b; });
}

/// "</name" of the element whose text is being read ("appropriate end tag", 13.2.5).
bool HtmlTokenizer::is_end_tag(std::size_t at) {
  if (last_start_tag_.empty() || html_.substr(at, 2) != "</" || !looking_at(at + 2, last_start_tag_))
    return false;
  const std::size_t after = at + 2 + last_start_tag_.size();
  return after < html_.size() && ends_name(html_[after]);
}

void HtmlTokenizer::skip_space() {
  const std::size_t begin = at_;
  while (!at_end() && is_html_space(html_[at_])) ++at_;
  steps_ += at_ - begin + 1;
}

/// The end of the input where it is not found.
std::size_t HtmlTokenizer::find(std::string_view what, std::size_t from) {
  const std::size_t found = std::min(html_.find(what, from), html_.size());
  steps_ += found - std::min(from, found) + 1;
  return found;
}

}  // namespace waybill::package
