#include "api/text_diff.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "base/text.h"

namespace waybill::api {

namespace {

using Op = TextDiff::Op;
using Tokens = std::vector<std::string_view>;

constexpr std::size_t kContext = 3;          // equal lines shown around a difference
constexpr std::ptrdiff_t kFarthest = 1'000;  // steps of the script that are looked for: time and memory grow
                                             // with their square
constexpr std::size_t kMostBytes = 1 << 20;  // of text shown
constexpr std::size_t kEqualWordBytes = 160;

struct Step {
  Op op = Op::equal;
  std::size_t before = 0, after = 0;  // places of the tokens
};

Tokens lines_of(std::string_view text) {
  Tokens lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (lines.back().ends_with('\r')) lines.back().remove_suffix(1);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return lines;
}

int kind_of(char c) {
  const auto byte = static_cast<unsigned char>(c);
  if (byte >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return 1;
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' ? 2 : 0;
}

/// Runs of letters and digits, runs of white space, and each other character by itself.
Tokens words_of(std::string_view text) {
  Tokens words;
  for (std::size_t at = 0; at < text.size();) {
    const int kind = kind_of(text[at]);
    std::size_t end = at + 1;
    while (kind != 0 && end < text.size() && kind_of(text[end]) == kind) ++end;
    words.push_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

/// Equal tokens have equal numbers, so that they compare at once.
class Numbers {
 public:
  std::vector<std::uint32_t> of(const Tokens& tokens) {
    std::vector<std::uint32_t> numbers;
    numbers.reserve(tokens.size());
    for (const auto token : tokens) {
      numbers.push_back(known_.try_emplace(token, static_cast<std::uint32_t>(known_.size())).first->second);
    }
    return numbers;
  }

 private:
  std::unordered_map<std::string_view, std::uint32_t> known_;
};

using Ids = std::vector<std::uint32_t>;

/// How far along each diagonal one gets with 0, 1, 2 … steps; the last row reaches the end, if any does.
std::vector<std::vector<std::ptrdiff_t>> furthest(const Ids& a, const Ids& b, bool& reached) {
  const auto n = static_cast<std::ptrdiff_t>(a.size()), m = static_cast<std::ptrdiff_t>(b.size());
  std::vector<std::vector<std::ptrdiff_t>> rows;
  reached = false;
  for (std::ptrdiff_t d = 0; d <= std::min(n + m, kFarthest); ++d) {
    std::vector<std::ptrdiff_t> row(static_cast<std::size_t>(2 * d + 1), -1);
    for (std::ptrdiff_t k = -d; k <= d; k += 2) {
      const auto last = [&](std::ptrdiff_t diagonal) -> std::ptrdiff_t {
        if (d == 0 || diagonal < -(d - 1) || diagonal > d - 1) return -1;
        return rows.back()[static_cast<std::size_t>(diagonal + d - 1)];
      };
      std::ptrdiff_t x = d == 0 ? 0 : std::max(last(k - 1) + 1, last(k + 1));
      std::ptrdiff_t y = x - k;
      if (x < 0 || y < 0 || x > n || y > m) {  // beyond an edge: nothing goes on from here
        row[static_cast<std::size_t>(k + d)] = -2;
        continue;
      }
      while (x < n && y < m && a[static_cast<std::size_t>(x)] == b[static_cast<std::size_t>(y)]) ++x, ++y;
      row[static_cast<std::size_t>(k + d)] = x;
      if (x == n && y == m) reached = true;
    }
    rows.push_back(std::move(row));
    if (reached) break;
  }
  return rows;
}

/// The script between a and b, which share neither beginning nor end.
void script(const Ids& a, const Ids& b, std::size_t offset, std::vector<Step>& steps) {
  bool reached = false;
  const auto rows = furthest(a, b, reached);
  if (!reached) {
    for (std::size_t i = 0; i < a.size(); ++i) steps.push_back({Op::removed, offset + i, 0});
    for (std::size_t i = 0; i < b.size(); ++i) steps.push_back({Op::inserted, 0, offset + i});
    return;
  }
  std::vector<Step> back;
  auto x = static_cast<std::ptrdiff_t>(a.size()), y = static_cast<std::ptrdiff_t>(b.size());
  const auto place = [&](std::ptrdiff_t at) { return offset + static_cast<std::size_t>(at); };
  for (auto d = static_cast<std::ptrdiff_t>(rows.size()) - 1; d > 0; --d) {
    const auto& row = rows[static_cast<std::size_t>(d - 1)];
    const std::ptrdiff_t k = x - y;
    const auto last = [&](std::ptrdiff_t diagonal) -> std::ptrdiff_t {
      if (diagonal < -(d - 1) || diagonal > d - 1) return -1;
      return row[static_cast<std::size_t>(diagonal + d - 1)];
    };
    const bool down = last(k + 1) >= last(k - 1) + 1;  // an insertion came last
    const std::ptrdiff_t from_x = down ? last(k + 1) : last(k - 1);
    const std::ptrdiff_t from_y = from_x - (down ? k + 1 : k - 1);
    while (x > from_x + (down ? 0 : 1) && y > from_y + (down ? 1 : 0)) {
      --x, --y;
      back.push_back({Op::equal, place(x), place(y)});
    }
    back.push_back(down ? Step{Op::inserted, 0, place(y - 1)} : Step{Op::removed, place(x - 1), 0});
    x = from_x;
    y = from_y;
  }
  for (; x > 0 && y > 0; --x, --y) back.push_back({Op::equal, place(x - 1), place(y - 1)});
  steps.insert(steps.end(), back.rbegin(), back.rend());
}

std::vector<Step> steps_between(const Tokens& before, const Tokens& after) {
  Numbers numbers;
  Ids a = numbers.of(before), b = numbers.of(after);
  std::size_t same = 0;
  while (same < std::min(a.size(), b.size()) && a[same] == b[same]) ++same;
  std::size_t tail = 0;
  while (tail < std::min(a.size(), b.size()) - same && a[a.size() - 1 - tail] == b[b.size() - 1 - tail])
    ++tail;
  std::vector<Step> steps;
  for (std::size_t i = 0; i < same; ++i) steps.push_back({Op::equal, i, i});
  script({a.begin() + static_cast<std::ptrdiff_t>(same), a.end() - static_cast<std::ptrdiff_t>(tail)},
         {b.begin() + static_cast<std::ptrdiff_t>(same), b.end() - static_cast<std::ptrdiff_t>(tail)}, same,
         steps);
  for (std::size_t i = 0; i < tail; ++i)
    steps.push_back({Op::equal, a.size() - tail + i, b.size() - tail + i});
  return steps;
}

void add_equal(std::vector<TextDiff::Word>& words, std::string_view text) {
  constexpr std::size_t kEnd = kEqualWordBytes / 2;
  if (text.size() <= kEqualWordBytes) {
    words.push_back({Op::equal, std::string(text), 0});
    return;
  }
  const std::string head(truncate_utf8(text, kEnd));
  std::size_t tail = text.size() - kEnd;
  while (tail < text.size() && (static_cast<unsigned char>(text[tail]) & 0xC0U) == 0x80U) ++tail;
  words.push_back({Op::equal, head, 0});
  words.push_back({Op::skip, {}, utf8_length(text.substr(head.size(), tail - head.size()))});
  words.push_back({Op::equal, std::string(text.substr(tail)), 0});
}

/// Neighbouring words with the same fate as one.
std::vector<TextDiff::Word> words_between(std::string_view before, std::string_view after) {
  const Tokens a = words_of(before), b = words_of(after);
  std::vector<TextDiff::Word> words;
  std::string removed, inserted, equal;
  const auto end_change = [&] {
    if (!removed.empty()) words.push_back({Op::removed, std::exchange(removed, {}), 0});
    if (!inserted.empty()) words.push_back({Op::inserted, std::exchange(inserted, {}), 0});
  };
  const auto end_equal = [&] {
    if (!equal.empty()) add_equal(words, std::exchange(equal, {}));
  };
  for (const Step& step : steps_between(a, b)) {
    if (step.op == Op::equal) {
      end_change();
      equal += a[step.before];
      continue;
    }
    end_equal();
    if (step.op == Op::removed) removed += a[step.before];
    if (step.op == Op::inserted) inserted += b[step.after];
  }
  end_change();
  end_equal();
  return words;
}

class Builder {
 public:
  Builder(const Tokens& before, const Tokens& after) : before_(before), after_(after) {}
  TextDiff build(const std::vector<Step>& steps);

 private:
  void change(const std::vector<std::size_t>& removed, const std::vector<std::size_t>& inserted);
  void equal_run(const std::vector<Step>& run, bool first, bool last);
  void add(TextDiff::Line line, std::size_t bytes);

  const Tokens& before_;
  const Tokens& after_;
  TextDiff diff_;
  std::size_t bytes_ = 0;
};

void Builder::add(TextDiff::Line line, std::size_t bytes) {
  if (bytes_ + bytes > kMostBytes) {
    diff_.truncated = true;
    return;
  }
  bytes_ += bytes;
  diff_.lines.push_back(std::move(line));
}

/// The first line taken out and the first put in are one that was changed, and so on.
void Builder::change(const std::vector<std::size_t>& removed, const std::vector<std::size_t>& inserted) {
  const std::size_t both = std::min(removed.size(), inserted.size());
  for (std::size_t i = 0; i < both; ++i) {
    const auto a = before_[removed[i]], b = after_[inserted[i]];
    if (bytes_ + a.size() + b.size() > 2 * kMostBytes) {
      diff_.truncated = true;
      return;
    }
    TextDiff::Line line{Op::replace, removed[i] + 1, inserted[i] + 1, {}, words_between(a, b), 0};
    std::size_t bytes = 0;
    for (const auto& word : line.words) bytes += word.text.size();
    add(std::move(line), bytes);
  }
  for (std::size_t i = both; i < removed.size(); ++i) {
    add({Op::removed, removed[i] + 1, 0, std::string(before_[removed[i]]), {}, 0},
        before_[removed[i]].size());
  }
  for (std::size_t i = both; i < inserted.size(); ++i) {
    add({Op::inserted, 0, inserted[i] + 1, std::string(after_[inserted[i]]), {}, 0},
        after_[inserted[i]].size());
  }
}

void Builder::equal_run(const std::vector<Step>& run, bool first, bool last) {
  const std::size_t head = first ? 0 : std::min(kContext, run.size());
  const std::size_t tail = last ? 0 : std::min(kContext, run.size() - head);
  const auto show = [&](const Step& step) {
    add({Op::equal, step.before + 1, step.after + 1, std::string(before_[step.before]), {}, 0},
        before_[step.before].size());
  };
  for (std::size_t i = 0; i < head; ++i) show(run[i]);
  const std::size_t skipped = run.size() - head - tail;
  if (skipped > 0) add({Op::skip, run[head].before + 1, run[head].after + 1, {}, {}, skipped}, 0);
  for (std::size_t i = run.size() - tail; i < run.size(); ++i) show(run[i]);
}

TextDiff Builder::build(const std::vector<Step>& steps) {
  for (std::size_t at = 0; at < steps.size();) {
    if (steps[at].op == Op::equal) {
      const std::size_t start = at;
      std::vector<Step> run;
      while (at < steps.size() && steps[at].op == Op::equal) run.push_back(steps[at++]);
      equal_run(run, start == 0, at == steps.size());
      continue;
    }
    std::vector<std::size_t> removed, inserted;
    for (; at < steps.size() && steps[at].op != Op::equal; ++at) {
      if (steps[at].op == Op::removed) removed.push_back(steps[at].before);
      if (steps[at].op == Op::inserted) inserted.push_back(steps[at].after);
    }
    change(removed, inserted);
  }
  return std::move(diff_);
}

}  // namespace

std::string_view to_string(TextDiff::Op op) {
  static constexpr std::string_view kNames[] = {"equal", "delete", "insert", "replace", "skip"};
  return kNames[static_cast<std::size_t>(op)];
}

TextDiff diff_texts(std::string_view before, std::string_view after) {
  if (before == after) return {};
  const Tokens a = lines_of(before), b = lines_of(after);
  return Builder(a, b).build(steps_between(a, b));
}

}  // namespace waybill::api
