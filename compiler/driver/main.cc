#include <cstdio>
#include <exception>
#include <string>
#include <variant>
#include <vector>

#include "compiler/check/model.h"
#include "compiler/diag/render.h"
#include "compiler/driver/compile.h"
#include "compiler/driver/explain.h"
#include "compiler/driver/options.h"
#include "compiler/driver/write_outputs.h"
#include "compiler/source/file_reader.h"

namespace batonc {
namespace {

void Print(std::FILE* stream, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stream);
}

// True when the input is fine.
bool Show(const SourceMap& sources, const Diagnostics& diagnostics) {
  Print(stderr, RenderAll(sources, diagnostics));
  return !diagnostics.HasErrors();
}

bool Write(const std::string& path, const std::string& text) {
  const auto written = WriteIfChanged(path, text);
  if (written.has_value()) return true;
  Print(stderr, "batonc: cannot write `" + path + "`: " + written.error().message() + "\n");
  return false;
}

int Run(const CompileOptions& options) {
  DiskReader disk;
  SourceMap sources(disk, options.roots);
  Diagnostics diagnostics;
  const std::vector<OutputFile> outputs = Compile(sources, options.files, diagnostics);
  if (!Show(sources, diagnostics)) return kExitProblems;

  std::vector<std::string> written;
  for (const OutputFile& output : outputs) {
    written.push_back(options.output_folder + "/" + output.path);
    if (!Write(written.back(), output.text)) return kExitUsage;
  }
  if (options.depfile.empty()) return kExitFine;
  std::vector<std::string> inputs;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    inputs.push_back(sources.file(FileId{static_cast<std::uint32_t>(i)}).path());
  }
  return Write(options.depfile, DependencyFile(written, inputs)) ? kExitFine : kExitUsage;
}

int Run(const CheckOptions& options) {
  DiskReader disk;
  SourceMap sources(disk, options.roots);
  Diagnostics diagnostics;
  CheckOnly(sources, options.files, diagnostics);
  return Show(sources, diagnostics) ? kExitFine : kExitProblems;
}

int Run(const ExplainOptions& options) {
  const auto page = Explain(options.code);
  if (!page) {
    Print(stderr, "batonc: there is no problem `" + options.code + "`\n");
    return kExitUsage;
  }
  Print(stdout, *page);
  return kExitFine;
}

int Run(const Exit& exit) {
  return exit.code;
}

}  // namespace
}  // namespace batonc

int main(int argc, char** argv) {
  try {
    return std::visit([](const auto& options) { return batonc::Run(options); },
                      batonc::ParseOptions(argc, argv));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "batonc: a bug of ours: %s\n", error.what());
    return batonc::kExitBug;
  }
}
