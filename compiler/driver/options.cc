#include "compiler/driver/options.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include "compiler/check/edit_distance.h"
#include "compiler/diag/displayed_text.h"

namespace batonc {
namespace {

constexpr const char* kVersion = "batonc " BATON_VERSION;

constexpr const char* kFooter =
    "`batonc VERB --help` says more about a verb. Exit codes: 0 all is well, 1 the input has "
    "problems,\n2 the command or the disk has, 3 a bug of batonc's own.";

// One verb with its options; CLI11 fills them in.
template <class Options>
struct Verb {
  Options options;
  const CLI::App* app = nullptr;
};

struct Parsed {
  Verb<CompileCommand> compile;
  Verb<CheckCommand> check;
  Verb<FormatCommand> format;
  Verb<ExplainCommand> explain;
  Verb<DiffCommand> diff;
  Verb<DocCommand> doc;
  Verb<JsonCommand> json;
  Verb<GraphCommand> graph;
};

void AddFiles(CLI::App* verb, std::vector<std::string>& files) {
  verb->add_option("FILES", files, "The .idl, .idlh, .ipdl and .ipdlh files")
      ->required()
      ->type_name("");
}

// Once per value, so that files may follow.
void AddRepeatable(CLI::App* verb, const std::string& name, std::vector<std::string>& values,
                   const std::string& type, const std::string& help) {
  verb->add_option(name, values, help)
      ->type_name(type)
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void AddInput(CLI::App* verb, InputOptions& input) {
  AddRepeatable(verb, "-I", input.roots, "DIR", "A folder to look for includes in; repeatable");
  AddRepeatable(verb, "--prelude", input.preludes, "gecko|FILE",
                "Types that every file knows: Gecko's own, or those of an .idlh file; repeatable");
  verb->add_option("--sync-allowlist", input.sync_allow_list,
                   "The sync messages that are allowed, as in IPDL's sync-messages.ini")
      ->type_name("FILE");
}

// `-o "$UNSET"` would write into the root.
CLI::Validator IsNotEmpty() {
  return {[](std::string& text) { return std::string(text.empty() ? "it is empty" : ""); }, ""};
}

void AddOutput(CLI::App* verb, std::string& folder) {
  verb->add_option("-o", folder, "The folder to write to")
      ->type_name("DIR")
      ->required()
      ->check(IsNotEmpty());
}

void AddJson(CLI::App* verb, bool& as_json) {
  verb->add_flag("--json", as_json, "Problems as JSON on standard output, one object per line");
}

void AddCompile(CLI::App& app, Verb<CompileCommand>& verb) {
  CLI::App* sub =
      app.add_subcommand("compile", "Write C++, .fbs and .json for each file (default)");
  AddFiles(sub, verb.options.input.files);
  AddOutput(sub, verb.options.output_folder);
  AddInput(sub, verb.options.input);
  sub->add_option("--depfile", verb.options.depfile,
                  "Write what the output depends on, for Make and Ninja")
      ->type_name("FILE");
  AddJson(sub, verb.options.as_json);
  verb.app = sub;
}

void AddCheck(CLI::App& app, Verb<CheckCommand>& verb) {
  CLI::App* sub = app.add_subcommand("check", "Report problems, write nothing");
  AddFiles(sub, verb.options.input.files);
  AddInput(sub, verb.options.input);
  sub->add_flag("--fix", verb.options.apply_fixes,
                "Make the changes that are almost surely what was meant, then check again");
  AddJson(sub, verb.options.as_json);
  verb.app = sub;
}

void AddFormat(CLI::App& app, Verb<FormatCommand>& verb) {
  CLI::App* sub = app.add_subcommand("format", "Lay out files in the one way, in place");
  AddFiles(sub, verb.options.files);
  sub->add_flag(
      "--check", verb.options.only_check,
      "Write nothing; name the files that would change, and exit with 1 if there are any");
  AddJson(sub, verb.options.as_json);
  verb.app = sub;
}

void AddExplain(CLI::App& app, Verb<ExplainCommand>& verb) {
  CLI::App* sub = app.add_subcommand("explain", "Explain a problem by its number");
  sub->add_option("CODE", verb.options.code, "As in brackets behind `error`: E0301")
      ->required()
      ->type_name("");
  verb.app = sub;
}

void AddDiff(CLI::App& app, Verb<DiffCommand>& verb) {
  CLI::App* sub = app.add_subcommand(
      "diff", "Say what an older and a newer state of protocols mean for each other's peers");
  sub->add_option("OLD", verb.options.older, "A file, or a folder with all that is below it")
      ->required()
      ->type_name("");
  sub->add_option("NEW", verb.options.newer, "The same, later")->required()->type_name("");
  AddInput(sub, verb.options.input);
  sub->add_flag("--source", verb.options.source_breaks,
                "Exit with 1 as well when only users' C++ breaks");
  sub->add_flag("--all", verb.options.show_all, "Show what breaks nothing, too");
  sub->add_flag("--json", verb.options.as_json,
                "All changes as JSON on standard output, one object per line");
  verb.app = sub;
}

void AddDoc(CLI::App& app, Verb<DocCommand>& verb) {
  CLI::App* sub = app.add_subcommand(
      "doc", "Write HTML pages about the files and what they include; begin at DIR/index.html");
  AddFiles(sub, verb.options.input.files);
  AddOutput(sub, verb.options.output_folder);
  AddInput(sub, verb.options.input);
  verb.app = sub;
}

void AddJsonVerb(CLI::App& app, Verb<JsonCommand>& verb) {
  CLI::App* sub = app.add_subcommand(
      "json", "Print the model of the files and what they include as one JSON document");
  AddFiles(sub, verb.options.input.files);
  AddInput(sub, verb.options.input);
  verb.app = sub;
}

void AddGraph(CLI::App& app, Verb<GraphCommand>& verb) {
  CLI::App* sub =
      app.add_subcommand("graph", "Print who manages whom for Graphviz: `... | dot -Tsvg`");
  AddFiles(sub, verb.options.input.files);
  AddInput(sub, verb.options.input);
  verb.app = sub;
}

const std::vector<std::string> kVerbs = {"compile", "check", "format", "explain",
                                         "diff",    "doc",   "json",   "graph"};

bool IsVerb(const std::string& argument) {
  constexpr const char* kOthers[] = {"--help", "-h", "--version"};
  return std::ranges::count(kVerbs, argument) + std::ranges::count(kOthers, argument) > 0;
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

std::string NoSuchVerb(const std::string& word) {
  const std::string text = "there is no command and no file `" + word + "`";
  const auto meant = NearestName(word, kVerbs);
  return meant ? text + "; did you mean `" + *meant + "`?" : text;
}

Command Chosen(Parsed& parsed) {
  if (parsed.compile.app->parsed()) return parsed.compile.options;
  if (parsed.check.app->parsed()) return parsed.check.options;
  if (parsed.format.app->parsed()) return parsed.format.options;
  if (parsed.diff.app->parsed()) return parsed.diff.options;
  if (parsed.doc.app->parsed()) return parsed.doc.options;
  if (parsed.json.app->parsed()) return parsed.json.options;
  if (parsed.graph.app->parsed()) return parsed.graph.options;
  return parsed.explain.options;
}

}  // namespace

Command ParseOptions(int argc, const char* const* argv) {
  CLI::App app("Compiles Baton's interface definitions", "batonc");
  app.set_version_flag("--version", kVersion);
  app.require_subcommand(1);
  app.footer(kFooter);
  Parsed parsed;
  AddCompile(app, parsed.compile);
  AddCheck(app, parsed.check);
  AddFormat(app, parsed.format);
  AddExplain(app, parsed.explain);
  AddDiff(app, parsed.diff);
  AddDoc(app, parsed.doc);
  AddJsonVerb(app, parsed.json);
  AddGraph(app, parsed.graph);
  const std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  if (std::ranges::count(arguments, "-") > 0) {
    return Exit{Complain("there is no file `-`: standard input is not read")};
  }
  const auto stray = StrayWord(arguments);
  if (stray && !std::filesystem::path(*stray).has_extension()) {
    return Exit{Complain(NoSuchVerb(*stray))};
  }
  try {
    app.parse(Completed(arguments));
  } catch (const CLI::ParseError& error) {
    if (stray && error.get_exit_code() != 0) {
      return Exit{Complain("there is no file `" + *stray + "`")};
    }
    return Exit{app.exit(error) == 0 ? kExitFine : kExitUsage};
  }
  return Chosen(parsed);
}

}  // namespace batonc
