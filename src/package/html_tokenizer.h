#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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
  virtual void end_tag(const HtmlTag& tag) = 0;
  virtual void characters(std::string_view text) = 0;
  virtual void comment(std::string_view) {}
  virtual void doctype(const HtmlDoctype&) {}
};

/// The tokenizer of the HTML Living Standard (13.2.5) over bytes, taken as UTF-8 without a check. Its states
/// are grouped into what they read: text, tags, comments, doctypes, scripts. No byte is looked at more than a
/// fixed number of times. One thread; reusable.
class HtmlTokenizer {
 public:
  /// `last_start_tag` is the element that `initial` is the content of, where it is one.
  void run(std::string_view html, HtmlSink& sink, HtmlContentModel initial = HtmlContentModel::data,
           std::string_view last_start_tag = {});
  /// Bytes looked at in the last run, as often as that was: shows that it is linear.
  std::uint64_t steps() const { return steps_; }

 private:
  struct PendingAttribute {
    std::size_t name_begin, name_end, value_end;  // in scratch_
    std::size_t raw_begin, raw_end;
  };
  /// Where a byte stands next, remembered until it is passed: asking again and again costs nothing.
  struct NextByte {
    char byte;
    std::size_t at = 0;
    bool known = false;
  };

  // Each reads one construct and leaves at_ behind it.
  void read_data(bool references);
  void read_until_end_tag(bool references);
  void read_script();
  void read_cdata();
  void read_markup();
  void read_declaration();
  void read_comment();
  void read_bogus_comment();
  void read_doctype();
  void read_doctype_ids(HtmlDoctype& doctype);
  bool read_doctype_string(std::optional<std::string>& out);
  void end_doctype(HtmlDoctype& doctype, bool quirks);
  void read_tag(std::size_t begin, bool is_end);
  bool read_attributes(bool& self_closing);
  bool read_attribute();
  bool read_attribute_value(PendingAttribute& attribute);
  void collect_attributes();
  void drop_duplicates();

  void emit_reference();
  void emit_text(std::size_t begin, std::size_t end, bool keep_nul);
  void append(std::size_t begin, std::size_t end, bool lower, std::string& out);
  void append_decoded(std::size_t begin, std::size_t end, std::string& out);
  bool at_end() const { return at_ >= html_.size(); }
  bool looking_at(std::size_t at, std::string_view lower_case);
  bool is_end_tag(std::size_t at);
  void skip_space();
  std::size_t find(std::string_view what, std::size_t from);
  std::size_t next(NextByte& byte, std::size_t from);

  std::string_view html_;
  HtmlSink* sink_ = nullptr;
  std::size_t at_ = 0;
  HtmlContentModel model_ = HtmlContentModel::data;
  std::string last_start_tag_;
  bool has_special_ = false;  // a carriage return or a NUL anywhere: text must be copied
  NextByte less_{'<'};
  NextByte ampersand_{'&'};
  std::string scratch_;  // name and attributes of the tag being read
  std::vector<PendingAttribute> pending_;
  HtmlTag tag_;
  std::vector<std::size_t> order_;
  std::uint64_t steps_ = 0;
};

/// The value of an attribute, decoded as the tokenizer does, with the offset in `raw` of each byte (and of
/// the end).
std::string decode_html_attribute(std::string_view raw, std::vector<std::size_t>& offsets);

bool is_html_space(char c);

}  // namespace waybill::package
