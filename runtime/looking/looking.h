// Is anybody looking at this process's messages? What asks is a load and a branch that is not
// taken; everything else is behind it.
//
//   BATON_LOG, SetMessageLog  -> MessageLog    lines
//   BATON_TRACE               -> Trace         a file for a viewer of traces
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "runtime/looking/message_log.h"
#include "runtime/looking/trace.h"

namespace baton::internal {

inline constinit std::atomic<bool> somebody_looks = false;

inline bool SomebodyLooks() {
  return somebody_looks.load(std::memory_order_relaxed);
}

// Does what the environment asks for: BATON_LOG, BATON_LOG_FILE, BATON_TRACE. Once per process, at
// its first call; what is wrong with them goes to standard error. Opens the files, so before a
// program locks itself in. Any thread.
void BeginLooking();

// Who looks now. Nobody does on a thread that is inside of a MessageLog.
struct Lookers {
  std::shared_ptr<const MessageLog> log;
  Trace* trace = nullptr;
};
Lookers CurrentLookers();

// A queue has asked its peer to look; `sequence` is that of its last data frame.
void TellDoorbell(const void* queue, std::uint64_t sequence, std::uint64_t doorbells);

}  // namespace baton::internal
