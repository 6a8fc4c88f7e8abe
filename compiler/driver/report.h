// How a run tells what it found.
#pragma once

#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "compiler/diag/diagnostic.h"
#include "compiler/diag/render.h"

namespace batonc {

// What a run says about its input, in every form in which it may have to be said again.
struct Findings {
  std::string text;  // in colour; for people
  std::string json;  // a line per problem; for programs
  bool has_errors = false;
};

Findings FindingsOf(const FileLookup& files, std::vector<Diagnostic> sorted, std::size_t dropped);
Findings FindingsOf(const SourceMap& sources, const Diagnostics& diagnostics);

// JSON goes to standard output, text to standard error: in colour when that is a terminal and
// NO_COLOR is not set, and with where to read on when there are errors.
// False, and said so, when they cannot be written.
[[nodiscard]] bool Show(const Findings& findings, bool as_json);

// False, and said so, when it cannot be written.
[[nodiscard]] bool PrintOut(std::string_view text);
void PrintError(std::string_view text);

// "batonc: cannot write `a.h`: No space left on device"
void ComplainAboutFile(std::string_view verb, const std::string& path, std::error_code error);

}  // namespace batonc
