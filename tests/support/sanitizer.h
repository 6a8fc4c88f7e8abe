// Whether this program carries a sanitizer's runtime, which needs things of its own: files for its
// reports and to see whether memory is mapped.
#pragma once

extern "C" void __sanitizer_print_stack_trace() __attribute__((weak));

namespace baton::testing {

inline bool IsSanitized() {
  return &__sanitizer_print_stack_trace != nullptr;
}

}  // namespace baton::testing
