#pragma once

namespace waybill::cli {

/// What a script reads from a command (design, "One command").
enum ExitStatus : int {
  kFine = 0,
  kContentErrors = 1,  // the content has errors
  kUsage = 2,          // wrong usage
  kJobFailed = 3,      // the job failed or was cancelled; a command on this machine could not do its work
  kRefused = 4,        // the server could not be reached, or refused
  kInterrupted = 130,  // Ctrl-C while following a job: 128 + SIGINT, as shells have it
};

}  // namespace waybill::cli
