#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "package/html.h"
#include "package/html_tokenizer.h"

namespace waybill::package {

/// What the reader must know of an element. One that is not in the table is inline, visible and harmless.
struct HtmlElement {
  enum class Layout : std::uint8_t { inlined, cell, block };

  std::string_view name;
  Layout layout = Layout::inlined;
  HtmlContentModel model = HtmlContentModel::data;  // of its content
  bool hidden = false;                              // its content is not for readers
  bool active = false;                              // a browser runs it or what it loads
};

/// `name` in lower case. Never null.
const HtmlElement& html_element(std::string_view name);

/// What the attribute of an element refers to by a URL, or nullopt (contract, section 3, References).
std::optional<HtmlReference::Kind> html_reference(std::string_view element, std::string_view attribute);

/// "javascript: URL" and the like where a browser would run the value of this attribute; empty otherwise.
/// `value` is decoded.
std::string_view html_active_url(std::string_view attribute, std::string_view value);

}  // namespace waybill::package
