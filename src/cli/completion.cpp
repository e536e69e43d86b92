#include "cli/command_spec.h"

namespace waybill::cli {

namespace {

std::string joined(const std::vector<std::string>& words, const std::string& between = " ") {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

/// Within single quotes of a shell.
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

/// A value that a word list of bash keeps together.
std::string word(std::string text) {
  for (auto at = text.find(' '); at != std::string::npos; at = text.find(' ', at + 2)) text.insert(at, "\\");
  return text;
}

std::vector<std::string> option_names(const CommandSpec& command) {
  std::vector<std::string> names;
  for (const auto& option : command.options) {
    for (const auto& name : option.names) names.push_back(name);
  }
  return names;
}

/// Its commands, or what an argument that has no name of its own may be.
std::vector<std::string> command_names(const CommandSpec& command) {
  std::vector<std::string> names;
  for (const auto& option : command.options) {
    if (option.names.empty()) names.insert(names.end(), option.choices.begin(), option.choices.end());
  }
  for (const auto& sub : command.commands) names.push_back(sub.name);
  return names;
}

/// A case of bash for each command: its words, and for options that take a value what that may be.
void add_bash_cases(const CommandSpec& command, const std::string& path, std::string& out) {
  out += "    " + quoted(path) +
         ")\n      words=" + quoted(joined(command_names(command)) + " " + joined(option_names(command))) +
         "\n      case \"$before\" in\n";
  for (const auto& option : command.options) {
    if (option.names.empty() || option.value.empty()) continue;
    out += "        " + joined(option.names, "|") + ") ";
    if (!option.choices.empty()) {
      std::vector<std::string> choices;
      for (const auto& choice : option.choices) choices.push_back(word(choice));
      out += "words=" + quoted(joined(choices, "\n")) + " ;;\n";
    } else {
      out += option.is_path ? "words=; files=1 ;;\n" : "words= ;;\n";
    }
  }
  out += "      esac\n      ;;\n";
  for (const auto& sub : command.commands) add_bash_cases(sub, path + " " + sub.name, out);
}

std::string bash(const CommandSpec& program) {
  std::string cases;
  add_bash_cases(program, program.name, cases);
  return R"(# bash completion for waybill: source <(waybill completion bash)
_waybill() {
  local current="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" words='' files='' path='waybill' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case " $(_waybill_commands "$path") " in
      *" ${COMP_WORDS[i]} "*) path="$path ${COMP_WORDS[i]}" ;;
    esac
  done
  case "$path" in
)" + cases +
         R"(  esac
  local IFS=$' \n'
  if [ -n "$files" ]; then COMPREPLY=($(compgen -f -- "$current")); return; fi
  if [[ "$words" == *$'\n'* ]]; then IFS=$'\n'; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [ ${#COMPREPLY[@]} -eq 0 ] && [[ "$current" != -* ]] && [ -n "$words" ]; then
    COMPREPLY=($(compgen -f -- "$current"))
  fi
}
_waybill_commands() {
  case "$1" in
)" +
         [&] {
           std::string text = "    'waybill') echo " + quoted(joined(command_names(program))) + " ;;\n";
           for (const auto& sub : program.commands) {
             if (sub.commands.empty()) continue;
             text += "    " + quoted("waybill " + sub.name) + ") echo " + quoted(joined(command_names(sub))) +
                     " ;;\n";
           }
           return text;
         }() +
         R"(  esac
}
complete -o filenames -F _waybill waybill
)";
}

void add_fish(const CommandSpec& command, const std::string& when, std::string& out) {
  for (const auto& sub : command.commands) {
    out += "complete -c waybill -n " + quoted(when) + " -f -a " + quoted(sub.name) + " -d " +
           quoted(sub.about) + "\n";
  }
  for (const auto& option : command.options) {
    if (option.names.empty()) {
      if (!option.choices.empty()) {
        out += "complete -c waybill -n " + quoted(when) + " -f -a " + quoted(joined(option.choices)) + "\n";
      }
      continue;
    }
    out += "complete -c waybill -n " + quoted(when);
    for (const auto& name : option.names) {
      out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    }
    if (!option.value.empty()) out += option.is_path ? " -r -F" : " -x";
    if (!option.choices.empty()) {
      std::vector<std::string> choices;
      for (const auto& choice : option.choices) choices.push_back("\"" + choice + "\"");
      out += " -a " + quoted(joined(choices));
    }
    out += " -d " + quoted(option.about) + "\n";
  }
}

std::string fish(const CommandSpec& program) {
  std::string out = "# fish completion for waybill: waybill completion fish | source\n";
  add_fish(program, "__fish_use_subcommand", out);
  for (const auto& sub : program.commands) {
    add_fish(sub, "__fish_seen_subcommand_from " + sub.name, out);
    for (const auto& inner : sub.commands) {
      add_fish(inner,
               "__fish_seen_subcommand_from " + sub.name + "; and __fish_seen_subcommand_from " + inner.name,
               out);
    }
  }
  return out;
}

}  // namespace

std::string completion_script(const CommandSpec& program, const std::string& shell) {
  if (shell == "fish") return fish(program);
  if (shell == "bash") return bash(program);
  // zsh runs bash's, for which its own bashcompinit is made. Sourced by a person this registers the
  // completion; as _waybill in zsh's fpath it is itself the function that compinit calls, and must answer at
  // once.
  std::string script = bash(program);
  for (auto at = script.find("_waybill"); at != std::string::npos; at = script.find("_waybill", at + 1)) {
    script.replace(at, 8, "_bash_waybill");
    at += 5;
  }
  return "#compdef waybill\n# zsh completion for waybill: source <(waybill completion zsh)\n"
         "(( $+functions[compdef] )) || { autoload -U +X compinit && compinit -u }\n"
         "autoload -U +X bashcompinit && bashcompinit\n" +
         script + "[[ ${funcstack[1]-} != _waybill ]] || _bash_complete -o filenames -F _bash_waybill\n";
}

}  // namespace waybill::cli
