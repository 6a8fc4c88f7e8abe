// SKIP_WITHOUT_SEALS(why): for a test that says something only of memory that can be sealed, or
// that has a name of ours in /proc, as memfds do; BATON_MEMORY=posix makes other memory.
#pragma once

#include <baton/platform/memory_backend.h>

#include "tests/support/skip.h"

#define SKIP_WITHOUT_SEALS(why)                                                  \
  do {                                                                           \
    const auto backend = ::baton::platform::CurrentMemoryBackend();              \
    if (!::baton::platform::CapabilitiesOf(backend).sealed) {                    \
      SKIP_TEST(::baton::platform::CapabilitiesOf(backend).name << ": " << why); \
    }                                                                            \
  } while (false)
