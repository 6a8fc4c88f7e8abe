// How much the program has allocated, where the address sanitizer counts it; else always 0.
#pragma once

#include <cstddef>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BATON_FUZZ_COUNTS_BYTES
#endif
#endif

#ifdef BATON_FUZZ_COUNTS_BYTES
#include <sanitizer/allocator_interface.h>
#endif

namespace baton::fuzz {

inline std::size_t AllocatedBytes() {
#ifdef BATON_FUZZ_COUNTS_BYTES
  return __sanitizer_get_current_allocated_bytes();
#else
  return 0;
#endif
}

}  // namespace baton::fuzz
