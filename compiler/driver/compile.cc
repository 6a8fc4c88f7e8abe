#include "compiler/driver/compile.h"

#include <map>
#include <utility>

#include "compiler/check/check.h"
#include "compiler/diag/problems.h"
#include "compiler/driver/load.h"
#include "compiler/lower/check_generable.h"
#include "compiler/lower/lower.h"

namespace batonc {
namespace {

// Beyond what each file sees by itself: a.idl and a.idlh named in one run.
void CheckOutputs(const Model& model, const std::vector<FileId>& named, Diagnostics& diagnostics) {
  std::map<std::string, FileId> outputs;
  for (const FileId id : named) {
    const auto [first, is_new] = outputs.emplace(model.file(id).output, id);
    if (is_new) continue;
    diagnostics.Report(kOutputsCollide, kNoPlace, model.file(first->second).path,
                       model.file(id).path);
  }
}

}  // namespace

std::vector<OutputFile> Compile(SourceMap& sources, const std::vector<std::string>& paths,
                                Diagnostics& diagnostics) {
  const Loaded loaded = Load(sources, paths, diagnostics);
  const Model model = Check(sources, loaded.trees, {}, diagnostics);
  CheckOutputs(model, loaded.named, diagnostics);
  CheckGenerable(model, loaded.named, diagnostics);
  std::vector<OutputFile> outputs;
  if (diagnostics.HasErrors()) return outputs;

  const Headers headers(model);
  for (const FileId file : loaded.named) {
    const Plan plan = Lower(model, headers, file);
    for (OutputFile& output : Emit(model, file, plan)) outputs.push_back(std::move(output));
  }
  return outputs;
}

void CheckOnly(SourceMap& sources, const std::vector<std::string>& paths,
               Diagnostics& diagnostics) {
  const Loaded loaded = Load(sources, paths, diagnostics);
  Check(sources, loaded.trees, {}, diagnostics);
}

}  // namespace batonc
