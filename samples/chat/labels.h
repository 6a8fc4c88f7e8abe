// What the ends of channels are labelled with: whom the process at the other end belongs to.
#pragma once

#include <cstdint>

namespace samples::chat {

inline constexpr std::uint64_t kUser = 1;  // somebody whom the server has launched

}  // namespace samples::chat
