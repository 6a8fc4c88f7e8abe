#include "compiler/driver/options.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include "compiler/diag/displayed_text.h"

namespace batonc {
namespace {

constexpr const char* kVersion = "batonc " BATON_VERSION;

// What CLI11 fills in; one of the verbs will have been called.
struct Parsed {
  CompileOptions compile;
  CheckOptions check;
  ExplainOptions explain;
};

CLI::App* AddCompile(CLI::App& app, CompileOptions& options) {
  CLI::App* verb =
      app.add_subcommand("compile", "Write C++, .fbs and .json for each file (default)");
  verb->add_option("files", options.files, "The .idl and .idlh files")->required();
  verb->add_option("-o", options.output_folder, "The folder to write to")
      ->type_name("DIR")
      ->required();
  verb->add_option("-I", options.roots, "A folder to look for includes in; repeatable")
      ->type_name("DIR")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  verb->add_option("--depfile", options.depfile,
                   "Write what the output depends on, for Make and Ninja")
      ->type_name("FILE");
  return verb;
}

CLI::App* AddCheck(CLI::App& app, CheckOptions& options) {
  CLI::App* verb = app.add_subcommand("check", "Report problems, write nothing");
  verb->add_option("files", options.files, "The .idl and .idlh files")->required();
  verb->add_option("-I", options.roots, "A folder to look for includes in; repeatable")
      ->type_name("DIR")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  return verb;
}

CLI::App* AddExplain(CLI::App& app, ExplainOptions& options) {
  CLI::App* verb = app.add_subcommand("explain", "Explain a problem by its number");
  verb->add_option("code", options.code, "As in brackets behind `error`: E0301")->required();
  return verb;
}

bool IsVerb(const std::string& argument) {
  constexpr const char* kVerbs[] = {"compile", "check", "explain", "--help", "-h", "--version"};
  return std::ranges::count(kVerbs, argument) > 0;
}

// In reverse, as CLI11 wants them, and with the verb that was left out.
std::vector<std::string> Completed(std::vector<std::string> arguments) {
  if (!arguments.empty() && !IsVerb(arguments.front())) {
    arguments.insert(arguments.begin(), "compile");
  }
  std::ranges::reverse(arguments);
  return arguments;
}

// What stands where a verb or a file should, if it is neither: CLI11 would take it for a file, and
// complain about what else `compile` needs.
std::optional<std::string> StrayWord(const std::vector<std::string>& arguments) {
  if (arguments.empty()) return std::nullopt;
  const std::string& first = arguments.front();
  std::error_code error;
  if (IsVerb(first) || first.starts_with('-') || std::filesystem::exists(first, error)) {
    return std::nullopt;
  }
  return first;
}

int Complain(const std::string& text) {
  std::fprintf(stderr, "batonc: %s\nRun with --help for more information.\n",
               Displayable(text).c_str());
  return kExitUsage;
}

}  // namespace

Options ParseOptions(int argc, const char* const* argv) {
  CLI::App app("Compiles Baton's interface definitions", "batonc");
  app.set_version_flag("--version", kVersion);
  app.require_subcommand(1);
  Parsed parsed;
  const CLI::App* compile = AddCompile(app, parsed.compile);
  const CLI::App* check = AddCheck(app, parsed.check);
  AddExplain(app, parsed.explain);
  const std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  const auto stray = StrayWord(arguments);
  if (stray && !std::filesystem::path(*stray).has_extension()) {
    return Exit{Complain("there is no command and no file `" + *stray + "`")};
  }
  try {
    app.parse(Completed(arguments));
  } catch (const CLI::ParseError& error) {
    if (stray && error.get_exit_code() != 0)
      return Exit{Complain("there is no file `" + *stray + "`")};
    return Exit{app.exit(error) == 0 ? kExitFine : kExitUsage};
  }
  if (compile->parsed()) return parsed.compile;
  if (check->parsed()) return parsed.check;
  return parsed.explain;
}

}  // namespace batonc
