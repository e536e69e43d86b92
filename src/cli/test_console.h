#pragma once

#include <deque>
#include <map>
#include <sstream>
#include <string>

#include "cli/console.h"

namespace waybill::cli {

/// A console that keeps what is written and knows only the environment it is given.
struct TestConsole {
  std::ostringstream out, err;
  std::map<std::string, std::string> variables;
  std::deque<std::string> answers;  // to what is asked for without echo
  std::string prompts;              // what was asked

  Console console(bool terminal = false, unsigned width = 80) {
    return Console{.out = out,
                   .err = err,
                   .terminal = terminal,
                   .colour = false,
                   .width = [width] { return width; },
                   .variable = [this](const char* name) -> std::optional<std::string> {
                     const auto found = variables.find(name);
                     if (found == variables.end()) return std::nullopt;
                     return found->second;
                   },
                   .ask = [this](const std::string& prompt) -> std::optional<Secret> {
                     prompts += prompt;
                     if (answers.empty()) return std::nullopt;
                     Secret answer(answers.front());
                     answers.pop_front();
                     return answer;
                   },
                   .out_terminal = terminal,
                   .height = [] { return 24U; }};
  }
};

}  // namespace waybill::cli
