// The command line.
#pragma once

#include <string>
#include <variant>
#include <vector>

namespace batonc {

struct CompileOptions {
  std::vector<std::string> files;
  std::vector<std::string> roots;  // -I
  std::string output_folder;       // -o
  std::string depfile;             // empty: none
};

struct CheckOptions {
  std::vector<std::string> files;
  std::vector<std::string> roots;
};

struct ExplainOptions {
  std::string code;
};

// Nothing to do but to end: --help and --version have been printed, or the mistake has.
struct Exit {
  int code = 0;
};

using Options = std::variant<CompileOptions, CheckOptions, ExplainOptions, Exit>;

inline constexpr int kExitFine = 0;
inline constexpr int kExitProblems = 1;  // in the input
inline constexpr int kExitUsage = 2;     // of the command, or of the disk
inline constexpr int kExitBug = 3;       // of ours

// `compile` may be left out.
Options ParseOptions(int argc, const char* const* argv);

}  // namespace batonc
