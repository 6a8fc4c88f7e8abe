#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <new>

#include <baton/base/check.h>

#include "platform/linux/closer.h"

namespace baton::platform {
namespace {

// No signal of the program's is handled by it: its handler might come to wait, too.
bool StartDetached(void* (*body)(void*), void* argument) {
  constexpr std::size_t kStack = std::size_t{256} << 10;
  pthread_attr_t how;
  if (::pthread_attr_init(&how) != 0) return false;
  (void)::pthread_attr_setdetachstate(&how, PTHREAD_CREATE_DETACHED);
  (void)::pthread_attr_setstacksize(&how, kStack);
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  const bool is_started = ::pthread_create(&thread, &how, body, argument) == 0;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ::pthread_attr_destroy(&how);
  return is_started;
}

}  // namespace

// Never destroyed: the threads outlive the objects of this file.
Closer& Closer::OfProcess() {
  alignas(Closer) static std::array<std::byte, sizeof(Closer)> place;
  static Closer& the_one = *new (place.data()) Closer;
  static const int tells_children =
      ::pthread_atfork([] { OfProcess().mutex_.lock(); }, [] { OfProcess().mutex_.unlock(); },
                       [] { OfProcess().BeginAnew(); });
  (void)tells_children;  // without it, what a child is sent stays open
  return the_one;
}

Closer::Closer() = default;

bool Closer::Take(NativeHandle handle, HandleSource source) {
  const std::lock_guard lock(mutex_);
  Push(handle, source);
  if (EnsureThread()) {
    news_.notify_one();
    return true;
  }
  if (count_ > 0 && waiting_[count_ - 1].handle == handle) --count_;
  open_.fetch_sub(1, std::memory_order_release);
  return false;
}

void Closer::Keep(NativeHandle handle, HandleSource source) {
  const std::lock_guard lock(mutex_);
  Push(handle, source);
}

bool Closer::Start() {
  std::unique_lock lock(mutex_);
  if (!EnsureThread()) return false;
  runs_.wait(lock, [&] { return has_run_; });
  return true;
}

std::size_t Closer::OpenOf(HandleSource source) {
  const std::lock_guard lock(mutex_);
  const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(count_);
  const auto waiting = std::count_if(waiting_.begin(), end,
                                     [&](const Waiting& one) { return one.source == source; });
  return static_cast<std::size_t>(waiting) + (IsBusy(source) ? 1 : 0);
}

// Where there is no more room it stays open. That takes sixteen peers, each of which sends a whole
// message of what does not close: of one that has some waiting, no more is received.
void Closer::Push(NativeHandle handle, HandleSource source) {
  BATON_CHECK(source != 0);  // in busy_ that is nobody's: it would never be closed
  open_.fetch_add(1, std::memory_order_relaxed);
  if (count_ < waiting_.size()) waiting_[count_++] = {handle, source};
}

// One that waits for news, or would have nothing to do.
bool Closer::EnsureThread() {
  const bool has_enough = threads_ > 0 && (idle_ > 0 || FirstToClose() == count_);
  if (has_enough || threads_ == kMostThreads) return true;
  if (StartDetached(&Closer::RunThread, this)) ++threads_;
  return threads_ > 0;
}

bool Closer::IsBusy(HandleSource source) const {
  return std::ranges::find(busy_, source) != busy_.end();
}

std::size_t Closer::FirstToClose() const {
  std::size_t at = 0;
  while (at < count_ && IsBusy(waiting_[at].source)) ++at;
  return at;
}

// In a child that was forked, which has none of the threads; the lock is held. What they were
// closing is open here, unless it was closed already.
void Closer::BeginAnew() {
  const auto busy = static_cast<std::size_t>(
      std::ranges::count_if(busy_, [](HandleSource source) { return source != HandleSource{}; }));
  open_.fetch_sub(busy, std::memory_order_relaxed);
  busy_ = {};
  threads_ = idle_ = 0;
  has_run_ = false;
  first_of_process_ = last_source_ + 1;
  new (&news_) std::condition_variable;
  new (&runs_) std::condition_variable;
  mutex_.unlock();
}

void* Closer::RunThread(void* closer) {
  static_cast<Closer*>(closer)->Run();
  return nullptr;
}

void Closer::Run() {
  std::unique_lock lock(mutex_);
  has_run_ = true;
  runs_.notify_all();
  for (;;) {
    const std::size_t at = FirstToClose();
    if (at < count_) {
      CloseOne(lock, at);
    } else if (idle_ == 0) {
      ++idle_;
      news_.wait(lock);
      --idle_;
    } else {
      --threads_;  // there is one for whatever comes
      return;
    }
  }
}

void Closer::CloseOne(std::unique_lock<std::mutex>& lock, std::size_t at) {
  const Waiting one = waiting_[at];
  const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(count_);
  std::move(waiting_.begin() + static_cast<std::ptrdiff_t>(at) + 1, end,
            waiting_.begin() + static_cast<std::ptrdiff_t>(at));
  --count_;
  HandleSource& busy = *std::ranges::find(busy_, HandleSource{});
  busy = one.source;
  (void)EnsureThread();  // for whoever is next, if this one hangs
  lock.unlock();
  ::close(one.handle);
  lock.lock();
  busy = {};
  open_.fetch_sub(1, std::memory_order_release);
}

// 31 bits (Handle); after as many, all share one. Never 0: peers make sources come and go.
HandleSource Closer::NewSource() {
  constexpr std::uint64_t kMost = 0x7fffffff;
  const std::uint64_t source = last_source_.fetch_add(1, std::memory_order_relaxed) + 1;
  return source <= kMost ? static_cast<HandleSource>(source) : kUnknownSource;
}

bool Closer::IsOfThisProcess(HandleSource source) const {
  return source >= first_of_process_.load(std::memory_order_relaxed);
}

}  // namespace baton::platform
