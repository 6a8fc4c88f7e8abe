// What the tests of the scan do to look at their helpers, and to tell them what to do.
//
// A helper is a PEER. It says with a byte on its end of the channel that it has what it is to hold,
// and goes on holding it until it is told a byte, or the channel ends.
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <vector>

#include <baton/platform/handle.h>
#include "tests/support/must.h"
#include "tests/support/peer.h"
#include "tools/memtrack/scan/scanner.h"

namespace memtrack_test {

using baton::platform::Handle;
using baton::testing::Must;

inline void Say(const Handle& end) {
  const char byte = 1;
  if (::send(end.get(), &byte, 1, MSG_NOSIGNAL) != 1)
    baton::testing::FailHere(__FILE__, __LINE__, "cannot say");
}

// Ends are non-blocking: waits until there is something to read, or the other side has gone.
inline void Await(const Handle& end) {
  pollfd wanted = {.fd = end.get(), .events = POLLIN, .revents = 0};
  while (::poll(&wanted, 1, -1) != 1) {
  }
}

// False: the other side has gone.
inline bool Hear(const Handle& end) {
  Await(end);
  char byte = 0;
  return ::read(end.get(), &byte, 1) == 1;
}

// For the end of a helper: says that all is there and holds it until the test has seen it.
inline void SayAndHold(const Handle& end) {
  Say(end);
  Hear(end);
}

inline memtrack::Snapshot Look(memtrack::ScanOptions options) {
  return Must(Must(memtrack::Scanner::Create(std::move(options))).Scan());
}

inline memtrack::Snapshot LookAt(std::vector<int> processes) {
  memtrack::ScanOptions options;
  options.processes = std::move(processes);
  options.includes_self = true;
  return Look(std::move(options));
}

// The segment of that name, or null.
inline const memtrack::Segment* Find(const memtrack::Snapshot& snapshot, std::string_view name) {
  const auto found = std::ranges::find(snapshot.segments, name, &memtrack::Segment::name);
  return found == snapshot.segments.end() ? nullptr : &*found;
}

template <class Hold>
std::vector<Hold> Of(const std::vector<Hold>& holds, const memtrack::SegmentKey& segment) {
  std::vector<Hold> found;
  std::ranges::copy_if(holds, std::back_inserter(found),
                       [&](const Hold& hold) { return hold.segment == segment; });
  return found;
}

}  // namespace memtrack_test
