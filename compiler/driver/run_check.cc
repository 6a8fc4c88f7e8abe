#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

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
    named_ = ReadAndCheck(sources_, command.input, diagnostics_).named;
  }

  Findings Found() const { return FindingsOf(sources_, diagnostics_); }

  // Files that changed; none when there was nothing to fix or nothing could be written.
  std::set<std::string> Fix(std::size_t& fixed_problems) {
    std::set<std::string> written;
    const FixedFiles fixed = ApplyFixes(FilesOf(sources_), diagnostics_.Sorted());
    for (const auto& [file, text] : fixed.texts) {
      const bool is_named = std::ranges::count(named_, file) > 0;
      if (is_named && Write(sources_.file(file), text)) {
        written.insert(sources_.file(file).path());
      }
    }
    if (!written.empty()) fixed_problems += fixed.applied;
    return written;
  }

  bool is_disk_fine() const { return is_disk_fine_; }

 private:
  bool Write(const SourceFile& file, const std::string& text) {
    const auto now = disk_.Read(file.path());
    if (!now.has_value() || *now != file.text()) {
      PrintError(fmt::format("batonc: `{}` changed meanwhile and is left as it is\n",
                             Displayable(file.path())));
      return false;
    }
    const auto written = WriteIfChanged(file.path(), text);
    if (!written.has_value()) {
      ComplainAboutFile("write", file.path(), written.error());
      is_disk_fine_ = false;
    }
    return written.has_value();
  }

  DiskReader disk_;
  SourceMap sources_;
  Diagnostics diagnostics_;
  std::vector<FileId> named_;  // whoever is merely included belongs to somebody else
  bool is_disk_fine_ = true;
};

std::string Count(std::size_t count, std::string_view thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

// False when a file could not be written.
bool FixAll(const CheckCommand& command) {
  std::size_t problems = 0;
  std::set<std::string> files;
  bool is_disk_fine = true;
  for (int round = 0; round < kMaxRounds; ++round) {
    CheckRun run(command);
    const std::set<std::string> written = run.Fix(problems);
    is_disk_fine = is_disk_fine && run.is_disk_fine();
    if (written.empty()) break;
    files.insert(written.begin(), written.end());
  }
  PrintError(fmt::format("batonc: fixed {} in {}\n", Count(problems, "problem"),
                         Count(files.size(), "file")));
  return is_disk_fine;
}

}  // namespace

int Run(const CheckCommand& command) {
  const bool is_disk_fine = !command.apply_fixes || FixAll(command);
  const Findings findings = CheckRun(command).Found();
  if (!Show(findings, command.as_json) || !is_disk_fine) return kExitUsage;
  return findings.has_errors ? kExitProblems : kExitFine;
}

}  // namespace batonc
