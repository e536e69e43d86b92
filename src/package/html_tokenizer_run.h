#pragma once

// The part of the tokenizer that nearly all of a page goes through: text and tags (HTML Living Standard,
// 13.2.5.1, 13.2.5.6 to 13.2.5.8, 13.2.5.32 to 13.2.5.40). For the sources that run it.

#include "package/html_tokenizer.h"

namespace waybill::package {

template <typename RawSink>
void HtmlTokenizer::run_raw(std::string_view html, RawSink& sink, HtmlContentModel initial,
                            std::string_view last_start_tag) {
  start(html, sink, initial, last_start_tag);
  while (!at_end()) {
    bool end_tag = false;
    switch (model_) {
      case HtmlContentModel::data:
        read_data(sink);
        break;
      case HtmlContentModel::rcdata:
      case HtmlContentModel::rawtext:
        end_tag = read_until_end_tag(model_ == HtmlContentModel::rcdata);
        break;
      case HtmlContentModel::script:
        end_tag = read_script();
        break;
      case HtmlContentModel::plaintext:
        sink.text(at_, html_.size(), model_);
        at_ = html_.size();
        break;
      case HtmlContentModel::cdata:
        read_cdata();
        break;
    }
    if (end_tag) at_ = read_end_tag(at_, sink);
  }
}

/// Text and tags, until a tag whose content is read otherwise, or the end.
template <typename RawSink>
void HtmlTokenizer::read_data(RawSink& sink) {
  const std::size_t size = html_.size();
  std::size_t at = at_;
  std::size_t less = index_.less(at);
  for (;;) {
    if (ampersand_ < less) [[unlikely]]
      at = read_references(at, less);
    if (at < less) sink.text(at, less, HtmlContentModel::data);
    at = less;
    if (less == size) break;
    // Asked for before this tag is read, so that the processor can begin with the next one.
    const std::size_t next = index_.less(less + 1);
    if (size - less < kShortestTag) [[unlikely]] {
      at = read_markup(less);
    } else if (is_html_letter(html_[less + 1])) {
      at = read_start_tag(less, sink);
      if (model_ != HtmlContentModel::data) [[unlikely]]
        break;
    } else if (html_[less + 1] == '/' && is_html_letter(html_[less + 2])) {
      at = read_end_tag(less, sink);
    } else {
      at = read_markup(less);
    }
    less = next >= at ? next : index_.less(at);
  }
  at_ = at;
}

/// From its '<'. Gives the place behind it; a tag that the input ends in is no token at all.
template <typename RawSink>
inline std::size_t HtmlTokenizer::read_start_tag(std::size_t less, RawSink& sink) {
  tag_.offset = less;
  tag_.name_begin = less + 1;
  const std::size_t at = read_tag(less + 1);
  if (at == kNone) return html_.size();
  model_ = sink.start_tag(tag_);
  if (model_ != HtmlContentModel::data) [[unlikely]]
    keep_last_start_tag();
  return at;
}

/// The same of an end tag, whose attributes mean nothing.
template <typename RawSink>
inline std::size_t HtmlTokenizer::read_end_tag(std::size_t less, RawSink& sink) {
  const std::size_t name = less + 2;
  std::size_t name_end = index_.name_end(name);
  std::size_t at = name_end + 1;
  if (name_end == html_.size() || html_[name_end] != '>') [[unlikely]] {
    at = read_tag(name);
    if (at == kNone) return html_.size();
    name_end = tag_.name_end;
  }
  model_ = HtmlContentModel::data;
  sink.end_tag(name, name_end);
  return at;
}

/// From its name. Gives the place behind the tag, or kNone where the input ends before.
inline std::size_t HtmlTokenizer::read_tag(std::size_t name) {
  const std::size_t size = html_.size();
  std::size_t at = index_.name_end(name);
  while (at < size && html_[at] == '=') at = index_.name_end(at + 1);
  tag_.name_end = at;
  tag_.self_closing = false;
  tag_.attributes.clear();
  if (at == size) return kNone;
  return html_[at] == '>' ? at + 1 : read_attributes(at);
}

/// Gives the place behind the tag, or kNone where the input ends before.
inline std::size_t HtmlTokenizer::read_attributes(std::size_t at) {
  const std::size_t size = html_.size();
  while (at < size) {
    const char c = html_[at];
    if (is_html_space(c)) {
      ++at;
    } else if (c == '>') {
      return at + 1;
    } else if (c == '/') {
      ++at;
      if (at == size || html_[at] != '>') continue;
      tag_.self_closing = true;
      return at + 1;
    } else {
      at = read_attribute(at);
    }
  }
  return kNone;
}

/// Gives the place behind the attribute, or the input's end where that comes before the tag's.
inline std::size_t HtmlTokenizer::read_attribute(std::size_t at) {
  const std::size_t size = html_.size();
  const auto skip_space_from = [&](std::size_t from) {
    while (from < size && is_html_space(html_[from])) ++from;
    return from;
  };
  HtmlRawAttribute attribute;
  attribute.name_begin = at;
  at = index_.name_end(at + 1);  // the first character is part of the name even where it is '='
  attribute.name_end = attribute.value_begin = attribute.value_end = at;
  at = skip_space_from(at);
  if (at < size && html_[at] == '=') {
    at = skip_space_from(at + 1);
    if (at == size) return size;
    at = read_value(at, attribute);
  }
  tag_.attributes.push_back(attribute);
  return at;
}

inline std::size_t HtmlTokenizer::read_value(std::size_t at, HtmlRawAttribute& attribute) {
  const std::size_t size = html_.size();
  const char quote = html_[at];
  if (quote == '"' || quote == '\'') {
    attribute.value_begin = at + 1;
    attribute.value_end = quote == '"' ? index_.quote(at + 1) : find("'", at + 1);
    return std::min(attribute.value_end + 1, size);
  }
  attribute.value_begin = at;
  while (at < size && html_[at] != '>' && !is_html_space(html_[at])) ++at;
  attribute.value_end = at;
  return at;
}

}  // namespace waybill::package
