#include "compiler/driver/report.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <system_error>

#include <fmt/format.h>

#include "compiler/diag/displayed_text.h"
#include "compiler/diag/render_json.h"

namespace batonc {
namespace {

bool IsSet(const char* variable) {
  const char* value = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): there is one thread
  return value != nullptr && *value != '\0';
}

bool WantsColour() {
  if (IsSet("NO_COLOR") || ::isatty(STDERR_FILENO) == 0) return false;
  const char* terminal = std::getenv("TERM");  // NOLINT(concurrency-mt-unsafe)
  return terminal != nullptr && std::string_view(terminal) != "dumb";
}

}  // namespace

Findings FindingsOf(const FileLookup& files, std::vector<Diagnostic> sorted, std::size_t dropped) {
  const auto error = std::ranges::find(sorted, Severity::kError, &Diagnostic::severity);
  Findings findings;
  findings.has_errors = error != sorted.end();
  const std::string more = findings.has_errors ? CodeOf(*error) : "";
  findings.json = RenderJsonLines(files, sorted);
  findings.text = RenderAll(files, std::move(sorted), dropped, Colour::kAlways);
  if (findings.has_errors) {
    findings.text += fmt::format("\nbatonc: `batonc explain {}` says more\n", more);
  }
  return findings;
}

Findings FindingsOf(const SourceMap& sources, const Diagnostics& diagnostics) {
  return FindingsOf(FilesOf(sources), diagnostics.Sorted(), diagnostics.dropped());
}

bool Show(const Findings& findings, bool as_json) {
  if (as_json) return PrintOut(findings.json);
  PrintError(WantsColour() ? findings.text : WithoutColour(findings.text));
  return true;
}

bool PrintOut(std::string_view text) {
  const bool is_out =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (!is_out) PrintError("batonc: cannot write to standard output\n");
  return is_out;
}

void PrintError(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
}

void ComplainAboutFile(std::string_view verb, const std::string& path, std::error_code error) {
  PrintError(fmt::format("batonc: cannot {} `{}`: {}\n", verb, Displayable(path), error.message()));
}

}  // namespace batonc
