#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "http/message.h"
#include "http/server.h"

namespace waybill::api {

/// Every code that an answer can bear: the contract's table, section 1, and the few of HTTP itself that it
/// implies (408, 416, 431). A row: identifier, HTTP status, number, what it says where the place knows no
/// better, and the sentence for the person at the screen.
// clang-format off
#define WAYBILL_API_ERRORS(X) \
  X(not_json,            400, 100,   "The body is not JSON.",                        "The request could not be read. Please tell the person who maintains this program.") \
  X(unknown_parameter,   400, 101,   "A query parameter is not known.",              "The request has a setting that does not exist.") \
  X(missing_parameter,   400, 112,   "A query parameter is missing.",                "The request lacks a setting that is needed.") \
  X(invalid_value,       400, 152,   "A value is not valid.",                        "Something that was entered is not valid. Please check it and try again.") \
  X(limit_exceeded,      400, 10424, "Limit exceeded.",                              "Something that was entered is larger or later than is allowed.") \
  X(no_token,            401, 101,   "A valid access token is needed.",              "Please sign in again.") \
  X(not_allowed,         403, 178,   "The action is not allowed to this caller.",    "You are not allowed to do this.") \
  X(no_scope,            403, 197,   "The access token lacks a scope.",              "You are not allowed to do this. Please ask your administrator.") \
  X(not_found,           404, 100,   "There is nothing under this address.",         "What you are looking for does not exist.") \
  X(method_not_allowed,  405, 100,   "The method is not allowed here.",              "The request could not be read. Please tell the person who maintains this program.") \
  X(not_acceptable,      406, 100,   "No acceptable language or media type.",        "The answer cannot be given in the language or form that was asked for.") \
  X(too_slow,            408, 100,   "The request did not come in time.",            "The request took too long to arrive. Please try again.") \
  X(conflict,            409, 100,   "The job's state forbids it.",                  "This is no longer possible: the job has moved on.") \
  X(precondition,        412, 100,   "A precondition fails.",                        "This cannot be done for you as things stand. Please ask your administrator.") \
  X(body_too_large,      413, 100,   "The body is too large.",                       "What was sent is too large.") \
  X(unsupported_type,    415, 100,   "The body's media type is not supported.",      "The request could not be read. Please tell the person who maintains this program.") \
  X(range_unsatisfiable, 416, 100,   "The range lies outside of what is there.",     "There is nothing more to show yet.") \
  X(head_too_large,      431, 100,   "The request's head is too large.",             "The request could not be read. Please tell the person who maintains this program.") \
  X(too_many_requests,   429, 100,   "Too many requests.",                           "Too much is going on at the moment. Please try again later.") \
  X(internal,            500, 100,   "The server failed. Its log says why.",         "Something went wrong on the server. Please try again later.") \
  X(unavailable,         503, 100,   "The server cannot do this now. Try again.",    "The service is not available at the moment. Please try again later.")
// clang-format on

enum class Code : std::uint8_t {
#define X(id, status, number, message, user_message) id,
  WAYBILL_API_ERRORS(X)
#undef X
};

int http_status(Code code);
std::string code_text(Code code);  // "400-152"

/// One row of `details`.
struct Detail {
  std::string key;  // the path of a member ("dataSource.path"), a parameter's or header's name
  std::string value;
};

/// A refusal on its way to the client. Holds nothing of the server's insides.
struct ApiError {
  Code code = Code::internal;
  std::string message;  // empty: the table's
  std::vector<Detail> details = {};
  std::vector<std::pair<std::string, std::string>> headers = {};  // Allow, WWW-Authenticate, Retry-After
};

/// A value, or why there is none.
template <typename T>
class [[nodiscard]] Outcome {
 public:
  Outcome(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Outcome(ApiError error) : state_(std::in_place_index<1>, std::move(error)) {}
  bool ok() const { return state_.index() == 0; }
  T& operator*() { return std::get<0>(state_); }
  const T& operator*() const { return std::get<0>(state_); }
  T* operator->() { return &std::get<0>(state_); }
  ApiError& error() { return std::get<1>(state_); }

 private:
  std::variant<T, ApiError> state_;
};

/// The contract's one shape: at most 255 characters each, 30 rows. `request` (may be null) says whether
/// `userMessage` is wanted.
http::Response to_response(const ApiError& error, const http::Request* request);

/// What the HTTP layer refuses, in the same shape.
http::Response refusal(http::Refusal kind, const http::Request* request, const std::string& allow);

/// A domain error that is the server's own fault, or "not found", as the client may know it.
ApiError from_error(const Error& error);

/// Alike for what is not there and what may not be seen.
ApiError not_found(std::string_view what);
ApiError invalid_value(std::string message, std::string key, std::string value);

}  // namespace waybill::api
