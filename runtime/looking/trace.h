// Sights -> events of a trace: slices, arrows, instants, counters. docs/looking-inside.md says what
// they are called. Any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "runtime/looking/sight.h"
#include "runtime/looking/trace_file.h"

namespace baton::internal {

class Trace {
 public:
  explicit Trace(TraceFile& file) : file_(file) {}

  // A slice in which `sight` was queued, and the tail of its arrow.
  void Send(const MessageSight& sight, Moment begin, Moment end);

  // A slice begins in which `sight` is handled, with the head of its arrow; the thread ends it.
  void BeginHandler(const MessageSight& sight, Moment begin);
  void EndHandler(Moment end);

  // Something without length, on this thread.
  void Instant(std::string_view name, const ChannelName& channel, Moment when);
  void Instant(std::string_view name, Moment when);

  // Bytes that wait for the peer.
  void Queue(const ChannelName& channel, std::uint64_t bytes, Moment when);

  // Writes what is buffered: before a pause, so that a process killed in it has lost nothing.
  void Flush() { file_.Flush(); }

 private:
  TraceFile& file_;
};

}  // namespace baton::internal
