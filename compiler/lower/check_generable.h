// Says what is right by the language but cannot be generated yet, because the runtime lacks it. For
// `compile` only, before Lower: after it, lowering cannot fail.
#pragma once

#include <vector>

#include "compiler/check/model.h"
#include "compiler/diag/diagnostic.h"

namespace batonc {

// Of what `files` declare: a warning for each protocol some of whose messages will be there only by
// name (E0601), an error for each struct or union that holds what cannot travel (E0602).
void CheckGenerable(const Model& model, const std::vector<FileId>& files, Diagnostics& diagnostics);

}  // namespace batonc
