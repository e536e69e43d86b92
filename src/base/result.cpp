#include "base/result.h"

#include <cerrno>
#include <system_error>

namespace waybill {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument:
      return "invalid_argument";
    case ErrorCode::not_found:
      return "not_found";
    case ErrorCode::already_exists:
      return "already_exists";
    case ErrorCode::permission_denied:
      return "permission_denied";
    case ErrorCode::conflict:
      return "conflict";
    case ErrorCode::limit_exceeded:
      return "limit_exceeded";
    case ErrorCode::corrupt:
      return "corrupt";
    case ErrorCode::cancelled:
      return "cancelled";
    case ErrorCode::lease_lost:
      return "lease_lost";
    case ErrorCode::timeout:
      return "timeout";
    case ErrorCode::unavailable:
      return "unavailable";
    case ErrorCode::no_space:
      return "no_space";
    case ErrorCode::io:
      return "io";
    case ErrorCode::internal:
      return "internal";
  }
  return "unknown";
}

bool Error::retryable() const {
  switch (code) {
    case ErrorCode::timeout:
    case ErrorCode::unavailable:
    case ErrorCode::no_space:
    case ErrorCode::io:
    case ErrorCode::lease_lost:
    case ErrorCode::internal:
      return true;
    default:
      return false;
  }
}

namespace {

ErrorCode code_of_errno(int error_number) {
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      return ErrorCode::not_found;
    case EEXIST:
      return ErrorCode::already_exists;
    case EACCES:
    case EPERM:
      return ErrorCode::permission_denied;
    case ENOSPC:
    case EDQUOT:
      return ErrorCode::no_space;
    case ETIMEDOUT:
      return ErrorCode::timeout;
    case ECONNREFUSED:
    case ECONNRESET:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EMFILE:
    case ENFILE:
      return ErrorCode::unavailable;
    case ELOOP:
    case ENAMETOOLONG:
    case EISDIR:
      return ErrorCode::invalid_argument;
    default:
      return ErrorCode::io;
  }
}

}  // namespace

Error errno_error(std::string_view what, int error_number) {
  return {code_of_errno(error_number),
          std::string(what) + ": " + std::generic_category().message(error_number)};
}

}  // namespace waybill
