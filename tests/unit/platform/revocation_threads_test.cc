// Other threads while access is taken away and given back: those who touch the memory, and those
// who map and unmap things of their own.
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <cerrno>
#include <cstdint>
#include <random>
#include <thread>
#include <vector>

#include <baton/platform/shared_memory.h>
#include "tests/support/guarded.h"
#include "tests/support/memory_areas.h"
#include "tests/support/must.h"
#include "tests/support/peer.h"

namespace baton::testing {
namespace {

using platform::MapOptions;
using platform::Mapping;
using platform::Revocation;
using platform::RevocationWay;
using platform::SharedMemory;

constexpr std::size_t kPage = 4096;
constexpr std::size_t kMiB = std::size_t{1} << 20;

// --- Who touches it meanwhile -----------------------------------------------------------------

constexpr std::size_t kWriters = 2;
constexpr std::size_t kTouched = 8;  // pages, from the first to the last

// How often each writer has faulted. A handler that returns lets the write be tried again.
std::atomic<std::uint64_t> faults[kWriters];
thread_local std::size_t this_writer = kWriters;

void OnFault(int) {
  if (this_writer == kWriters) ::_exit(3);  // no writer of ours: a true crash
  faults[this_writer].fetch_add(1, std::memory_order_relaxed);
}

std::uint64_t& WordAt(const Mapping& mapping, std::size_t page, std::size_t writer) {
  const std::size_t stride = (mapping.bytes().size() - kPage) / (kTouched - 1) / kPage * kPage;
  std::byte* const address = mapping.bytes().data() + page * stride + writer * 64;
  return *reinterpret_cast<std::uint64_t*>(address);
}

// A touch where another thread maps and unmaps meanwhile is what this is about; TSan calls it a
// race.
__attribute__((no_sanitize("thread"))) void Store(volatile std::uint64_t* word,
                                                  std::uint64_t number) {
  *word = number;
}

class Writers {
 public:
  explicit Writers(const Mapping& mapping) {
    for (std::size_t writer = 0; writer < kWriters; ++writer) {
      threads_.emplace_back([this, &mapping, writer] { Write(mapping, writer); });
    }
  }
  ~Writers() {
    stopped_.store(true);
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  void Write(const Mapping& mapping, std::size_t writer) {
    this_writer = writer;
    for (std::uint64_t number = 1; !stopped_.load(std::memory_order_relaxed); ++number) {
      Store(&WordAt(mapping, number % kTouched, writer), number);
    }
  }

  std::atomic<bool> stopped_{false};
  std::vector<std::thread> threads_;
};

std::vector<std::uint64_t> WordsOf(const Mapping& mapping) {
  std::vector<std::uint64_t> words;
  for (std::size_t page = 0; page < kTouched; ++page) {
    for (std::size_t writer = 0; writer < kWriters; ++writer) {
      words.push_back(std::atomic_ref(WordAt(mapping, page, writer)).load());
    }
  }
  return words;
}

// Every writer has been refused so often since: its writes before are all done.
void AwaitFaults(std::uint64_t more) {
  for (auto& count : faults) {
    const std::uint64_t enough = count.load() + more;
    while (count.load() < enough) std::this_thread::yield();
  }
}

void AwaitChange(const Mapping& mapping, const std::vector<std::uint64_t>& words) {
  while (WordsOf(mapping) == words) std::this_thread::yield();
}

void RaceWithWriters(std::size_t size, const MapOptions& options) {
  struct sigaction on_fault = {};
  on_fault.sa_handler = OnFault;
  PEER_EXPECT(::sigaction(SIGSEGV, &on_fault, nullptr) == 0);
  const SharedMemory memory = Must(SharedMemory::Create("race", size));
  Mapping mapping = Must(memory.Map(options));
  // What the next owner sees.
  const Mapping other = Must(memory.Map({.revocation = Revocation::kNone}));
  const Writers writers(mapping);
  for (int round = 0; round < 60; ++round) {
    AwaitChange(other, WordsOf(other));
    Must(mapping.Revoke());
    const auto handed_over = WordsOf(other);
    AwaitFaults(3);
    PEER_EXPECT(WordsOf(other) == handed_over);
    Must(mapping.Grant());
  }
}

PEER(WritersBesideMoves) {
  RaceWithWriters(kMiB, {.way = RevocationWay::kMoved});
}
PEER(WritersBesideWideMoves) {
  RaceWithWriters(5 * kMiB, {.way = RevocationWay::kMoved});
}
PEER(WritersBesideProtection) {
  RaceWithWriters(kMiB, {.way = RevocationWay::kInPlace});
}
PEER(WritersBesideUnmapping) {
  RaceWithWriters(kMiB, {.revocation = Revocation::kUnmap});
}

TEST_CASE("Threads that write on fault, and nothing of theirs is seen after the revocation") {
  const Guarded guarded;
  const PeerProgram* const program = GENERATE(&WritersBesideMoves, &WritersBesideWideMoves,
                                              &WritersBesideProtection, &WritersBesideUnmapping);
  Peer peer(PeerKind::kProcess, *program);
  peer.Join();
}

// --- Who maps things of its own ---------------------------------------------------------------

// Maps and unmaps without end, with wishes in and around the ranges of moved memory.
class ForeignMapper {
 public:
  ForeignMapper(std::vector<MemoryArea> ours, unsigned seed)
      : ours_(std::move(ours)), random_(seed), thread_([this] { Run(); }) {}
  ~ForeignMapper() {
    stopped_.store(true);
    thread_.join();
  }

  int mapped() const { return mapped_.load(); }
  // Mappings that came to lie in our ranges, and bytes of it that somebody else has changed.
  int broken() const { return broken_.load(); }

 private:
  void Run() {
    while (!stopped_.load(std::memory_order_relaxed)) {
      const MemoryArea& area = ours_[Random(ours_.size())];
      std::byte* const wish = area.begin + Random(area.size / kPage) * kPage;
      switch (Random(3)) {
        case 0: Try(wish, kPage, MAP_FIXED_NOREPLACE); break;
        case 1: Try(wish, kPage << Random(10), 0); break;
        default: Try(nullptr, Random(2) == 0 ? area.size : kPage << Random(10), 0);
      }
    }
  }

  void Try(std::byte* wish, std::size_t size, int flags) {
    constexpr int kAnyway = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    void* const mapped = ::mmap(wish, size, PROT_READ | PROT_WRITE, kAnyway | flags, -1, 0);
    if (mapped == MAP_FAILED) return;
    mapped_.fetch_add(1);
    auto* const bytes = static_cast<volatile std::byte*>(mapped);
    for (const MemoryArea& area : ours_) {
      const bool apart = bytes + size <= area.begin || bytes >= area.begin + area.size;
      if (!apart) broken_.fetch_add(1);
    }
    bytes[0] = std::byte{0xb5};
    bytes[size - 1] = std::byte{0xb5};
    std::this_thread::yield();
    if (bytes[0] != std::byte{0xb5} || bytes[size - 1] != std::byte{0xb5}) broken_.fetch_add(1);
    ::munmap(mapped, size);
  }

  std::size_t Random(std::size_t below) { return random_() % below; }

  std::vector<MemoryArea> ours_;
  std::mt19937 random_;
  std::atomic<bool> stopped_{false};
  std::atomic<int> mapped_{0};
  std::atomic<int> broken_{0};
  std::thread thread_;
};

TEST_CASE("No mapping of another thread's ever comes to lie where memory is moved to and fro") {
  const Guarded guarded;
  const std::size_t size = GENERATE(as<std::size_t>(), 64 * 1024, kMiB, 5 * kMiB);
  const SharedMemory memory = Must(SharedMemory::Create("crowded", size));
  Mapping mapping = Must(memory.Map({.way = RevocationWay::kMoved}));
  Must(mapping.Revoke());
  const auto ours = AreasOf(memory);  // both ranges, when it was moved
  Must(mapping.Grant());
  std::ranges::fill(mapping.bytes(), std::byte{0x3c});
  const ForeignMapper one(ours, 1);
  const ForeignMapper two(ours, 2);
  for (int round = 0; round < 2000 || one.mapped() < 200 || two.mapped() < 200; ++round) {
    Must(mapping.Revoke());
    Must(mapping.Grant());
    const std::size_t page = static_cast<std::size_t>(round) * kPage % size;
    REQUIRE(mapping.bytes()[page] == std::byte{0x3c});
    if (round % 500 != 0) continue;
    const auto now = AreasOf(memory);
    REQUIRE(now.size() == ours.size());
    for (std::size_t i = 0; i < now.size(); ++i) {
      CHECK(now[i].begin == ours[i].begin);
      CHECK(now[i].size == ours[i].size);
    }
  }
  CHECK(one.broken() + two.broken() == 0);
  CHECK(std::ranges::count(mapping.bytes(), std::byte{0x3c}) == static_cast<std::ptrdiff_t>(size));
}

}  // namespace
}  // namespace baton::testing
