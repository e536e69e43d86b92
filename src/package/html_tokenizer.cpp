#include "package/html_tokenizer.h"

#include <algorithm>

#include "package/html_entities.h"

namespace waybill::package {

namespace {

constexpr std::string_view kReplacement = "\uFFFD";

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool is_letter(char c) {
  return lower(c) >= 'a' && lower(c) <= 'z';
}

bool ends_name(char c) {
  return is_html_space(c) || c == '/' || c == '>';
}

}  // namespace

// With the carriage return: the input stream is normalised before it is tokenized (13.2.3.5).
bool is_html_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\f' || c == '\r';
}

void HtmlTokenizer::run(std::string_view html, HtmlSink& sink, HtmlContentModel initial,
                        std::string_view last_start_tag) {
  html_ = html;
  sink_ = &sink;
  at_ = 0;
  model_ = initial;
  last_start_tag_ = last_start_tag;
  has_special_ = html.find('\r') != std::string_view::npos || html.find('\0') != std::string_view::npos;
  less_.known = ampersand_.known = false;
  steps_ = 2 * html.size();
  while (!at_end()) {
    switch (model_) {
      case HtmlContentModel::data:
        read_data(true);
        if (!at_end()) read_markup();
        break;
      case HtmlContentModel::rcdata:
      case HtmlContentModel::rawtext:
        read_until_end_tag(model_ == HtmlContentModel::rcdata);
        break;
      case HtmlContentModel::script:
        read_script();
        break;
      case HtmlContentModel::plaintext:
        emit_text(at_, html_.size(), false);
        at_ = html_.size();
        break;
      case HtmlContentModel::cdata:
        read_cdata();
        break;
    }
  }
}

/// Text up to the next '<'.
void HtmlTokenizer::read_data(bool references) {
  const std::size_t less = next(less_, at_);
  while (at_ < less) {
    const std::size_t end = references ? std::min(less, next(ampersand_, at_)) : less;
    emit_text(at_, end, model_ == HtmlContentModel::data);
    at_ = end;
    if (at_ < less) emit_reference();
  }
}

void HtmlTokenizer::emit_reference() {
  const HtmlCharacters characters = read_character_reference(html_.substr(at_), false);
  steps_ += std::max<std::size_t>(characters.length, 32);
  if (characters.length == 0) {
    sink_->characters("&");
    ++at_;
  } else {
    sink_->characters(characters.value);
    at_ += characters.length;
  }
}

void HtmlTokenizer::read_until_end_tag(bool references) {
  for (;;) {
    read_data(references);
    if (at_end()) return;
    if (is_end_tag(at_)) return read_tag(at_, true);
    sink_->characters("<");
    ++at_;
  }
}

void HtmlTokenizer::read_cdata() {
  const std::size_t end = find("]]>", at_);
  emit_text(at_, end, true);
  at_ = std::min(end + 3, html_.size());
  model_ = HtmlContentModel::data;
}

/// At a '<' in data.
void HtmlTokenizer::read_markup() {
  const std::size_t begin = at_;
  const char c = begin + 1 < html_.size() ? html_[begin + 1] : '\0';
  if (is_letter(c)) return read_tag(begin, false);
  if (c == '!') return read_declaration();
  if (c == '?') {
    ++at_;
    return read_bogus_comment();
  }
  if (c == '/' && begin + 2 < html_.size()) {
    const char name = html_[begin + 2];
    if (is_letter(name)) return read_tag(begin, true);
    at_ += name == '>' ? 3 : 2;
    if (name != '>') read_bogus_comment();
    return;
  }
  sink_->characters("<");
  ++at_;
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
  std::string text;
  for (const std::string_view abrupt : {">", "->"}) {
    if (html_.substr(begin, abrupt.size()) != abrupt) continue;
    at_ = begin + abrupt.size();
    return sink_->comment(text);
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
  append(begin, end, false, text);
  sink_->comment(text);
}

void HtmlTokenizer::read_bogus_comment() {
  const std::size_t end = find(">", at_);
  std::string text;
  append(at_, end, false, text);
  at_ = std::min(end + 1, html_.size());
  sink_->comment(text);
}

/// From the '<' of a tag that has a name. One that the input ends in is no token at all.
void HtmlTokenizer::read_tag(std::size_t begin, bool is_end) {
  at_ = begin + (is_end ? 2 : 1);
  scratch_.clear();
  pending_.clear();
  const std::size_t name_begin = at_;
  while (!at_end() && !ends_name(html_[at_])) ++at_;
  append(name_begin, at_, true, scratch_);
  const std::size_t name_length = scratch_.size();
  tag_.offset = begin;
  if (!read_attributes(tag_.self_closing)) return;
  tag_.name = std::string_view(scratch_).substr(0, name_length);
  collect_attributes();
  model_ = HtmlContentModel::data;
  if (is_end) {
    sink_->end_tag(tag_);
  } else {
    last_start_tag_ = tag_.name;
    model_ = sink_->start_tag(tag_);
  }
}

/// False where the input ends before the tag does.
bool HtmlTokenizer::read_attributes(bool& self_closing) {
  self_closing = false;
  for (;;) {
    skip_space();
    if (at_end()) return false;
    const char c = html_[at_];
    if (c == '>') {
      ++at_;
      return true;
    }
    if (c == '/') {
      ++at_;
      if (at_end() || html_[at_] != '>') continue;
      ++at_;
      self_closing = true;
      return true;
    }
    if (!read_attribute()) return false;
  }
}

bool HtmlTokenizer::read_attribute() {
  const std::size_t name = at_++;  // the first character is part of the name even where it is '='
  while (!at_end() && !ends_name(html_[at_]) && html_[at_] != '=') ++at_;
  PendingAttribute attribute{};
  attribute.name_begin = scratch_.size();
  append(name, at_, true, scratch_);
  attribute.name_end = attribute.value_end = scratch_.size();
  attribute.raw_begin = attribute.raw_end = at_;
  skip_space();
  if (at_end()) return false;
  if (html_[at_] == '=') {
    ++at_;
    skip_space();
    if (at_end() || !read_attribute_value(attribute)) return false;
  }
  pending_.push_back(attribute);
  return true;
}

bool HtmlTokenizer::read_attribute_value(PendingAttribute& attribute) {
  const char quote = html_[at_];
  const bool quoted = quote == '"' || quote == '\'';
  if (quoted) ++at_;
  attribute.raw_begin = at_;
  if (quoted) {
    at_ = find({&quote, 1}, at_);
  } else {
    while (!at_end() && html_[at_] != '>' && !is_html_space(html_[at_])) ++at_;
    steps_ += at_ - attribute.raw_begin;
  }
  if (at_end()) return false;
  attribute.raw_end = at_;
  append_decoded(attribute.raw_begin, attribute.raw_end, scratch_);
  attribute.value_end = scratch_.size();
  if (quoted) ++at_;
  return true;
}

void HtmlTokenizer::collect_attributes() {
  drop_duplicates();
  tag_.attributes.clear();
  const std::string_view scratch = scratch_;
  for (const PendingAttribute& a : pending_) {
    tag_.attributes.push_back({scratch.substr(a.name_begin, a.name_end - a.name_begin),
                               scratch.substr(a.name_end, a.value_end - a.name_end), a.raw_begin, a.raw_end});
  }
}

/// The first attribute of a name wins (13.2.5.33). Sorted, so that a million of them are not compared in
/// pairs.
void HtmlTokenizer::drop_duplicates() {
  if (pending_.size() < 2) return;
  const auto name = [&](std::size_t i) {
    return std::string_view(scratch_).substr(pending_[i].name_begin,
                                             pending_[i].name_end - pending_[i].name_begin);
  };
  order_.resize(pending_.size());
  for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = i;
  std::sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
    const int order = name(a).compare(name(b));
    return order != 0 ? order < 0 : a < b;
  });
  order_.erase(std::unique(order_.begin(), order_.end(),
                           [&](std::size_t a, std::size_t b) { return name(a) == name(b); }),
               order_.end());
  if (order_.size() == pending_.size()) return;
  std::sort(order_.begin(), order_.end());
  for (std::size_t i = 0; i < order_.size(); ++i) pending_[i] = pending_[order_[i]];
  pending_.resize(order_.size());
}

/// Text as it stands, but with line ends as LF and, except in data, U+FFFD for NUL.
void HtmlTokenizer::emit_text(std::size_t begin, std::size_t end, bool keep_nul) {
  steps_ += end - begin;
  if (!has_special_) {
    if (begin < end) sink_->characters(html_.substr(begin, end - begin));
    return;
  }
  const std::string_view until = html_.substr(0, end);
  for (std::size_t run = begin; run < end;) {
    const std::size_t stop = std::min(end, until.find_first_of(std::string_view("\r\0", 2), run));
    if (run < stop) sink_->characters(html_.substr(run, stop - run));
    if (stop == end) return;
    run = stop + 1;
    if (html_[stop] == '\0') {
      sink_->characters(keep_nul ? html_.substr(stop, 1) : kReplacement);
    } else if (run >= html_.size() || html_[run] != '\n') {
      sink_->characters("\n");
    }
  }
}

void HtmlTokenizer::append(std::size_t begin, std::size_t end, bool lower_case, std::string& out) {
  steps_ += end - begin;
  for (std::size_t i = begin; i < end; ++i) {
    const char c = html_[i];
    if (c == '\0') {
      out += kReplacement;
    } else if (c != '\r') {
      out += lower_case ? lower(c) : c;
    } else if (i + 1 >= html_.size() || html_[i + 1] != '\n') {
      out += '\n';
    }
  }
}

void HtmlTokenizer::append_decoded(std::size_t begin, std::size_t end, std::string& out) {
  const std::string_view value = html_.substr(0, end);
  for (std::size_t i = begin; i < end;) {
    const std::size_t reference = std::min(end, value.find('&', i));
    append(i, reference, false, out);
    i = reference;
    if (i == end) break;
    const HtmlCharacters characters = read_character_reference(value.substr(i), true);
    steps_ += std::max<std::size_t>(characters.length, 32);
    out += characters.length == 0 ? "&" : characters.value;
    i += std::max<std::size_t>(characters.length, 1);
  }
}

std::string decode_html_attribute(std::string_view raw, std::vector<std::size_t>& offsets) {
  std::string out;
  offsets.clear();
  for (std::size_t i = 0; i < raw.size();) {
    std::size_t length = 1;
    if (raw[i] == '&') {
      const HtmlCharacters characters = read_character_reference(raw.substr(i), true);
      out += characters.length == 0 ? "&" : characters.value;
      length = std::max<std::size_t>(characters.length, 1);
    } else if (raw[i] == '\0') {
      out += kReplacement;
    } else if (raw[i] != '\r') {
      out += raw[i];
    } else {
      out += '\n';
      if (raw.substr(i, 2) == "\r\n") length = 2;
    }
    offsets.resize(out.size(), i);
    i += length;
  }
  offsets.push_back(raw.size());
  return out;
}

bool HtmlTokenizer::looking_at(std::size_t at, std::string_view lower_case) {
  const std::string_view there = html_.substr(std::min(at, html_.size()), lower_case.size());
  steps_ += there.size();
  return there.size() == lower_case.size() && std::equal(there.begin(), there.end(), lower_case.begin(),
                                                         [](char a, char b) { return lower(a) == b; });
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

std::size_t HtmlTokenizer::next(NextByte& byte, std::size_t from) {
  if (!byte.known || byte.at < from) {
    byte.at = find({&byte.byte, 1}, from);
    byte.known = true;
  }
  return byte.at;
}

}  // namespace waybill::package
