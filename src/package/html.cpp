#include "package/html.h"

#include <algorithm>
#include <unordered_set>

#include "base/text.h"
#include "package/html_elements.h"
#include "package/html_srcset.h"
#include "package/html_text.h"
#include "package/html_tokenizer_run.h"

namespace waybill::package {

namespace {

/// Whether html_active_url() could find something: by the first byte, which is that of a harmless URL nearly
/// always.
bool may_run(std::string_view value) {
  const char first = value.empty() ? '/' : html_lower(value.front());
  return first == 'j' || first == 'v' || first == 'd' || static_cast<unsigned char>(first) <= 0x20;
}

/// Turns tokens into what HtmlContent holds. Knows no tree: of the elements around it only what hides text.
class Reader final : public HtmlRawSink {
 public:
  Reader(std::string_view html, const HtmlIndex& index, HtmlContent& out)
      : html_(html), index_(index), out_(out) {}

  HtmlContentModel start_tag(const HtmlRawTag& tag) override;
  void end_tag(std::size_t name_begin, std::size_t name_end) override;
  void text(std::size_t begin, std::size_t end, HtmlContentModel model) override;
  void characters(std::string_view text, std::size_t at) override;
  void comment(std::size_t, std::size_t) override {}
  void doctype(const HtmlDoctype&) override {}
  void finish();

 private:
  std::string_view raw(std::size_t begin, std::size_t end) const { return html_.substr(begin, end - begin); }
  const HtmlElement& element_of(std::size_t name_begin, std::size_t name_end) const {
    return kHtmlElements[kHtmlElementNames.find(html_, name_begin, name_end)];
  }
  void start_special(const HtmlRawTag& tag, const HtmlElement& element);
  void update_visible() { visible_ = !in_hidden_ && !in_title_ && templates_ == 0; }
  void read_attributes(const HtmlRawTag& tag, const HtmlElement& element);
  void note_handler(const HtmlRawTag& tag, const HtmlRawAttribute& attribute);
  void note_references(const HtmlElement& element, const HtmlAttributeUse& use,
                       const HtmlRawAttribute& attribute, std::string_view value);
  void add_reference(const HtmlElement& element, const HtmlRawAttribute& attribute, std::string_view value,
                     UrlRange range);
  std::string_view value_of(const HtmlRawAttribute& attribute);
  const HtmlRawAttribute* find(const HtmlRawTag& tag, std::string_view name) const;

  std::string_view html_;
  const HtmlIndex& index_;
  HtmlContent& out_;
  HtmlText text_;
  HtmlText title_;
  std::vector<std::size_t> offsets_;  // in the raw value of each byte of the decoded one; empty: the same
  std::unordered_set<std::string> handlers_;  // names of the tag's on… attributes
  bool visible_ = true;                       // text is for readers: none of the following
  bool in_hidden_ = false;                    // inside an element whose content is raw text that nobody reads
  bool in_title_ = false;
  std::size_t templates_ = 0;  // that are open
  bool had_title_ = false;
  std::size_t drawings_ = 0;  // <svg> that are open: a <title> in there is not the document's
};

HtmlContentModel Reader::start_tag(const HtmlRawTag& tag) {
  const HtmlElement& element = element_of(tag.name_begin, tag.name_end);
  text_.separate(element.gap);
  if (!element.is_plain()) [[unlikely]]
    start_special(tag, element);
  if (!tag.attributes.empty()) read_attributes(tag, element);
  if (element.role == HtmlElement::Role::image && templates_ == 0) {
    if (const HtmlRawAttribute* alt = find(tag, "alt")) {
      text_.separate(HtmlText::Gap::space);
      text_.add(value_of(*alt));
      text_.separate(HtmlText::Gap::space);
    }
  }
  return element.model;
}

void Reader::start_special(const HtmlRawTag& tag, const HtmlElement& element) {
  using Role = HtmlElement::Role;
  if (element.active) out_.active.push_back({std::string(element.name) + " element", tag.offset});
  if (element.role == Role::meta) {
    const HtmlRawAttribute* const what = find(tag, "http-equiv");
    if (what != nullptr && iequals(trim(value_of(*what)), "refresh"))
      out_.active.push_back({"meta refresh", tag.offset});
  } else if (element.role == Role::link) {
    const HtmlRawAttribute* const relation = find(tag, "rel");
    const std::string words = relation == nullptr ? "" : ' ' + to_lower(value_of(*relation)) + ' ';
    const auto import = words.find("import");
    if (import != std::string::npos && is_html_space(words[import - 1]) && is_html_space(words[import + 6])) {
      out_.active.push_back({"link import", tag.offset});
    }
  }
  if (element.role == Role::fragment) ++templates_;
  if (element.role == Role::drawing && !tag.self_closing) ++drawings_;
  in_hidden_ = element.hidden;
  if (element.role == Role::title && !had_title_ && drawings_ == 0 && templates_ == 0) {
    in_title_ = had_title_ = true;
  }
  update_visible();
}

void Reader::end_tag(std::size_t name_begin, std::size_t name_end) {
  const HtmlElement& element = element_of(name_begin, name_end);
  text_.separate(element.gap);
  if (visible_ && element.is_plain()) [[likely]]
    return;
  in_hidden_ = in_title_ = false;
  if (element.role == HtmlElement::Role::fragment && templates_ > 0) --templates_;
  if (element.role == HtmlElement::Role::drawing && drawings_ > 0) --drawings_;
  update_visible();
}

/// A carriage return is white space like the line end that it is or belongs to.
void Reader::text(std::size_t begin, std::size_t end, HtmlContentModel model) {
  if (visible_ && model == HtmlContentModel::data) [[likely]]
    return text_.add(html_, index_, begin, end);
  if (begin == end || (!visible_ && !in_title_)) return;
  std::string decoded;
  append_html_text(raw(begin, end), false, decoded);
  characters(decoded, begin);
}

void Reader::characters(std::string_view text, std::size_t) {
  if (in_title_) {
    title_.add(text);
  } else if (visible_) {
    text_.add(text);
  }
}

void Reader::read_attributes(const HtmlRawTag& tag, const HtmlElement& element) {
  std::uint32_t seen = 0;  // of those in the table, by number: the first of a name wins (13.2.5.33)
  if (!handlers_.empty()) handlers_.clear();
  for (const HtmlRawAttribute& attribute : tag.attributes) {
    const std::size_t number = kHtmlAttributeNames.find(html_, attribute.name_begin, attribute.name_end);
    const HtmlAttributeUse& use = kHtmlAttributes[number];
    if (use.is_plain()) {
      note_handler(tag, attribute);
      continue;
    }
    const std::uint32_t bit = std::uint32_t{1} << number;
    if ((seen & bit) != 0) continue;
    seen |= bit;
    if (use.active) out_.active.push_back({std::string(use.name) + " attribute", tag.offset});
    const std::string_view value = value_of(attribute);
    if (use.url) {
      const std::string_view what = may_run(value) ? html_active_url(value) : std::string_view();
      if (!what.empty()) out_.active.push_back({std::string(what), tag.offset});
    }
    note_references(element, use, attribute, value);
  }
}

void Reader::note_handler(const HtmlRawTag& tag, const HtmlRawAttribute& attribute) {
  const std::string_view raw_name = raw(attribute.name_begin, attribute.name_end);
  if (raw_name.size() < 3 || html_lower(raw_name[0]) != 'o' || html_lower(raw_name[1]) != 'n') [[likely]]
    return;
  std::string name;
  append_html_text(raw_name, true, name);
  const auto [known, is_new] = handlers_.insert(std::move(name));
  // The name is the package's: short in a message, whatever it is.
  if (is_new) out_.active.push_back({truncate_utf8(*known, 60) + " attribute", tag.offset});
}

void Reader::note_references(const HtmlElement& element, const HtmlAttributeUse& use,
                             const HtmlRawAttribute& attribute, std::string_view value) {
  if ((element.references & use.references) == 0) return;
  if (use.references == HtmlElement::srcset) {
    for (const UrlRange& range : split_srcset(value)) add_reference(element, attribute, value, range);
    return;
  }
  UrlRange range{0, value.size()};
  while (range.begin < range.end && is_html_space(value[range.begin])) ++range.begin;
  while (range.begin < range.end && is_html_space(value[range.end - 1])) --range.end;
  if (range.begin < range.end) add_reference(element, attribute, value, range);
}

void Reader::add_reference(const HtmlElement& element, const HtmlRawAttribute& attribute,
                           std::string_view value, UrlRange range) {
  const auto place = [&](std::size_t at) {
    return attribute.value_begin + (offsets_.empty() ? at : offsets_[at]);
  };
  const auto kind = element.links ? HtmlReference::Kind::link : HtmlReference::Kind::resource;
  out_.references.push_back(
      {kind, value.substr(range.begin, range.end - range.begin), place(range.begin), place(range.end)});
}

/// Decoded, with its offsets_: a part of the body where it is written as it is meant.
std::string_view Reader::value_of(const HtmlRawAttribute& attribute) {
  const std::string_view value = raw(attribute.value_begin, attribute.value_end);
  offsets_.clear();
  const bool as_meant =
      value.find('&') == std::string_view::npos &&
      (!index_.has_special() || value.find_first_of(std::string_view("\r\0", 2)) == std::string_view::npos);
  if (as_meant) [[likely]]
    return value;
  return out_.decoded.emplace_back(decode_html_attribute(value, offsets_));
}

/// The first of the name; null where there is none.
const HtmlRawAttribute* Reader::find(const HtmlRawTag& tag, std::string_view name) const {
  const auto found = std::find_if(
      tag.attributes.begin(), tag.attributes.end(),
      [&](const HtmlRawAttribute& one) { return iequals(raw(one.name_begin, one.name_end), name); });
  return found == tag.attributes.end() ? nullptr : &*found;
}

void Reader::finish() {
  out_.text = text_.view();
  out_.title = title_.view();
}

}  // namespace

void HtmlContent::clear() {
  title.clear();
  text.clear();
  references.clear();
  active.clear();
  decoded.clear();
}

void read_html(std::string_view html, HtmlContent& out) {
  out.clear();
  HtmlTokenizer tokenizer;
  Reader reader(html, tokenizer.index(), out);
  tokenizer.run_raw(html, reader);
  reader.finish();
}

}  // namespace waybill::package
