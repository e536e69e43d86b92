#pragma once

#include <functional>
#include <string>
#include <vector>

#include "http/message.h"
#include "http/server.h"

namespace waybill::web {

struct PageOptions {
  std::string version;
  // An outside issuer to sign in with by authorization code and PKCE (RFC 7636); without an issuer the
  // console takes a client's id and secret.
  std::string issuer;     // its URL
  std::string client_id;  // the console's own client there
  std::string scope;      // what it asks for
  /// The project's answer to an address under which there is nothing; the text says why, empty: the usual.
  std::function<http::Response(const http::Request&, const std::string&)> not_found;
};

/// The routes of /console, /docs and their files, all answered from memory on an event loop.
std::vector<http::Route> routes(PageOptions options);

}  // namespace waybill::web
