// SPDX-License-Identifier: Apache-2.0
//
// edgestream man and completion: the manual page and the shells' completions, printed from the very declarations that
// read the command line, so that neither can say anything else than --help does.
#include <map>
#include <memory>

#include "base/error.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/terminal.h"

namespace es::cli {
namespace {

struct Subcommand {
  const Command* command;
  std::unique_ptr<CLI::App> app;
};

std::vector<Subcommand> declared() {
  std::vector<Subcommand> all;
  for (const auto& command : commands()) {
    auto app = std::make_unique<CLI::App>(std::string(command.summary), std::string(command.name));
    command.declare(*app);
    all.push_back({&command, std::move(app)});
  }
  return all;
}

// --- roff

std::string roff(const std::string& words) {
  std::string out;
  for (const char c : words) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  // A line must not begin with what roff takes for a request.
  return out.starts_with('.') || out.starts_with('\'') ? "\\&" + out : out;
}

std::string option_names(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const auto& name : option.get_snames()) names.push_back("-" + name);
  for (const auto& name : option.get_lnames()) names.push_back("--" + name);
  if (names.empty()) names.push_back(option.get_name());
  std::string joined = join(names, ", ");
  if (!option.get_positional() && option.get_expected_max() > 0 && !option.get_type_name().empty()) {
    joined += " " + option.get_type_name();
  }
  return joined;
}

std::string section(const Subcommand& subcommand) {
  std::string page = text(".SS ", roff(std::string(subcommand.command->name)), "\n",
                          roff(std::string(subcommand.command->summary)), ".\n");
  for (const auto* option : subcommand.app->get_options()) {
    page += text(".TP\n.B ", roff(option_names(*option)), "\n", roff(option->get_description()), "\n");
  }
  return page;
}

std::string manual_page() {
  std::string page =
      text(".\\\" Printed by edgestream man.\n.TH EDGESTREAM 1 \"\" \"EdgeStream ", ES_VERSION,
           "\" \"User Commands\"\n.SH NAME\nedgestream \\- Edge Impulse models as DeepStream\\-style video analytics\n"
           ".SH SYNOPSIS\n.B edgestream\n.I command\n[options]\n.SH COMMANDS\n");
  for (const auto& subcommand : declared()) page += section(subcommand);
  return page +
         text(
             ".SH EXIT STATUS\n0: done. 1: a defect of EdgeStream. 2: the command line. 3: a file that cannot be "
             "read. 4: a damaged file. 5: a file that is recognised and not supported. 6: two things that do not "
             "agree. 7: something that the machine lacks.\n.SH SEE ALSO\n.BR gst\\-launch\\-1.0 (1)\n");
}

// --- completion

std::vector<std::string> long_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::string command_names(const std::vector<Subcommand>& all) {
  std::vector<std::string> names;
  for (const auto& subcommand : all) names.emplace_back(subcommand.command->name);
  return join(names, " ");
}

std::string bash_completion() {
  const auto all = declared();
  std::string script = text(
      "# edgestream completion bash\n_edgestream() {\n  local word=${COMP_WORDS[COMP_CWORD]}\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n    COMPREPLY=($(compgen -W \"",
      command_names(all),
      " --help --version\" -- \"$word\"))\n    return\n  fi\n  local options=\n  case ${COMP_WORDS[1]} in\n");
  for (const auto& subcommand : all) {
    script += text("    ", subcommand.command->name, ") options=\"", join(long_names(*subcommand.app), " "), "\" ;;\n");
  }
  return script +
         "  esac\n  if [[ $word == -* ]]; then\n    COMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n  else\n"
         "    COMPREPLY=($(compgen -f -- \"$word\"))\n  fi\n}\ncomplete -o filenames -F _edgestream edgestream\n";
}

// zsh reads bash's functions once asked to.
std::string zsh_completion() { return "autoload -U +X bashcompinit && bashcompinit\n" + bash_completion(); }

std::string fish_quoted(const std::string& words) {
  std::string out = "'";
  for (const char c : words) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string fish_completion() {
  std::string script = "# edgestream completion fish\n";
  for (const auto& subcommand : declared()) {
    const std::string name(subcommand.command->name);
    script += text("complete -c edgestream -n __fish_use_subcommand -a ", name, " -d ",
                   fish_quoted(std::string(subcommand.command->summary)), "\n");
    for (const auto* option : subcommand.app->get_options()) {
      for (const auto& long_name : option->get_lnames()) {
        script += text("complete -c edgestream -n '__fish_seen_subcommand_from ", name, "' -l ", long_name, " -d ",
                       fish_quoted(option->get_description()), "\n");
      }
    }
  }
  return script;
}

}  // namespace

Action declare_man(CLI::App&) {
  return [] {
    print_line(manual_page());
    return 0;
  };
}

Action declare_completion(CLI::App& app) {
  const auto shell = std::make_shared<std::string>();
  app.add_option("SHELL", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  return [shell] {
    print_line(*shell == "bash" ? bash_completion() : *shell == "zsh" ? zsh_completion() : fish_completion());
    return 0;
  };
}

}  // namespace es::cli
