#include <boost/json.hpp>
#include <ostream>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/failure.h"

namespace waybill::cli {

int run_token(const TokenArguments& arguments, const Console& console) {
  auto session = open_session(arguments.session, console);
  if (!session.ok()) return fail(console, "token", session.error());
  const auto token = session->access_token(arguments.scope);
  if (!token.ok()) return fail(console, "token", token.error());
  const std::string text(token->reveal());
  if (arguments.json) {
    console.out << boost::json::serialize(boost::json::object{
                       {"access_token", text}, {"token_type", "Bearer"}, {"server", session->server()}})
                << '\n';
  } else {
    console.out << text << '\n';
  }
  return kFine;
}

}  // namespace waybill::cli
