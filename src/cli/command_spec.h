#pragma once

#include <string>
#include <vector>

namespace waybill::cli {

/// The commands and options as the parser knows them, for what is made of them: completion and manual page.
struct OptionSpec {
  std::vector<std::string> names;    // "--json", "-w"; empty: positional
  std::string value;                 // what it takes: "TEXT", "JOB"; empty: a flag
  std::vector<std::string> choices;  // the only values, where they are few
  std::string about;
  bool is_path = false;
};
struct CommandSpec {
  std::string name;
  std::string about;
  std::string footer;
  std::vector<OptionSpec> options;
  std::vector<CommandSpec> commands;
};

/// A completion script for "bash", "zsh" or "fish". Pure.
std::string completion_script(const CommandSpec& program, const std::string& shell);
/// waybill(1) in man(7)'s language. Pure.
std::string manual_page(const CommandSpec& program, const std::string& version);

}  // namespace waybill::cli
