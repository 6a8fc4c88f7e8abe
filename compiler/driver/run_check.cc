#include <fmt/format.h>

#include <set>

#include "compiler/diag/apply_fixes.h"
#include "compiler/diag/displayed_text.h"
#include "compiler/driver/front_end.h"
#include "compiler/driver/report.h"
#include "compiler/driver/run.h"
#include "compiler/driver/write_outputs.h"
#include "compiler/source/file_reader.h"

namespace batonc {
namespace {

// Fixes that touched the same bytes wait for the next round; more rounds than this would mean that
// fixes undo each other.
constexpr int kMaxRounds = 8;

class CheckRun {
 public:
  explicit CheckRun(const CheckCommand& command) : sources_(disk_, command.input.roots) {
    ReadAndCheck(sources_, command.input, diagnostics_);
  }

  Findings Found() const { return FindingsOf(sources_, diagnostics_); }

  // Files that changed; none when there was nothing to fix or nothing could be written.
  std::set<std::string> Fix(std::size_t& fixed_problems) {
    std::set<std::string> written;
    const FixedFiles fixed = ApplyFixes(FilesOf(sources_), diagnostics_.Sorted());
    for (const auto& [file, text] : fixed.texts) {
      if (!sources_.IsEmbedded(file) && Write(sources_.file(file), text)) {
        written.insert(sources_.file(file).path());
      }
    }
    if (!written.empty()) fixed_problems += fixed.applied;
    return written;
  }

 private:
  bool Write(const SourceFile& file, const std::string& text) {
    const auto now = disk_.Read(file.path());
    if (!now.has_value() || *now != file.text()) {
      PrintError(fmt::format("batonc: `{}` changed meanwhile and is left as it is\n",
                             Displayable(file.path())));
      return false;
    }
    const auto written = WriteIfChanged(file.path(), text);
    if (!written.has_value()) ComplainAboutFile("write", file.path(), written.error());
    return written.has_value();
  }

  DiskReader disk_;
  SourceMap sources_;
  Diagnostics diagnostics_;
};

std::string Count(std::size_t count, std::string_view thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

void FixAll(const CheckCommand& command) {
  std::size_t problems = 0;
  std::set<std::string> files;
  for (int round = 0; round < kMaxRounds; ++round) {
    const std::set<std::string> written = CheckRun(command).Fix(problems);
    if (written.empty()) break;
    files.insert(written.begin(), written.end());
  }
  PrintError(fmt::format("batonc: fixed {} in {}\n", Count(problems, "problem"),
                         Count(files.size(), "file")));
}

}  // namespace

int Run(const CheckCommand& command) {
  if (command.apply_fixes) FixAll(command);
  const Findings findings = CheckRun(command).Found();
  if (!Show(findings, command.as_json)) return kExitUsage;
  return findings.has_errors ? kExitProblems : kExitFine;
}

}  // namespace batonc
