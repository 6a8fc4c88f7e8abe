// From a checked model to the plan of one file's output. Total: a model without errors always has
// a plan, and a plan can always be printed.
#pragma once

#include "compiler/check/model.h"
#include "compiler/lower/plan.h"

namespace batonc {

Plan Lower(const Model& model, FileId file);

}  // namespace batonc
