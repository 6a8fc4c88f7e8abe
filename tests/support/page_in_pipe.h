// Memory of which somebody has a page elsewhere, without a mapping.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <baton/platform/handle.h>

#include "tests/support/failure.h"

namespace baton::testing {

// The reading end of a pipe in which the first page of the object lies: the page itself, not a copy
// of it (splice(2)).
inline platform::Handle PipeWithPageOf(const platform::Handle& memory) {
  int ends[2] = {};
  if (::pipe2(ends, O_CLOEXEC) != 0) FailHere(__FILE__, __LINE__, "no pipe");
  platform::Handle out(ends[0]);
  const platform::Handle in(ends[1]);
  off_t from = 0;
  const bool is_there = ::splice(memory.get(), &from, in.get(), nullptr, 4096, 0) == 4096;
  if (!is_there) FailHere(__FILE__, __LINE__, "no page");
  return out;
}

}  // namespace baton::testing
