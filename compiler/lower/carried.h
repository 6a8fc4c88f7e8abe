// What the runtime cannot carry yet. Messages that need it are declared, but deleted.
#pragma once

#include <string_view>
#include <vector>

#include "compiler/check/model.h"

namespace batonc {

// The first thing in `type`, however wrapped, that does not travel yet: "endpoints"; empty when all
// of it does. Does not look into structs and unions.
std::string_view MissingIn(const Type& type);

// Why `message` cannot be sent yet, each reason once: "sync messages"; empty when it can.
std::vector<std::string_view> MissingFor(const Message& message);

}  // namespace batonc
