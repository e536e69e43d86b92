#pragma once

#include <string>

#include "app/data_folder.h"
#include "auth/client_store.h"

namespace waybill::app {

/// Makes the client that the command line on this machine uses, at the first start, and writes at every start
/// where the server is: local-client.json in the data folder, readable by its owner alone, and a copy in the
/// user's state folder
/// ($XDG_STATE_HOME, else ~/.local/state) so that the command line finds it from any folder.
/// Errors: those of the store; permission_denied, no_space, io for the file in the data folder.
Result<void> publish_local_client(const DataPaths& paths, auth::ClientStore& clients,
                                  const std::string& server, const Clock& clock);

/// The server's URL as the last start of a server on this data folder wrote it; empty where none ever
/// started.
std::string published_server(const DataPaths& paths);

}  // namespace waybill::app
