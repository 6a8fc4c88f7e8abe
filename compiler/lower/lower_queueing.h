// How messages wait, for those that do not wait their turn like all others.
#pragma once

#include <string>

#include "compiler/check/model.h"

namespace batonc {

// The baton::wire::Queueing of a message, in braces; empty when it is as by default.
std::string LowerQueueing(const Message& message);

// The baton::wire::LooksAhead of a protocol, in braces: which sides may receive something that
// overtakes another message or takes its place, on any actor of the tree. Empty when none does.
std::string LowerLooksAhead(const Model& model, const Protocol& protocol);

}  // namespace batonc
