#include "compiler/driver/options.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <string>

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

// In reverse, as CLI11 wants them, and with the verb that was left out.
std::vector<std::string> Arguments(int argc, const char* const* argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  constexpr const char* kFirst[] = {"compile", "check", "explain", "--help", "-h", "--version"};
  const bool is_complete = arguments.empty() || std::ranges::count(kFirst, arguments.front()) > 0;
  if (!is_complete) arguments.insert(arguments.begin(), "compile");
  std::ranges::reverse(arguments);
  return arguments;
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
  try {
    app.parse(Arguments(argc, argv));
  } catch (const CLI::ParseError& error) {
    return Exit{app.exit(error) == 0 ? kExitFine : kExitUsage};
  }
  if (compile->parsed()) return parsed.compile;
  if (check->parsed()) return parsed.check;
  return parsed.explain;
}

}  // namespace batonc
