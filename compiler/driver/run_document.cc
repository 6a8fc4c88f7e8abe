#include <filesystem>

#include "compiler/document/document.h"
#include "compiler/document/draw_tree.h"
#include "compiler/driver/front_end.h"
#include "compiler/driver/report.h"
#include "compiler/driver/run.h"
#include "compiler/driver/write_outputs.h"
#include "compiler/emit/emit.h"
#include "compiler/source/file_reader.h"

namespace batonc {
namespace {

// A model for others to read, with its problems shown. The exit code is not kExitFine when there is
// nothing to read.
struct Readable {
  CheckedFiles checked;
  int exit_code = kExitFine;
};

Readable ReadAndShow(const InputOptions& input) {
  DiskReader disk;
  SourceMap sources(disk, input.roots);
  Diagnostics diagnostics;
  Readable result{ReadAndCheck(sources, input, diagnostics), kExitFine};
  const Findings findings = FindingsOf(sources, diagnostics);
  if (!Show(findings, false)) result.exit_code = kExitUsage;
  if (findings.has_errors) result.exit_code = kExitProblems;
  return result;
}

}  // namespace

int Run(const DocCommand& command) {
  const Readable input = ReadAndShow(command.input);
  if (input.exit_code != kExitFine) return input.exit_code;
  for (const Page& page : Document(input.checked.model)) {
    const std::string path = (std::filesystem::path(command.output_folder) / page.path).string();
    const auto written = WriteIfChanged(path, page.html);
    if (written.has_value()) continue;
    ComplainAboutFile("write", path, written.error());
    return kExitUsage;
  }
  return kExitFine;
}

int Run(const JsonCommand& command) {
  const Readable input = ReadAndShow(command.input);
  if (input.exit_code != kExitFine) return input.exit_code;
  std::string files;
  for (const File& file : input.checked.model.files) {
    if (file.is_prelude) continue;
    if (!files.empty()) files += ",\n";
    files += EmitJson(input.checked.model, file.id);
  }
  return PrintOut("{\"format\": 1, \"files\": [\n" + files + "]}\n") ? kExitFine : kExitUsage;
}

int Run(const GraphCommand& command) {
  const Readable input = ReadAndShow(command.input);
  if (input.exit_code != kExitFine) return input.exit_code;
  return PrintOut(DotGraph(input.checked.model)) ? kExitFine : kExitUsage;
}

}  // namespace batonc
