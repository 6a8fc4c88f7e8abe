#include "compiler/driver/front_end.h"

#include <optional>

#include "compiler/check/check.h"
#include "compiler/diag/problems.h"

namespace batonc {
namespace {

// After Load: the list is no protocol, but has places to be pointed at.
std::optional<SyncAllowList> ReadAllowList(SourceMap& sources, const std::string& path,
                                           Diagnostics& diagnostics) {
  if (path.empty()) return std::nullopt;
  const auto opened = sources.Open(path);
  if (opened.has_value()) return ParseSyncAllowList(sources.file(*opened), diagnostics);
  diagnostics.Report(kCannotRead, kNoPlace, path, opened.error().message());
  return std::nullopt;
}

}  // namespace

CheckedFiles ReadAndCheck(SourceMap& sources, const InputOptions& input, Diagnostics& diagnostics) {
  Loaded loaded = Load(sources, input.files, diagnostics, input.preludes);
  const auto allow_list = ReadAllowList(sources, input.sync_allow_list, diagnostics);
  const CheckOptions options{.allow_list = allow_list ? &*allow_list : nullptr};
  return {std::move(loaded.named), Check(sources, loaded.trees, options, diagnostics)};
}

}  // namespace batonc
