#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "package/html_index.h"

namespace waybill::package {

/// How the tokenizer reads what follows (HTML Living Standard, 13.2.5.1 to 13.2.5.5, 13.2.5.69).
enum class HtmlContentModel : std::uint8_t { data, rcdata, rawtext, script, plaintext, cdata };

struct HtmlAttribute {
  std::string_view name;      // in lower case
  std::string_view value;     // decoded
  std::size_t raw_begin = 0;  // byte range of the value in the input, without quotes
  std::size_t raw_end = 0;
};

/// Valid only during the call that hands it over.
struct HtmlTag {
  std::string_view name;                  // in lower case
  std::vector<HtmlAttribute> attributes;  // in order; of those with one name only the first
  bool self_closing = false;
  std::size_t offset = 0;  // of its '<'
};

struct HtmlDoctype {
  std::string name;
  bool has_name = false;
  std::optional<std::string> public_id;
  std::optional<std::string> system_id;
  bool force_quirks = false;
};

/// Receives tokens. Text comes in as many runs as it likes.
class HtmlSink {
 public:
  virtual ~HtmlSink() = default;
  /// Says how what follows is read: what a tree builder would tell the tokenizer.
  virtual HtmlContentModel start_tag(const HtmlTag& tag) = 0;
  virtual void end_tag(const HtmlTag& tag) = 0;  // without attributes, which mean nothing there
  virtual void characters(std::string_view text) = 0;
  virtual void comment(std::string_view) {}
  virtual void doctype(const HtmlDoctype&) {}
};

/// An attribute as it stands in the input: byte ranges.
struct HtmlRawAttribute {
  std::size_t name_begin = 0, name_end = 0;
  std::size_t value_begin = 0, value_end = 0;  // without quotes
};

/// A start tag as it stands in the input.
struct HtmlRawTag {
  std::size_t offset = 0;  // of its '<'
  std::size_t name_begin = 0, name_end = 0;
  std::vector<HtmlRawAttribute> attributes;  // in order; all of them, whatever their names
  bool self_closing = false;
};

/// Receives tokens before anything is decoded, for who needs little of them: text and tags as places in the
/// input, in which line ends and NULs stand as they are.
class HtmlRawSink {
 public:
  virtual ~HtmlRawSink() = default;
  virtual HtmlContentModel start_tag(const HtmlRawTag& tag) = 0;
  virtual void end_tag(std::size_t name_begin, std::size_t name_end) = 0;
  /// Input from `begin` to `end`, which is content of the model. May be empty.
  virtual void text(std::size_t begin, std::size_t end, HtmlContentModel model) = 0;
  /// What a reference in the text stands for. `at` is its place.
  virtual void characters(std::string_view text, std::size_t at) = 0;
  virtual void comment(std::size_t begin, std::size_t end) = 0;
  virtual void doctype(const HtmlDoctype& doctype) = 0;
};

/// The tokenizer of the HTML Living Standard (13.2.5) over bytes, taken as UTF-8 without a check. Its states
/// are grouped into what they read: text, tags, comments, doctypes, scripts. No byte is looked at more than a
/// fixed number of times. One thread; reusable.
class HtmlTokenizer {
 public:
  /// `last_start_tag` is the element that `initial` is the content of, where it is one.
  void run(std::string_view html, HtmlSink& sink, HtmlContentModel initial = HtmlContentModel::data,
           std::string_view last_start_tag = {});
  /// The same, raw. In html_tokenizer_run.h, so that a final sink's calls need not be virtual.
  template <typename RawSink>
  void run_raw(std::string_view html, RawSink& sink, HtmlContentModel initial = HtmlContentModel::data,
               std::string_view last_start_tag = {});
  /// Bytes looked at in the last run, as often as that was: shows that it is linear.
  std::uint64_t steps() const { return steps_ + index_.steps(); }
  /// Of the input of this run.
  const HtmlIndex& index() const { return index_; }

 private:
  void start(std::string_view html, HtmlRawSink& sink, HtmlContentModel initial,
             std::string_view last_start_tag);

  // What a page is made of, in html_tokenizer_run.h.
  static constexpr std::size_t kShortestTag = 3;  // <a>
  static constexpr std::size_t kNone = ~std::size_t{0};
  template <typename RawSink>
  void read_data(RawSink& sink);
  template <typename RawSink>
  std::size_t read_start_tag(std::size_t less, RawSink& sink);
  template <typename RawSink>
  std::size_t read_end_tag(std::size_t less, RawSink& sink);
  std::size_t read_tag(std::size_t name);
  std::size_t read_attributes(std::size_t at);
  std::size_t read_attribute(std::size_t at);
  std::size_t read_value(std::size_t at, HtmlRawAttribute& attribute);

  // What is rare. Each leaves at_ behind what it has read; those that give a bool: whether the end tag stands
  // there that ends the element's text.
  std::size_t read_references(std::size_t at, std::size_t end);
  std::size_t read_markup(std::size_t at);
  bool read_until_end_tag(bool references);
  bool read_script();
  void read_cdata();
  void read_declaration();
  void read_comment();
  void read_bogus_comment();
  void read_doctype();
  void read_doctype_ids(HtmlDoctype& doctype);
  bool read_doctype_string(std::optional<std::string>& out);
  void end_doctype(HtmlDoctype& doctype, bool quirks);
  void keep_last_start_tag();

  bool at_end() const { return at_ >= html_.size(); }
  bool looking_at(std::size_t at, std::string_view lower_case);
  bool is_end_tag(std::size_t at);
  void skip_space();
  std::size_t find(std::string_view what, std::size_t from);

  std::string_view html_;
  HtmlRawSink* sink_ = nullptr;
  HtmlIndex index_;
  std::size_t at_ = 0;
  std::size_t ampersand_ =
      0;  // the next '&' of those at or behind at_, unless it is before at_: then not known
  HtmlContentModel model_ = HtmlContentModel::data;
  std::string last_start_tag_;  // the element whose text is read
  HtmlRawTag tag_;
  std::uint64_t steps_ = 0;
};

/// Input as the tokenizer gives it out: line ends as LF, U+FFFD for NUL.
void append_html_text(std::string_view raw, bool lower_case, std::string& out);

/// The value of an attribute, decoded as the tokenizer does, with the offset in `raw` of each byte (and of
/// the end).
std::string decode_html_attribute(std::string_view raw, std::vector<std::size_t>& offsets);

constexpr bool is_html_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

inline char html_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

// With the carriage return: the input stream is normalised before it is tokenized (13.2.3.5).
inline bool is_html_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\f' || c == '\r';
}

}  // namespace waybill::package
