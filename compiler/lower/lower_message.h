// The part of a plan that stands for a message, and for what both classes say about it.
#pragma once

#include "compiler/check/model.h"
#include "compiler/lower/cpp_types.h"
#include "compiler/lower/plan.h"

namespace batonc {

// `scope` is that of `protocol`.
MessagePlan LowerMessage(const Model& model, const Protocol& protocol, const CppScope& scope,
                         const Message& message);

// True when `side` sends, or receives, such a message.
bool Sends(Side side, Direction direction);
bool Receives(Side side, Direction direction);

}  // namespace batonc
