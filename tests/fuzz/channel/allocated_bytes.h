// How much the program has allocated, where the address sanitizer counts it; else always 0.
#pragma once

#include <cstddef>

extern "C" [[gnu::weak]] std::size_t __sanitizer_get_current_allocated_bytes();

namespace baton::fuzz {

inline std::size_t AllocatedBytes() {
  if (__sanitizer_get_current_allocated_bytes == nullptr) return 0;
  return __sanitizer_get_current_allocated_bytes();
}

}  // namespace baton::fuzz
