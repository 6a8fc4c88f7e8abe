// The number under which a message travels: the 32-bit FNV-1a hash of its full name,
// "ns::PFoo::Message". The checker refuses a protocol in which two numbers collide, or one is 0.
#pragma once

#include <cstdint>
#include <string_view>

namespace batonc {

constexpr std::uint32_t MessageId(std::string_view full_name) {
  std::uint32_t hash = 0x811c9dc5;
  for (const char character : full_name) {
    hash = (hash ^ static_cast<std::uint8_t>(character)) * 0x01000193;
  }
  return hash;
}

}  // namespace batonc
