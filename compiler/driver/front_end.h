// Files to a checked model, as every verb needs it.
#pragma once

#include "compiler/check/model.h"
#include "compiler/diag/diagnostic.h"
#include "compiler/driver/load.h"
#include "compiler/driver/options.h"
#include "compiler/source/source_map.h"

namespace batonc {

struct CheckedFiles {
  std::vector<FileId> named;  // in the order they were named, each once
  Model model;                // sound when `diagnostics` has no errors
};

// `input.roots` are those of `sources` already.
CheckedFiles ReadAndCheck(SourceMap& sources, const InputOptions& input, Diagnostics& diagnostics);

}  // namespace batonc
