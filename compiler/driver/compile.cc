#include "compiler/driver/compile.h"

#include <unordered_map>
#include <utility>

#include "compiler/diag/problems.h"
#include "compiler/driver/front_end.h"
#include "compiler/lower/lower.h"

namespace batonc {
namespace {

// Beyond what each file sees by itself: a.idl and a.idlh named in one run.
void CheckOutputs(const Model& model, const std::vector<FileId>& named, Diagnostics& diagnostics) {
  std::unordered_map<std::string_view, FileId> outputs;
  for (const FileId id : named) {
    const auto [first, is_new] = outputs.emplace(model.file(id).output, id);
    if (is_new) continue;
    diagnostics.Report(kOutputsCollide, kNoPlace, model.file(first->second).path,
                       model.file(id).path);
  }
}

InputOptions OnlyFiles(const std::vector<std::string>& paths) {
  InputOptions input;
  input.files = paths;
  return input;
}

}  // namespace

std::vector<OutputFile> Compile(SourceMap& sources, const InputOptions& input,
                                Diagnostics& diagnostics) {
  const auto [named, model] = ReadAndCheck(sources, input, diagnostics);
  CheckOutputs(model, named, diagnostics);
  std::vector<OutputFile> outputs;
  if (diagnostics.HasErrors()) return outputs;

  const Headers headers(model);
  for (const FileId file : named) {
    const Plan plan = Lower(model, headers, file);
    for (OutputFile& output : Emit(model, file, plan)) outputs.push_back(std::move(output));
  }
  return outputs;
}

std::vector<OutputFile> Compile(SourceMap& sources, const std::vector<std::string>& paths,
                                Diagnostics& diagnostics) {
  return Compile(sources, OnlyFiles(paths), diagnostics);
}

void CheckOnly(SourceMap& sources, const std::vector<std::string>& paths,
               Diagnostics& diagnostics) {
  ReadAndCheck(sources, OnlyFiles(paths), diagnostics);
}

}  // namespace batonc
