// What waits to be closed, and the threads that do it (CloseForeign).
//
//   Take ──▶ waiting ──▶ being closed, of each source one at a time ──▶ closed
//
// A close that hangs keeps its thread, so those of other sources get another one. Allocates
// nothing: it is used on the way out.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include <baton/platform/handle.h>

namespace baton::platform {

class Closer {
 public:
  static Closer& OfProcess();

  // False when there is no thread, and none can be started: it stays the caller's.
  bool Take(NativeHandle handle, HandleSource source);
  // Nobody closes it: it stays open, and counts.
  void Keep(NativeHandle handle, HandleSource source);
  // Returns when the thread runs: what a thread does first it does before it is locked up.
  bool Start();

  std::size_t open() const { return open_.load(std::memory_order_acquire); }
  std::size_t OpenOf(HandleSource source);

  HandleSource NewSource();
  bool IsOfThisProcess(HandleSource source) const;

 private:
  static constexpr std::size_t kMostThreads = 8;
  static constexpr std::size_t kMostWaiting = 16'384;

  struct Waiting {
    NativeHandle handle;
    HandleSource source;
  };

  Closer();

  // All with the lock held.
  void Push(NativeHandle handle, HandleSource source);
  bool EnsureThread();
  bool IsBusy(HandleSource source) const;
  std::size_t FirstToClose() const;
  void BeginAnew();

  static void* RunThread(void* closer);
  void Run();
  void CloseOne(std::unique_lock<std::mutex>& lock, std::size_t at);

  std::mutex mutex_;
  std::condition_variable news_;
  std::condition_variable runs_;
  std::array<Waiting, kMostWaiting> waiting_ = {};  // in turn
  std::size_t count_ = 0;
  std::array<HandleSource, kMostThreads> busy_ = {};  // whose handles are being closed; 0: none
  std::size_t threads_ = 0;
  std::size_t idle_ = 0;  // of these, at most one
  bool has_run_ = false;
  std::atomic<std::size_t> open_ = 0;
  std::atomic<std::uint64_t> last_source_ = kUnknownSource;  // so wide that it does not come round
  std::atomic<std::uint64_t> first_of_process_ = kUnknownSource;
};

}  // namespace baton::platform
