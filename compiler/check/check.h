// Syntax trees to a checked model.
#pragma once

#include <vector>

#include "compiler/check/model.h"
#include "compiler/diag/diagnostic.h"
#include "compiler/parse/syntax.h"
#include "compiler/source/source_map.h"

namespace batonc {

// `trees` by FileId, one for each file of `sources`, includes resolved. Names that cannot be
// resolved become ErrorType; a model is sound only when `diagnostics` has no errors.
Model Check(const SourceMap& sources, const std::vector<SyntaxTree>& trees,
            Diagnostics& diagnostics);

}  // namespace batonc
