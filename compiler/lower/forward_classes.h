// The generated classes, and types that are only declared, that a side's header names before, or
// without, having seen them.
#pragma once

#include <vector>

#include "compiler/check/model.h"
#include "compiler/lower/plan.h"

namespace batonc {

// Of actors and endpoints in the messages of `file`, and of managed actors; by namespace, each
// once.
std::vector<ForwardPlan> ForwardClasses(const Model& model, const File& file, Side side);

}  // namespace batonc
