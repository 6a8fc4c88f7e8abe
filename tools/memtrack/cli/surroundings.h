// What a command has around it: the terminal, the clock and the machine. Tests have their own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <ostream>

#include <baton/base/result.h>

#include "tools/memtrack/scan/snapshot.h"

namespace memtrack {

// Looks at the machine once, each time it is called.
using LiveSource = std::function<baton::Result<Snapshot>()>;

// Whose sockets are looked into for what is in flight.
enum class Sockets : std::uint8_t { kOwn, kAll, kNone };

struct LiveOptions {
  Sockets sockets = Sockets::kOwn;  // of our own user's processes
  bool is_repeated = false;         // then only what has changed is read again,
  int full_every = 10;              // but for each look of so many, which reads everything
};

struct Surroundings {
  std::ostream& out;
  std::ostream& err;
  std::size_t width = 0;  // characters of a line; 0: not a terminal
  std::function<baton::Result<LiveSource>(const LiveOptions& options)> open_live;
  std::function<bool(double seconds)> wait;  // false: the user wants an end
};

}  // namespace memtrack
