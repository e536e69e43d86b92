#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace waybill {

/// What went wrong, coarse enough to act on. Where a table of the contract needs more, it keeps its own
/// codes.
enum class ErrorCode {
  invalid_argument,   // the caller's input must change
  not_found,          // the thing named is not there
  already_exists,     // the thing named is there, and must not be
  permission_denied,  // the operating system or the operator's settings forbid it
  conflict,           // the state of the thing forbids it
  limit_exceeded,     // a limit of the contract or of the settings
  corrupt,            // bytes that are not what they claim to be
  cancelled,          // somebody asked for it to stop
  lease_lost,         // another worker owns the job now
  timeout,            // gave up waiting
  unavailable,        // a peer, the network or the database is away
  no_space,           // disk full
  io,                 // the operating system failed at reading or writing
  internal,           // a defect of ours
};

/// The code in words for logs: "not_found".
std::string_view to_string(ErrorCode code);

/// An error is a value. `message` is one sentence for people: what was expected, what was found, where, what
/// to do. It never holds a secret, and may be shown to a client. `detail` is for the operator's log alone.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;
  std::string detail = {};

  /// True where the same call may well succeed later with nothing changed (network, time-out, disk full,
  /// database away), false where the input must change.
  bool retryable() const;
  /// True where another machine was not reached or did not answer (unavailable, timeout): it may come back.
  bool away() const { return code == ErrorCode::unavailable || code == ErrorCode::timeout; }
};

/// Makes an Error from errno of the call that just failed: the code fits the errno, the message is
/// "WHAT: the system's words", e.g. "cannot open /a/b: No such file or directory".
Error errno_error(std::string_view what, int error_number);

/// A value or an Error. Exceptions are only for defects; no function that returns Result throws for bad
/// input.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  /// Only where ok().
  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  /// Only where not ok().
  Error& error() & { return std::get<1>(state_); }
  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  Error& error() & { return *error_; }
  const Error& error() const& { return *error_; }
  Error&& error() && { return std::move(*error_); }

 private:
  std::optional<Error> error_;
};

#define WAYBILL_CONCAT_(a, b) a##b
#define WAYBILL_CONCAT(a, b) WAYBILL_CONCAT_(a, b)

/// WB_TRY(auto file, open(path)): declares `file`, or returns the error from the enclosing function.
#define WB_TRY(declaration, expression) WB_TRY_(declaration, expression, WAYBILL_CONCAT(wb_try_, __LINE__))
#define WB_TRY_(declaration, expression, name)      \
  auto name = (expression);                         \
  if (!(name).ok()) return std::move(name).error(); \
  declaration = std::move(name).value()

/// WB_CHECK_OK(close(file)): returns the error from the enclosing function, goes on otherwise.
#define WB_CHECK_OK(expression) \
  if (auto wb_result = (expression); !wb_result.ok()) return std::move(wb_result).error()

}  // namespace waybill
