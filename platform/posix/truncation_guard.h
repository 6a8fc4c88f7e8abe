// Outlives the truncation of shared memory that cannot be sealed.
//
// Whoever has a handle of such memory may shrink it. The next touch of a page that is not there any
// more raises SIGBUS in whoever maps it, in the middle of any instruction. A guarded range is
// covered with pages of zeros then, all of it at once, and counts as damaged from there on; the
// instruction is made again, reads zeros, and goes on.
//
//   first guard of the process:  sigaction(SIGBUS)
//   SIGBUS in a guarded range:   mmap(zeros) elsewhere, mremap(MREMAP_FIXED) over it, `damaged`,
//                                back to the instruction
//   any other SIGBUS:            whatever handled it before; the process ends if nothing did
//
// The handler is found by address, not by thread: it holds for all code of the process, in whatever
// depth of calls, that touches the range. It stays for good. A program that installs a handler of
// its own later has to hand on to ours what it does not know; a thread that blocks SIGBUS is ended
// by the kernel. A system call that is given the address says EFAULT, and damages nothing.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include <baton/base/result.h>

namespace baton::platform {

// One guarded range. Construction and destruction: any thread. It has to end before the range is
// unmapped: nothing is mapped over it after that.
class TruncationGuard {
 public:
  // Touches of `pages` are guarded; `area`, which contains them, is what is covered: what is one
  // area to the kernel should stay one. Errors: not_enough_memory; the system's, when the handler
  // cannot be installed.
  static Result<std::unique_ptr<TruncationGuard>> Watch(std::span<std::byte> pages,
                                                        std::span<std::byte> area);
  TruncationGuard(const TruncationGuard&) = delete;
  TruncationGuard& operator=(const TruncationGuard&) = delete;
  ~TruncationGuard();

  // Never false again. Any thread.
  bool is_damaged() const;

 private:
  struct Slot;
  struct Slots;
  class Book;

  static bool Cover(const std::byte* address);  // in a handler

  explicit TruncationGuard(Slot& slot) : slot_(slot) {}

  Slot& slot_;
};

}  // namespace baton::platform
