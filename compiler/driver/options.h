// The command line.
#pragma once

#include <string>
#include <variant>
#include <vector>

namespace batonc {

// What every verb that reads protocols takes.
struct InputOptions {
  std::vector<std::string> files;
  std::vector<std::string> roots;     // -I
  std::vector<std::string> preludes;  // a path, or "gecko"
  std::string sync_allow_list;        // empty: none
};

struct CompileCommand {
  InputOptions input;
  std::string output_folder;  // -o
  std::string depfile;        // empty: none
  bool as_json = false;       // --json: problems for programs
};

struct CheckCommand {
  InputOptions input;
  bool as_json = false;
  bool apply_fixes = false;
};

struct FormatCommand {
  std::vector<std::string> files;
  bool only_check = false;
  bool as_json = false;
};

struct DiffCommand {
  std::string older;  // a file or a folder, both of one kind
  std::string newer;
  InputOptions input;  // without files
  bool source_breaks = false;
  bool show_all = false;
  bool as_json = false;
};

struct DocCommand {
  InputOptions input;
  std::string output_folder;
};

struct GraphCommand {
  InputOptions input;
};

struct JsonCommand {
  InputOptions input;
};

struct ExplainCommand {
  std::string code;
};

// Nothing to do but to end: --help and --version have been printed, or the mistake has.
struct Exit {
  int code = 0;
};

using Command = std::variant<CompileCommand, CheckCommand, FormatCommand, ExplainCommand,
                             DiffCommand, DocCommand, JsonCommand, GraphCommand, Exit>;

inline constexpr int kExitFine = 0;
inline constexpr int kExitProblems = 1;  // in the input
inline constexpr int kExitUsage = 2;     // of the command, or of the disk
inline constexpr int kExitBug = 3;       // of ours

// `compile` may be left out.
Command ParseOptions(int argc, const char* const* argv);

}  // namespace batonc
