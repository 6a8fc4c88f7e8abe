#include <fmt/format.h>

#include "compiler/diag/displayed_text.h"
#include "compiler/diag/problems.h"
#include "compiler/driver/load.h"
#include "compiler/driver/report.h"
#include "compiler/driver/run.h"
#include "compiler/driver/write_outputs.h"
#include "compiler/format/format.h"
#include "compiler/source/file_reader.h"
#include "compiler/source/source_map.h"

namespace batonc {
namespace {

bool WriteFormatted(const std::string& path, const std::string& text) {
  const auto written = WriteIfChanged(path, text);
  if (!written.has_value()) ComplainAboutFile("write", path, written.error());
  return written.has_value();
}

}  // namespace

// Files with problems stay as they are; the others are laid out all the same.
int Run(const FormatCommand& command) {
  DiskReader disk;
  SourceMap sources(disk, {});
  Diagnostics diagnostics;
  std::vector<std::string> unlike;
  bool is_disk_fine = true;
  for (const std::string& path : command.files) {
    if (!HasKnownEnding(path)) {
      diagnostics.Report(kWrongEnding, kNoPlace, path);
      continue;
    }
    const auto opened = sources.Open(path);
    if (!opened.has_value()) {
      diagnostics.Report(kCannotRead, kNoPlace, path, opened.error().message());
      continue;
    }
    const SourceFile& source = sources.file(*opened);
    const auto formatted = FormatSource(source, diagnostics);
    if (!formatted || *formatted == source.text()) continue;
    unlike.push_back(path);
    if (!command.only_check) is_disk_fine &= WriteFormatted(path, *formatted);
  }
  const Findings findings = FindingsOf(sources, diagnostics);
  is_disk_fine &= Show(findings, command.as_json);
  if (!is_disk_fine) return kExitUsage;
  if (!command.only_check) return findings.has_errors ? kExitProblems : kExitFine;
  for (const std::string& path : unlike) {
    PrintError(fmt::format("batonc: `{}` is not formatted\n", Displayable(path)));
  }
  return findings.has_errors || !unlike.empty() ? kExitProblems : kExitFine;
}

}  // namespace batonc
