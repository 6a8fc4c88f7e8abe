// The part of a plan that stands for a protocol.
#pragma once

#include "compiler/check/model.h"
#include "compiler/lower/plan.h"

namespace batonc {

ProtocolPlan LowerProtocol(const Model& model, const Protocol& protocol);

}  // namespace batonc
