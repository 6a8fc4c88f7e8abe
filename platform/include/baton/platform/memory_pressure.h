// Whether the machine is short of memory, by the kernel's own judgement: for whoever keeps memory
// that it could do without.
//
// On Linux: a trigger on /proc/pressure/memory, of which a process has one. Nobody waits for it:
// who keeps memory has a timer anyway, and asks then. It is opened by who calls Watch and by nobody
// else: a process in a sandbox may be killed for opening a file.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

#include <baton/platform/handle.h>

namespace baton::platform {

class MemoryPressure {
 public:
  // That of this machine, in this process. Any thread, as all below.
  static MemoryPressure& OfMachine();

  // Opens it, once; it stays open for good. Launching a process does so.
  void Watch();

  // False: nobody watches, or the system does not say, or not to this process. Count() is 0 then.
  bool is_known() const { return is_known_.load(std::memory_order_acquire); }

  // How often the kernel has reported that tasks stand still for want of memory (150 ms within 2 s)
  // while this process watched. At most once in 2 s. One system call, none where it is not known.
  std::uint64_t Count();

 private:
  MemoryPressure() = default;

  std::once_flag once_;
  Handle trigger_;
  std::atomic<bool> is_known_{false};
  std::atomic<std::uint64_t> count_{0};
};

}  // namespace baton::platform
