// The parts of a plan that stand for a protocol: its messages, and its two classes.
#pragma once

#include "compiler/check/model.h"
#include "compiler/lower/plan.h"

namespace batonc {

ProtocolPlan LowerProtocol(const Model& model, const Protocol& protocol);

}  // namespace batonc
