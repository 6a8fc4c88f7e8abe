// Which protocols travel on one channel, in each version of the top-level one.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/check/model.h"

namespace batonc {

// `protocol`, and behind it, by name, all that it manages in `version`, however far below. A
// managed protocol is there as soon as a message of that version makes an actor of it or carries an
// endpoint for one; one that no message of any version brings into being is always there.
std::vector<const Protocol*> TreeIn(const Model& model, const Protocol& protocol,
                                    std::uint32_t version);

}  // namespace batonc
