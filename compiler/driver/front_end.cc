#include "compiler/driver/front_end.h"

#include "compiler/check/check.h"

namespace batonc {

CheckedFiles ReadAndCheck(SourceMap& sources, const InputOptions& input, Diagnostics& diagnostics) {
  Loaded loaded = Load(sources, input.files, diagnostics, input.preludes);
  return {std::move(loaded.named), Check(sources, loaded.trees, diagnostics)};
}

}  // namespace batonc
