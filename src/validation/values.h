#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

// Inside validation/ alone: single values of the contract, and in words what is wrong with one.

namespace waybill::validation {

struct Problem {
  std::string message;
  std::string advice;  // may be empty
};

/// "Parent/Child": no '/' at its ends, no empty names, each name of at most 255 characters, at most 20 deep.
std::optional<Problem> folder_path_problem(std::string_view path);

/// A path of an article's HTML file, relative to articles/: names between single '/', no "..", ".html",
/// ".htm" or ".xhtml" in either case at its end. A name "." is allowed but at the end.
std::optional<Problem> content_path_problem(std::string_view path);
/// Likewise of an attachment: below resources/.
std::optional<Problem> attachment_path_problem(std::string_view path);
/// A path that has neither problem, with the names "." taken out.
std::string without_dots(std::string_view path);

/// At most 255 characters, none of Unicode white space and <>`,.?;&"'!/+ . Empty means that there is none.
std::optional<Problem> macro_problem(std::string_view macro);

/// http or https, with a host, at most 2000 characters, without white space, control characters and <>"\ .
std::optional<Problem> image_url_problem(std::string_view url);

/// One of languages() or an older spelling of one.
std::optional<Problem> language_problem(std::string_view code);

/// YYYY-MM-DDThh:mm:ss[.mmm]Z, nothing else, and a date that exists.
std::optional<Time> strict_date(std::string_view text);
/// What is wrong with a text that is no strict_date.
Problem date_problem(std::string_view text);

}  // namespace waybill::validation
