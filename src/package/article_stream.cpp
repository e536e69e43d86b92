#include "package/article_stream.h"

#include <algorithm>

#include "base/text.h"
#include "package/json_parser.h"
#include "package/json_scanner.h"

namespace waybill::package {

namespace {

using report::Rule;

class Stream final : public ArticleStream {
 public:
  Stream(std::unique_ptr<ByteStream> bytes, const Limits& limits)
      : scanner_(std::move(bytes), limits.article_json_bytes, limits.json_depth),
        max_depth_(limits.json_depth) {}

  /// Up to the first character, which tells the two forms apart.
  Result<void> start();
  Result<std::optional<ArticleText>> next() override;
  const std::optional<JsonDefect>& defect() const override { return defect_; }
  const std::vector<OtherMember>& other_members() const override { return other_members_; }
  std::string_view pointer_prefix() const override { return wrapped_ ? "/articles" : ""; }

 private:
  enum class Place { start, first_member, after_member, first_article, after_article, tail, end };

  // A step each; they set place_ or defect_.
  Result<void> step();
  Result<void> begin_file(char c);
  Result<void> between_members(char c);
  Result<void> between_articles(char c);
  Result<void> read_member();
  Result<void> begin_articles(const OtherMember& member);
  Result<void> skip_value(const std::string& name);
  Result<std::optional<ArticleText>> read_article();

  Result<std::optional<OtherMember>> read_name();
  Result<void> fail(const std::string& expected);
  void fail_at(Rule rule, std::string message, Position position);
  void fail_in(JsonScanner::Cut cut);

  JsonScanner scanner_;
  JsonReader reader_;
  int max_depth_;
  bool wrapped_ = false;
  Place place_ = Place::start;
  bool article_next_ = false;
  std::uint64_t index_ = 0;
  std::optional<Position> articles_at_;
  std::vector<OtherMember> other_members_;
  std::optional<JsonDefect> defect_;
};

bool begins_value(char c) {
  return c != ',' && c != ':' && c != ']' && c != '}' && c != '\0';
}

std::string in_words(const Position& position) {
  return "line " + std::to_string(position.line) + ", column " + std::to_string(position.column);
}

Result<void> Stream::start() {
  WB_CHECK_OK(scanner_.skip_byte_order_mark());
  WB_TRY(const char c, scanner_.peek());
  wrapped_ = c != '[';
  return {};
}

Result<std::optional<ArticleText>> Stream::next() {
  while (!defect_ && place_ != Place::end) {
    if (article_next_) return read_article();
    WB_CHECK_OK(step());
  }
  return std::optional<ArticleText>();
}

Result<void> Stream::step() {
  WB_TRY(const char c, scanner_.peek());
  switch (place_) {
    case Place::start:
      return begin_file(c);
    case Place::first_member:
    case Place::after_member:
      return between_members(c);
    case Place::first_article:
    case Place::after_article:
      return between_articles(c);
    case Place::tail:
      if (!scanner_.at_end()) return fail("expected nothing more after the end of the JSON text");
      place_ = Place::end;
      break;
    case Place::end:
      break;
  }
  return {};
}

Result<void> Stream::begin_file(char c) {
  if (c == '[') {
    scanner_.take();
    place_ = Place::first_article;
  } else if (c == '{') {
    scanner_.take();
    place_ = Place::first_member;
  } else {
    WB_CHECK_OK(fail(R"(expected {"articles": [ … ]})"));
    // A whole JSON value of another kind is well-formed: it is only not what is expected.
    if (c == '"' || c == '-' || (c >= '0' && c <= '9')) defect_->rule = Rule::articles_structure;
  }
  return {};
}

Result<void> Stream::between_members(char c) {
  if (c == '}') {
    if (!articles_at_) {
      fail_at(Rule::articles_structure, R"(expected a member "articles" in the object, found none)",
              scanner_.position());
      return {};
    }
    scanner_.take();
    place_ = Place::tail;
    return {};
  }
  if (place_ == Place::first_member) return read_member();
  if (c != ',') return fail("expected ',' or '}' after a member of the object");
  const Position comma = scanner_.position();
  scanner_.take();
  WB_TRY(const char after, scanner_.peek());
  if (after != '}') return read_member();
  fail_at(Rule::json_syntax, "a comma before '}': JSON has no trailing commas", comma);
  return {};
}

Result<void> Stream::read_member() {
  WB_TRY(const auto member, read_name());
  if (!member) return {};
  WB_TRY(const char colon, scanner_.peek());
  if (colon != ':') return fail("expected ':' after \"" + truncate_utf8(member->name, 60) + '"');
  scanner_.take();
  if (member->name == "articles") return begin_articles(*member);
  const auto same = std::find_if(other_members_.begin(), other_members_.end(),
                                 [&](const OtherMember& other) { return other.name == member->name; });
  if (same != other_members_.end()) {
    fail_at(Rule::json_duplicate_member,
            "the member \"" + truncate_utf8(member->name, 60) + "\" stands twice in one object, first at " +
                in_words(same->position),
            member->position);
    return {};
  }
  if (other_members_.size() == kOtherMembers) {
    fail_at(Rule::articles_structure,
            "more than " + std::to_string(kOtherMembers) + R"( members beside "articles" in the object)",
            member->position);
    return {};
  }
  other_members_.push_back(*member);
  return skip_value(member->name);
}

Result<std::optional<OtherMember>> Stream::read_name() {
  std::optional<OtherMember> member;
  WB_TRY(const char quote, scanner_.peek());
  if (quote != '"') {
    WB_CHECK_OK(fail("expected a member's name in double quotes"));
    return member;
  }
  WB_TRY(auto cut, scanner_.cut());
  if (cut.broken || cut.too_large) {
    fail_in(std::move(cut));
    return member;
  }
  const Position start = cut.start;
  const auto outcome = reader_.read(std::move(cut.text), start, max_depth_);
  if (outcome.document) {
    member = OtherMember{std::string(outcome.document->root().text), start};
  } else {
    defect_ = outcome.defect;
  }
  return member;
}

Result<void> Stream::begin_articles(const OtherMember& member) {
  if (articles_at_) {
    fail_at(Rule::json_duplicate_member,
            R"(the member "articles" stands twice in one object, first at )" + in_words(*articles_at_),
            member.position);
    return {};
  }
  articles_at_ = member.position;
  WB_TRY(const char c, scanner_.peek());
  if (c != '[') {
    WB_CHECK_OK(fail(R"(expected an array as the value of "articles")"));
    if (begins_value(c)) defect_->rule = Rule::articles_structure;
    return {};
  }
  scanner_.take();
  place_ = Place::first_article;
  return {};
}

Result<void> Stream::skip_value(const std::string& name) {
  WB_TRY(const char c, scanner_.peek());
  if (!begins_value(c)) return fail("expected a value for \"" + truncate_utf8(name, 60) + '"');
  WB_TRY(auto cut, scanner_.cut());
  if (cut.broken) {
    fail_in(std::move(cut));
  } else if (!cut.too_large) {
    const Position start = cut.start;
    auto outcome = reader_.read(std::move(cut.text), start, max_depth_);
    if (!outcome.document) defect_ = std::move(outcome.defect);
  }
  place_ = Place::after_member;
  return {};
}

Result<void> Stream::between_articles(char c) {
  if (c == ']') {
    scanner_.take();
    place_ = wrapped_ ? Place::after_member : Place::tail;
    return {};
  }
  if (place_ == Place::after_article) {
    if (c != ',') return fail("expected ',' or ']' after article " + std::to_string(index_ - 1));
    const Position comma = scanner_.position();
    scanner_.take();
    WB_TRY(const char after, scanner_.peek());
    if (after == ']') {
      fail_at(Rule::json_syntax, "a comma before ']': JSON has no trailing commas", comma);
      return {};
    }
    c = after;
  }
  if (!begins_value(c)) return fail("expected article " + std::to_string(index_));
  article_next_ = true;
  return {};
}

Result<std::optional<ArticleText>> Stream::read_article() {
  article_next_ = false;
  place_ = Place::after_article;
  WB_TRY(auto cut, scanner_.cut());
  if (cut.broken) {
    fail_in(std::move(cut));
    return std::optional<ArticleText>();
  }
  WB_TRY(const char after, scanner_.peek());
  if (after != ',' && after != ']' && !cut.too_large) {
    // What follows does not belong there: most likely because of something wrong inside the article.
    auto outcome = reader_.read(cut.text, cut.start, max_depth_);
    if (!outcome.document && outcome.defect.rule == Rule::json_syntax) {
      defect_ = std::move(outcome.defect);
      return std::optional<ArticleText>();
    }
  }
  ArticleText article;
  article.index = index_++;
  article.text = std::move(cut.text);
  article.start = cut.start;
  article.too_large = cut.too_large;
  return std::optional<ArticleText>(std::move(article));
}

/// "EXPECTED, found …" at the character that peek() returned.
Result<void> Stream::fail(const std::string& expected) {
  const Position position = scanner_.position();
  WB_TRY(const std::string_view bytes, scanner_.ahead());
  if (!bytes.empty() && first_invalid_utf8(bytes) == 0U) {
    fail_at(Rule::json_encoding, "expected UTF-8, found the byte 0x" + hex_encode(bytes.substr(0, 1)),
            position);
  } else {
    const std::string found = bytes.empty() ? "the end of the file" : describe_json_at(bytes, 0);
    fail_at(Rule::json_syntax, expected + ", found " + found, position);
  }
  return {};
}

void Stream::fail_at(Rule rule, std::string message, Position position) {
  defect_ = JsonDefect{rule, std::move(message), position};
}

/// A value that does not end as it should: the parser knows the first place where it goes wrong.
void Stream::fail_in(JsonScanner::Cut cut) {
  if (!cut.too_large) {
    auto outcome = reader_.read(std::move(cut.text), cut.start, max_depth_);
    if (!outcome.document) {
      defect_ = std::move(outcome.defect);
      return;
    }
  }
  fail_at(
      cut.broken ? Rule::json_syntax : Rule::json_size,
      cut.broken ? "the end of the value that begins here is missing" : "a member's name that is too long",
      cut.start);
}

}  // namespace

Result<std::unique_ptr<ArticleStream>> ArticleStream::open(const FileTree& files, FileIndex file,
                                                           const Limits& limits, const Context& context) {
  if (files.size(file) > limits.json_file_bytes) {
    return Error{ErrorCode::limit_exceeded, std::string(files.path(file)) + " has " +
                                                std::to_string(files.size(file)) + " bytes, at most " +
                                                std::to_string(limits.json_file_bytes) + " are allowed"};
  }
  WB_TRY(auto bytes, files.stream(file, context));
  auto stream = std::make_unique<Stream>(std::move(bytes), limits);
  WB_CHECK_OK(stream->start());
  return std::unique_ptr<ArticleStream>(std::move(stream));
}

}  // namespace waybill::package
