#include <boost/json.hpp>
#include <ostream>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/failure.h"
#include "cli/local_arguments.h"

namespace waybill::cli {

namespace {

using Action = ClientArguments::Action;

boost::json::object to_json(const LocalClient& client) {
  boost::json::object object{
      {"clientId", client.id}, {"name", client.name}, {"department", client.department}};
  boost::json::array scopes;
  for (const std::string& scope : client.scopes) scopes.emplace_back(scope);
  object.emplace("scopes", std::move(scopes));
  if (!client.created.empty()) object.emplace("created", client.created);
  if (!client.revoked.empty()) object.emplace("revoked", client.revoked);
  if (!client.secret.empty()) object.emplace("clientSecret", client.secret);
  return object;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

int print_one(const ClientArguments& arguments, const Console& console, const Result<LocalClient>& client,
              std::string_view command) {
  if (!client.ok()) return fail_here(console, command, client.error());
  if (arguments.json) {
    console.out << boost::json::serialize(to_json(*client)) << '\n';
    return kFine;
  }
  console.out << "client id:     " << client->id << "\nclient secret: " << client->secret
              << "\ndepartment:    " << escape_controls(client->department)
              << "\nscopes:        " << joined(client->scopes) << '\n';
  console.err << "The secret is shown this once: Waybill keeps only its hash." << std::endl;
  return kFine;
}

int print_list(const ClientArguments& arguments, const Console& console,
               const Result<std::vector<LocalClient>>& clients) {
  if (!clients.ok()) return fail_here(console, "client list", clients.error());
  if (arguments.json) {
    boost::json::array rows;
    for (const LocalClient& client : *clients) rows.push_back(to_json(client));
    console.out << boost::json::serialize(boost::json::object{{"clients", std::move(rows)}}) << '\n';
    return kFine;
  }
  for (const LocalClient& client : *clients) {
    console.out << client.id << "  " << escape_controls(client.name) << "  "
                << escape_controls(client.department) << "  " << joined(client.scopes);
    if (!client.revoked.empty()) console.out << "  revoked " << client.revoked;
    console.out << '\n';
  }
  if (clients->empty())
    console.err << "There are no clients. `waybill client create` makes one." << std::endl;
  return kFine;
}

int revoke(const ClientArguments& arguments, const LocalArguments& where, const Console& console,
           const Local& local) {
  const auto done = local.client_revoke(where, arguments.id);
  if (!done.ok()) return fail_here(console, "client revoke", done.error());
  if (arguments.json) {
    console.out << boost::json::serialize(
                       boost::json::object{{"clientId", arguments.id}, {"status", "revoked"}})
                << '\n';
  } else {
    console.out << "The client " << arguments.id
                << " gets no more tokens; live ones end within their hour.\n";
  }
  return kFine;
}

}  // namespace

int run_client(const ClientArguments& arguments, const Console& console, const Local& local) {
  const LocalArguments where = of_this_machine(arguments.local, console);
  switch (arguments.action) {
    case Action::create:
      return print_one(arguments, console,
                       local.client_create(where, arguments.name, arguments.department, arguments.scopes),
                       "client create");
    case Action::rotate_secret:
      return print_one(arguments, console, local.client_rotate_secret(where, arguments.id),
                       "client rotate-secret");
    case Action::list:
      return print_list(arguments, console, local.client_list(where));
    case Action::revoke:
      return revoke(arguments, where, console, local);
  }
  return kUsage;
}

}  // namespace waybill::cli
