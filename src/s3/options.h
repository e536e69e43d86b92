#pragma once

#include <string>

#include "net/http_client.h"
#include "net/retry.h"
#include "s3/signature.h"

namespace waybill::s3 {

/// How a store is spoken with.
struct Options {
  net::HttpOptions http;
  std::string endpoint;  // http(s)://host[:port] of a compatible store, path style; empty: AWS's own
  std::string region = "us-east-1";
  int connections = 8;       // that are worth having at once
  net::Retry::Limits retry;  // of throttled and broken requests without progress between them
};

}  // namespace waybill::s3
