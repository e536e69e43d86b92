#include "package/html.h"

#include <algorithm>

#include "base/text.h"
#include "package/html_elements.h"
#include "package/html_srcset.h"
#include "package/html_text.h"
#include "package/html_tokenizer.h"

namespace waybill::package {

namespace {

/// Turns tokens into what HtmlContent holds. Knows no tree: of the elements around it only what hides text.
class Reader final : public HtmlSink {
 public:
  Reader(std::string_view html, HtmlContent& out)
      : html_(html), out_(out), text_(out.text), title_(out.title) {}

  HtmlContentModel start_tag(const HtmlTag& tag) override;
  void end_tag(const HtmlTag& tag) override;
  void characters(std::string_view text) override;

 private:
  void separate(const HtmlElement& element);
  void note_active_element(const HtmlTag& tag, const HtmlElement& element);
  void note_active_attribute(const HtmlTag& tag, const HtmlAttribute& attribute);
  void note_references(const HtmlTag& tag, const HtmlAttribute& attribute);
  void add_reference(HtmlReference::Kind kind, const HtmlAttribute& attribute, UrlRange range);

  std::string_view html_;
  HtmlContent& out_;
  HtmlText text_;
  HtmlText title_;
  std::vector<std::size_t>
      offsets_;             // in the raw value of each byte of the decoded one; empty: they are the same
  bool in_hidden_ = false;  // inside an element whose content is raw text that nobody reads
  bool in_title_ = false;
  bool had_title_ = false;
  std::size_t templates_ = 0;  // that are open
  std::size_t drawings_ = 0;   // <svg> that are open: a <title> in there is not the document's
};

const HtmlAttribute* find(const HtmlTag& tag, std::string_view name) {
  const auto found = std::find_if(tag.attributes.begin(), tag.attributes.end(),
                                  [&](const HtmlAttribute& attribute) { return attribute.name == name; });
  return found == tag.attributes.end() ? nullptr : &*found;
}

HtmlContentModel Reader::start_tag(const HtmlTag& tag) {
  const HtmlElement& element = html_element(tag.name);
  separate(element);
  note_active_element(tag, element);
  for (const HtmlAttribute& attribute : tag.attributes) {
    note_active_attribute(tag, attribute);
    note_references(tag, attribute);
  }
  if (tag.name == "img" && templates_ == 0) {
    if (const HtmlAttribute* alt = find(tag, "alt")) {
      text_.separate(' ');
      text_.add(alt->value);
      text_.separate(' ');
    }
  }
  if (tag.name == "template") ++templates_;
  if (tag.name == "svg" && !tag.self_closing) ++drawings_;
  in_hidden_ = element.hidden;
  if (tag.name == "title" && !had_title_ && drawings_ == 0 && templates_ == 0) in_title_ = had_title_ = true;
  return element.model;
}

void Reader::end_tag(const HtmlTag& tag) {
  separate(html_element(tag.name));
  in_hidden_ = in_title_ = false;
  if (tag.name == "template" && templates_ > 0) --templates_;
  if (tag.name == "svg" && drawings_ > 0) --drawings_;
}

void Reader::characters(std::string_view text) {
  if (in_title_) {
    title_.add(text);
  } else if (!in_hidden_ && templates_ == 0) {
    text_.add(text);
  }
}

void Reader::separate(const HtmlElement& element) {
  if (element.layout == HtmlElement::Layout::block) text_.separate('\n');
  if (element.layout == HtmlElement::Layout::cell) text_.separate(' ');
}

void Reader::note_active_element(const HtmlTag& tag, const HtmlElement& element) {
  if (element.active) out_.active.push_back({std::string(tag.name) + " element", tag.offset});
  if (tag.name == "meta") {
    const HtmlAttribute* const what = find(tag, "http-equiv");
    if (what != nullptr && iequals(trim(what->value), "refresh"))
      out_.active.push_back({"meta refresh", tag.offset});
  } else if (tag.name == "link") {
    const HtmlAttribute* const relation = find(tag, "rel");
    if (relation == nullptr) return;
    const std::string words = ' ' + to_lower(relation->value) + ' ';
    const auto import = words.find("import");
    if (import != std::string::npos && is_html_space(words[import - 1]) && is_html_space(words[import + 6])) {
      out_.active.push_back({"link import", tag.offset});
    }
  }
}

void Reader::note_active_attribute(const HtmlTag& tag, const HtmlAttribute& attribute) {
  const bool handler = attribute.name.size() > 2 && attribute.name.starts_with("on");
  if (handler || attribute.name == "srcdoc") {
    // The name is the package's: short in a message, whatever it is.
    out_.active.push_back({truncate_utf8(attribute.name, 60) + " attribute", tag.offset});
  }
  const std::string_view url = html_active_url(attribute.name, attribute.value);
  if (!url.empty()) out_.active.push_back({std::string(url), tag.offset});
}

void Reader::note_references(const HtmlTag& tag, const HtmlAttribute& attribute) {
  const auto kind = html_reference(tag.name, attribute.name);
  if (!kind) return;
  offsets_.clear();
  const std::string_view raw = html_.substr(attribute.raw_begin, attribute.raw_end - attribute.raw_begin);
  if (raw.size() != attribute.value.size() || raw != attribute.value) decode_html_attribute(raw, offsets_);
  if (attribute.name == "srcset") {
    for (const UrlRange& range : split_srcset(attribute.value)) add_reference(*kind, attribute, range);
    return;
  }
  UrlRange range{0, attribute.value.size()};
  while (range.begin < range.end && is_html_space(attribute.value[range.begin])) ++range.begin;
  while (range.begin < range.end && is_html_space(attribute.value[range.end - 1])) --range.end;
  if (range.begin < range.end) add_reference(*kind, attribute, range);
}

void Reader::add_reference(HtmlReference::Kind kind, const HtmlAttribute& attribute, UrlRange range) {
  HtmlReference reference;
  reference.kind = kind;
  reference.url = attribute.value.substr(range.begin, range.end - range.begin);
  reference.begin = attribute.raw_begin + (offsets_.empty() ? range.begin : offsets_[range.begin]);
  reference.end = attribute.raw_begin + (offsets_.empty() ? range.end : offsets_[range.end]);
  out_.references.push_back(std::move(reference));
}

}  // namespace

void HtmlText::add(std::string_view text) {
  constexpr std::string_view kNoBreakSpace = "\u00A0";
  std::size_t at = 0;
  while (at < text.size()) {
    if (is_html_space(text[at]) || text.substr(at, 2) == kNoBreakSpace) {
      at += is_html_space(text[at]) ? 1 : 2;
      separate(' ');
      continue;
    }
    const std::size_t word = at++;
    while (at < text.size() && !is_html_space(text[at]) &&
           (text[at] != kNoBreakSpace[0] || text.substr(at, 2) != kNoBreakSpace)) {
      ++at;
    }
    if (pending_ != '\0' && !out_.empty()) out_ += pending_;
    pending_ = '\0';
    out_.append(text.substr(word, at - word));
  }
}

void HtmlText::separate(char by) {
  if (pending_ != '\n') pending_ = by;
}

void HtmlContent::clear() {
  title.clear();
  text.clear();
  references.clear();
  active.clear();
}

void read_html(std::string_view html, HtmlContent& out) {
  out.clear();
  Reader reader(html, out);
  HtmlTokenizer tokenizer;
  tokenizer.run(html, reader);
}

}  // namespace waybill::package
