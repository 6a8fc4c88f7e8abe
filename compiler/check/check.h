// Syntax trees to a checked model.
#pragma once

#include <vector>

#include "compiler/check/model.h"
#include "compiler/check/sync_allow_list.h"
#include "compiler/diag/diagnostic.h"
#include "compiler/parse/syntax.h"
#include "compiler/source/source_map.h"

namespace batonc {

struct CheckOptions {
  // `--sync-allowlist`: every sync message must be on it. Null: not given.
  const SyncAllowList* allow_list = nullptr;
};

// `trees` by FileId, one for each file of the run, includes resolved. Names that cannot be resolved
// become ErrorType; a model is sound only when `diagnostics` has no errors.
Model Check(const SourceMap& sources, const std::vector<SyntaxTree>& trees,
            const CheckOptions& options, Diagnostics& diagnostics);

}  // namespace batonc
