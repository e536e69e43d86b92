#include "cli/command_spec.h"

namespace waybill::cli {

namespace {

/// As roff shows it as it is: backslashes, hyphens of options, and a dot or quote at the beginning of a line.
std::string roff(std::string_view text) {
  std::string out;
  bool line_begins = true;
  for (const char c : text) {
    if (line_begins && (c == '.' || c == '\'')) out += "\\&";
    line_begins = c == '\n';
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out;
}

std::string names_of(const OptionSpec& option) {
  std::string text;
  for (const auto& name : option.names) text += (text.empty() ? "\\fB" : ", \\fB") + roff(name) + "\\fR";
  if (!option.value.empty()) text += (text.empty() ? "\\fI" : " \\fI") + roff(option.value) + "\\fR";
  return text;
}

void add_options(const CommandSpec& command, std::string& out) {
  for (const auto& option : command.options) {
    out += ".TP\n" + names_of(option) + "\n" + roff(option.about) + "\n";
    if (option.choices.empty()) continue;
    std::string choices;
    for (const auto& choice : option.choices) choices += (choices.empty() ? "" : ", ") + choice;
    out += "One of: " + roff(choices) + ".\n";
  }
}

void add_command(const CommandSpec& command, const std::string& path, std::string& out) {
  if (command.commands.empty()) {
    out += ".SS " + roff(path) + "\n" + roff(command.about) + ".\n";
    add_options(command, out);
  }
  for (const auto& sub : command.commands) add_command(sub, path + " " + sub.name, out);
}

}  // namespace

std::string manual_page(const CommandSpec& program, const std::string& version) {
  std::string out = ".TH WAYBILL 1 \"\" \"Waybill " + roff(version) +
                    "\" \"User Commands\"\n.SH NAME\nwaybill \\- " +
                    roff("import packages of knowledge content into a knowledge base") +
                    "\n.SH SYNOPSIS\n.B waybill\n\\fICOMMAND\\fR [\\fIOPTION\\fR]...\n.SH DESCRIPTION\n" +
                    roff(program.about) + "\n.SH OPTIONS\n";
  add_options(program, out);
  out += ".SH COMMANDS\n";
  for (const auto& sub : program.commands) add_command(sub, "waybill " + sub.name, out);
  out +=
      ".SH \"EXIT STATUS\"\n.TP\n0\nfine\n.TP\n1\nthe content has errors\n.TP\n2\nwrong usage\n.TP\n3\nthe "
      "job failed or was "
      "cancelled\n.TP\n4\nthe server could not be reached or refused\n";
  out +=
      ".SH ENVIRONMENT\n.TP\n.B WAYBILL_SERVER\nAddress of the server.\n.TP\n.B WAYBILL_TOKEN\nAccess "
      "token.\n.TP\n"
      ".B WAYBILL_CLIENT_ID, WAYBILL_CLIENT_SECRET\nClient and its secret.\n.TP\n.B WAYBILL_DATA_DIR\nData "
      "folder of a server "
      "on this machine.\n.TP\n.B NO_COLOR\nWhere it is set and not empty, no colours are used.\n";
  return out;
}

}  // namespace waybill::cli
