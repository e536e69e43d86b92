#pragma once

#include <string_view>

namespace waybill::auth {

/// True where in an object of this JSON, at any depth, a name stands twice (after its escapes are read), or
/// where it is no JSON: a parser that makes a tree keeps the last of two and says nothing.
bool has_name_twice(std::string_view text);

}  // namespace waybill::auth
