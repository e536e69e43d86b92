#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace waybill::storage::sql {

/// Writes one JSON text from front to back, so that of what is only to be kept no tree is built. Texts are
/// UTF-8, and written as they are but for what JSON wants escaped. Whoever uses it closes what he has opened.
/// One thread.
class JsonWriter {
 public:
  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  /// In an object, before each value.
  JsonWriter& name(std::string_view name);
  JsonWriter& text(std::string_view value);
  JsonWriter& number(std::int64_t value);
  JsonWriter& boolean(bool value);

  /// The text; the writer is used up.
  std::string take() { return std::move(out_); }

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  void separate();
  void quote(std::string_view text);

  std::string out_;
  bool first_ = true;  // of an object, an array, or behind a name
};

}  // namespace waybill::storage::sql
