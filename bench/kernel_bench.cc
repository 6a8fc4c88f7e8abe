// What the kernel and the memory charge for the steps of which handing over shared memory is made.
// Each benchmark is one life of a piece of memory; its counters are the steps, medians in
// microseconds.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <thread>
#include <vector>

#include <baton/base/check.h>
#include <baton/platform/local_socket.h>

#include "bench/kernel_steps.h"
#include "bench/placement.h"

namespace bench {
namespace {

using baton::platform::Handle;

constexpr std::int64_t kKiB = 1024;
constexpr std::int64_t kMiB = 1024 * kKiB;
constexpr std::size_t kPage = 4096;
constexpr std::size_t kCacheLine = 64;

void Sizes(benchmark::internal::Benchmark* benchmark) {
  for (const std::int64_t size : {64 * kKiB, kMiB, 8 * kMiB, 32 * kMiB}) benchmark->Arg(size);
  benchmark->UseRealTime()->Unit(benchmark::kMicrosecond);
}

std::size_t SizeOf(const benchmark::State& state) {
  return static_cast<std::size_t>(state.range(0));
}

char* Map(std::size_t size, int protection, int flags, int handle) {
  void* memory = mmap(nullptr, size, protection, flags, handle, 0);
  BATON_CHECK(memory != MAP_FAILED);
  return static_cast<char*>(memory);
}

char* MapShared(std::size_t size, const Handle& memfd, int flags = 0) {
  return Map(size, PROT_READ | PROT_WRITE, MAP_SHARED | flags, memfd.get());
}

Handle NewMemfd(std::size_t size) {
  Handle memfd(memfd_create("bench", MFD_CLOEXEC));
  BATON_CHECK(memfd && ftruncate(memfd.get(), static_cast<off_t>(size)) == 0);
  return memfd;
}

void WritePages(char* memory, std::size_t size) {
  for (std::size_t at = 0; at < size; at += kPage) static_cast<volatile char*>(memory)[at] = 1;
}

void ReadEvery(const char* memory, std::size_t size, std::size_t step) {
  for (std::size_t at = 0; at < size; at += step)
    (void)static_cast<const volatile char*>(memory)[at];
}

// A thread that keeps CPU 1 busy with this process, so that changes of page tables must reach it.
class OtherCpu {
 public:
  OtherCpu() { PinToOurCpu(); }
  ~OtherCpu() {
    stopped_ = true;
    thread_.join();
  }

  // Reads memory over there, and waits for the end of that.
  void Read(const char* memory, std::size_t size) {
    size_ = size;
    memory_ = memory;
    while (memory_ != nullptr) {
    }
  }

 private:
  void Run() {
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    CPU_SET(std::thread::hardware_concurrency() > 1 ? 1 : 0, &cpus);
    BATON_CHECK(sched_setaffinity(0, sizeof(cpus), &cpus) == 0);
    while (!stopped_) {
      if (const char* memory = memory_; memory != nullptr) {
        ReadEvery(memory, size_, kCacheLine);
        memory_ = nullptr;
      }
    }
  }

  std::atomic<bool> stopped_ = false;
  std::atomic<const char*> memory_ = nullptr;
  std::atomic<std::size_t> size_ = 0;
  std::thread thread_{[this] { Run(); }};
};

void KernelSystemCall(benchmark::State& state) {
  for (auto _ : state) syscall(SYS_getppid);
}
BENCHMARK(KernelSystemCall);

void KernelFutexWakeNobody(benchmark::State& state) {
  std::uint32_t word = 0;
  for (auto _ : state) syscall(SYS_futex, &word, FUTEX_WAKE, 1, nullptr, nullptr, 0);
}
BENCHMARK(KernelFutexWakeNobody);

void KernelEventfdWriteNobody(benchmark::State& state) {
  const Handle event(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  constexpr std::uint64_t kOnce = 1;
  for (auto _ : state) BATON_CHECK(write(event.get(), &kOnce, sizeof(kOnce)) == sizeof(kOnce));
}
BENCHMARK(KernelEventfdWriteNobody);

void KernelMemfdLife(benchmark::State& state) {
  const std::size_t size = SizeOf(state);
  Steps steps(state);
  for (auto _ : state) {
    Handle memfd = steps.Time("create", [&] { return NewMemfd(size); });
    char* memory = steps.Time("mmap", [&] { return MapShared(size, memfd); });
    steps.Time("first_touch", [&] { WritePages(memory, size); });
    steps.Time("munmap", [&] { munmap(memory, size); });
    steps.Time("close", [&] { memfd.Reset(); });
  }
}
BENCHMARK(KernelMemfdLife)->Apply(Sizes);

// The same pages as private memory, as malloc would give them.
void KernelAnonymousLife(benchmark::State& state) {
  const std::size_t size = SizeOf(state);
  constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS;
  Steps steps(state);
  for (auto _ : state) {
    char* memory =
        steps.Time("mmap", [&] { return Map(size, PROT_READ | PROT_WRITE, kFlags, -1); });
    steps.Time("first_touch", [&] { WritePages(memory, size); });
    steps.Time("munmap", [&] { munmap(memory, size); });
  }
}
BENCHMARK(KernelAnonymousLife)->Apply(Sizes);

// One byte through a socket pair of this thread, so that no wake-up is in the number.
void Pass(const std::pair<Handle, Handle>& sockets, std::span<const int> sent,
          std::vector<Handle>& received) {
  std::byte byte[1] = {};
  BATON_CHECK(baton::platform::SendSome(sockets.first, byte, sent));
  BATON_CHECK(baton::platform::ReceiveSome(sockets.second, byte, received));
}

// What the receiver of a handle pays.
void KernelPassHandle(benchmark::State& state) {
  const std::size_t size = SizeOf(state);
  const Handle memfd = NewMemfd(size);
  char* ours = MapShared(size, memfd, MAP_POPULATE);
  auto sockets = baton::platform::CreateSocketPair();
  BATON_CHECK(sockets);
  const int handles[] = {memfd.get()};
  Steps steps(state);
  for (auto _ : state) {
    std::vector<Handle> received;
    steps.Time("byte", [&] { Pass(*sockets, {}, received); });
    steps.Time("byte_and_handle", [&] { Pass(*sockets, handles, received); });
    char* memory = steps.Time("mmap", [&] { return MapShared(size, received[0]); });
    steps.Time("read_pages", [&] { ReadEvery(memory, size, kPage); });
    steps.Time("munmap", [&] { munmap(memory, size); });
    memory =
        steps.Time("mmap_populate", [&] { return MapShared(size, received[0], MAP_POPULATE); });
    munmap(memory, size);
  }
  munmap(ours, size);
}
BENCHMARK(KernelPassHandle)->Apply(Sizes);

// What revoking and granting by mprotect costs, alone and beside a thread that is busy elsewhere.
void ProtectAndGrant(benchmark::State& state) {
  const std::size_t size = SizeOf(state);
  char* memory = MapShared(size, NewMemfd(size), MAP_POPULATE);
  WritePages(memory, size);
  const auto protect = [&](int how) { BATON_CHECK(mprotect(memory, size, how) == 0); };
  Steps steps(state);
  for (auto _ : state) {
    steps.Time("to_none", [&] { protect(PROT_NONE); });
    steps.Time("from_none", [&] { protect(PROT_READ | PROT_WRITE); });
    steps.Time("write_pages", [&] { WritePages(memory, size); });
    steps.Time("to_read", [&] { protect(PROT_READ); });
    steps.Time("from_read", [&] { protect(PROT_READ | PROT_WRITE); });
    WritePages(memory, size);
  }
  munmap(memory, size);
}

void KernelProtectQuiet(benchmark::State& state) {
  ProtectAndGrant(state);
}
BENCHMARK(KernelProtectQuiet)->Apply(Sizes);

void KernelProtectBusy(benchmark::State& state) {
  const OtherCpu other;
  ProtectAndGrant(state);
}
BENCHMARK(KernelProtectBusy)->Apply(Sizes);

// A producer fills again what a consumer on the other CPU has just read.
void KernelRefill(benchmark::State& state) {
  const std::size_t size = SizeOf(state);
  char* memory = MapShared(size, NewMemfd(size), MAP_POPULATE);
  OtherCpu other;
  Steps steps(state);
  for (auto _ : state) {
    steps.Time("fill", [&] { std::memset(memory, 3, size); });
    steps.Time("read_by_other_cpu", [&] { other.Read(memory, size); });
  }
  munmap(memory, size);
}
BENCHMARK(KernelRefill)->Apply(Sizes);

}  // namespace
}  // namespace bench
