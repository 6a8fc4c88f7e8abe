// From a checked model to the plan of one file's output. Total: a model without errors always has a
// plan, and a plan can always be printed.
#pragma once

#include "compiler/check/model.h"
#include "compiler/lower/headers.h"
#include "compiler/lower/plan.h"

namespace batonc {

// `headers` is that of the model, made once for all files.
Plan Lower(const Model& model, const Headers& headers, FileId file);

}  // namespace batonc
