// For tests in a process whose memory has no seals, and has a name for a moment
// (BATON_MEMORY=posix):
//
//   SKIP_UNLESS_SEALED();     a test about seals
//   SKIP_UNLESS_ANONYMOUS();  a process that may open no file, and makes memory
#pragma once

#include <baton/platform/memory_backend.h>
#include "tests/support/skip.h"

namespace baton::testing {

inline const platform::BackendCapabilities& OwnMemory() {
  return platform::CapabilitiesOf(platform::CurrentMemoryBackend());
}

}  // namespace baton::testing

#define SKIP_UNLESS_SEALED()                 \
  if (!::baton::testing::OwnMemory().sealed) \
  SKIP_TEST("about seals, which " << ::baton::testing::OwnMemory().name << " does not have")

#define SKIP_UNLESS_ANONYMOUS()                                                                    \
  if (!::baton::testing::OwnMemory().is_anonymous)                                                 \
  SKIP_TEST("who may open no file makes no " << ::baton::testing::OwnMemory().name << ", as that " \
                                             << "has a name for a moment")
