// Tokens as the standard has them, decoded, made from the raw ones.

#include <algorithm>

#include "package/html_entities.h"
#include "package/html_tokenizer.h"
#include "package/html_tokenizer_run.h"

namespace waybill::package {

namespace {

constexpr std::string_view kReplacement = "\uFFFD";

class Decoder final : public HtmlRawSink {
 public:
  Decoder(std::string_view html, HtmlSink& sink) : html_(html), sink_(sink) {}

  HtmlContentModel start_tag(const HtmlRawTag& tag) override { return sink_.start_tag(decode(tag)); }
  void end_tag(std::size_t name_begin, std::size_t name_end) override;
  void text(std::size_t begin, std::size_t end, HtmlContentModel model) override;
  void characters(std::string_view text, std::size_t) override { sink_.characters(text); }
  void comment(std::size_t begin, std::size_t end) override;
  void doctype(const HtmlDoctype& doctype) override { sink_.doctype(doctype); }

 private:
  std::string_view raw(std::size_t begin, std::size_t end) const { return html_.substr(begin, end - begin); }
  const HtmlTag& decode(const HtmlRawTag& raw);
  void drop_duplicates();

  std::string_view html_;
  HtmlSink& sink_;
  HtmlTag tag_;
  std::string text_;
  std::string scratch_;            // names and values of tag_
  std::vector<std::size_t> ends_;  // in scratch_, of each of them
  std::vector<std::size_t> offsets_;
  std::vector<std::size_t> order_;
};

/// NUL stays in data, where a tree builder decides about it, and in CDATA.
void Decoder::text(std::size_t begin, std::size_t end, HtmlContentModel model) {
  if (begin == end) return;
  const bool keep_nul = model == HtmlContentModel::data || model == HtmlContentModel::cdata;
  text_.clear();
  for (std::size_t at = begin; at < end;) {
    const std::size_t nul = keep_nul ? at + std::min(raw(at, end).find('\0'), end - at) : end;
    append_html_text(raw(at, nul), false, text_);
    if (nul < end) text_ += '\0';
    at = std::min(nul + 1, end);
  }
  // "\r\n" is one line end, also where a run ends in between.
  sink_.characters(text_);
}

void Decoder::comment(std::size_t begin, std::size_t end) {
  text_.clear();
  append_html_text(raw(begin, end), false, text_);
  sink_.comment(text_);
}

void Decoder::end_tag(std::size_t name_begin, std::size_t name_end) {
  constexpr std::size_t kBeforeName = 2;  // "</"
  HtmlRawTag tag;
  tag.offset = name_begin - kBeforeName;
  tag.name_begin = name_begin;
  tag.name_end = name_end;
  sink_.end_tag(decode(tag));
}

const HtmlTag& Decoder::decode(const HtmlRawTag& tag) {
  scratch_.clear();
  ends_.clear();
  append_html_text(raw(tag.name_begin, tag.name_end), true, scratch_);
  ends_.push_back(scratch_.size());
  for (const HtmlRawAttribute& attribute : tag.attributes) {
    append_html_text(raw(attribute.name_begin, attribute.name_end), true, scratch_);
    ends_.push_back(scratch_.size());
    scratch_ += decode_html_attribute(raw(attribute.value_begin, attribute.value_end), offsets_);
    ends_.push_back(scratch_.size());
  }
  const auto part = [&](std::size_t i) {
    const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(scratch_).substr(begin, ends_[i] - begin);
  };
  tag_.name = part(0);
  tag_.self_closing = tag.self_closing;
  tag_.offset = tag.offset;
  tag_.attributes.clear();
  for (std::size_t i = 0; i < tag.attributes.size(); ++i) {
    tag_.attributes.push_back(
        {part(2 * i + 1), part(2 * i + 2), tag.attributes[i].value_begin, tag.attributes[i].value_end});
  }
  drop_duplicates();
  return tag_;
}

/// The first attribute of a name wins (13.2.5.33). Sorted, so that a million of them are not compared in
/// pairs.
void Decoder::drop_duplicates() {
  std::vector<HtmlAttribute>& all = tag_.attributes;
  if (all.size() < 2) return;
  order_.resize(all.size());
  for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = i;
  std::sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
    const int order = all[a].name.compare(all[b].name);
    return order != 0 ? order < 0 : a < b;
  });
  order_.erase(std::unique(order_.begin(), order_.end(),
                           [&](std::size_t a, std::size_t b) { return all[a].name == all[b].name; }),
               order_.end());
  if (order_.size() == all.size()) return;
  std::sort(order_.begin(), order_.end());
  for (std::size_t i = 0; i < order_.size(); ++i) all[i] = all[order_[i]];
  all.resize(order_.size());
}

}  // namespace

void HtmlTokenizer::run(std::string_view html, HtmlSink& sink, HtmlContentModel initial,
                        std::string_view last_start_tag) {
  Decoder decoder(html, sink);
  run_raw(html, decoder, initial, last_start_tag);
}

void append_html_text(std::string_view raw, bool lower_case, std::string& out) {
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const char c = raw[i];
    if (c == '\0') {
      out += kReplacement;
    } else if (c != '\r') {
      out += lower_case ? html_lower(c) : c;
    } else if (i + 1 >= raw.size() || raw[i + 1] != '\n') {
      out += '\n';
    }
  }
}

std::string decode_html_attribute(std::string_view raw, std::vector<std::size_t>& offsets) {
  std::string out;
  offsets.clear();
  for (std::size_t i = 0; i < raw.size();) {
    std::size_t length = 1;
    if (raw[i] == '&') {
      const HtmlCharacters characters = read_character_reference(raw.substr(i), true);
      out += characters.length == 0 ? "&" : characters.value();
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

}  // namespace waybill::package
