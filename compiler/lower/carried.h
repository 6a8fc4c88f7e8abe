// What the runtime cannot carry yet. Messages that need it are declared, but deleted.
#pragma once

#include <string_view>
#include <vector>

#include "compiler/check/model.h"
#include "compiler/lower/reach.h"

namespace batonc {

// The first thing in `type`, however wrapped, that does not travel yet: "FrozenShmem"; empty when
// all of it does.
std::string_view MissingIn(const Model& model, const Type& type);

// False for a struct or union that is only declared, since it holds such a thing.
bool IsCarried(const Model& model, NamedType type);

// Why `message` cannot be sent yet, each reason once: "FrozenShmem"; empty when it can.
std::vector<std::string_view> MissingFor(const Model& model, const Message& message);

}  // namespace batonc
