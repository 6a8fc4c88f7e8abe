// Where samples come from.
#pragma once

#include <baton/base/result.h>

#include "tools/memtrack/top/data.h"

namespace memtrack::top {

class Feed {
 public:
  virtual ~Feed() = default;

  // One sample on. Errors: those of the scan. At the end of a recording nothing happens.
  virtual baton::Result<void> Advance() = 0;

  // Through a recording, by so many snapshots, back if negative; nothing before its beginning, nor
  // on a machine as it is.
  virtual void Step(int count) = 0;

  // Of the last sample. There is none before the first Advance().
  virtual Data data() const = 0;
};

}  // namespace memtrack::top
