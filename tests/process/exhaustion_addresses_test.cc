// A process that can map no more, or has no more addresses, says so by a value each time, and goes
// on; once there is room again, all is as before.
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <fstream>
#include <utility>

#include "tests/process/hoarder.h"
#include "tests/support/byte_content.h"
#include "tests/support/guarded.h"
#include "tests/support/sanitizer.h"
#include "tests/support/skip.h"

namespace baton::testing {
namespace {

constexpr std::uint64_t kSmall = 4096;
constexpr std::uint64_t kLarge = std::uint64_t{8} << 20;
constexpr std::uint64_t kRoom = std::uint64_t{16} << 20;  // of addresses that are left
constexpr std::uint64_t kTooLarge = 4 * kRoom;

std::uint64_t MostAreas() {
  std::uint64_t most = 0;
  std::ifstream("/proc/sys/vm/max_map_count") >> most;
  return most;
}

// As many areas as this process may have: every second page of a range is another one.
class AllAreas {
 public:
  AllAreas() : pages_(2 * MostAreas()), page_(static_cast<std::size_t>(::sysconf(_SC_PAGESIZE))) {
    void* const start = ::mmap(nullptr, pages_ * page_, PROT_NONE,
                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    PEER_EXPECT(start != MAP_FAILED);
    start_ = static_cast<std::byte*>(start);
    std::size_t at = 0;
    while (at < pages_ && ::mprotect(start_ + at * page_, page_, PROT_READ) == 0) at += 2;
    PEER_EXPECT(at < pages_ && errno == ENOMEM);
    // A page at the end of the last area is one more area, where the page before was two.
    while (::mmap(nullptr, page_, PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) !=
           MAP_FAILED) {
      if (++more_ > 100) break;
    }
  }
  AllAreas(const AllAreas&) = delete;
  AllAreas& operator=(const AllAreas&) = delete;
  ~AllAreas() { PEER_EXPECT(::munmap(start_, pages_ * page_) == 0); }

 private:
  std::size_t pages_;
  std::size_t page_;
  std::byte* start_ = nullptr;
  int more_ = 0;  // stay; a handful
};

class FewAddresses {
 public:
  FewAddresses() {
    std::uint64_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    Limit(pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) + kRoom);
  }
  FewAddresses(const FewAddresses&) = delete;
  FewAddresses& operator=(const FewAddresses&) = delete;
  ~FewAddresses() { Limit(RLIM_INFINITY); }

 private:
  static void Limit(rlim_t bytes) {
    const rlimit limit = {bytes, RLIM_INFINITY};
    PEER_EXPECT(::setrlimit(RLIMIT_AS, &limit) == 0);
  }
};

// Count(1): there is no more room from here on. Count(0): there is. Each is answered with whether
// this process can make memory of its own.
template <class Shortage>
void RunShort(platform::Handle channel_end) {
  std::optional<Shortage> shortage;
  RunHoarder(std::move(channel_end), [&](HoardingChild& child, ChannelOptions&) {
    child.on_count = [&](std::uint64_t number) {
      number == 0 ? shortage.reset() : static_cast<void>(shortage.emplace());
      const auto memory = child.AllocShmem(kTooLarge);
      if (!memory) PEER_EXPECT(memory.error() == std::errc::not_enough_memory);
      return std::uint64_t{memory.has_value() ? 1U : 0U};
    };
  });
}

PEER(ShortOfAreas) {
  RunShort<AllAreas>(std::move(channel_end));
}

PEER(ShortOfAddresses) {
  RunShort<FewAddresses>(std::move(channel_end));
}

// `grants`: memory that the peer knows already needs nothing new.
void Exhaust(const PeerProgram& program, Path path, bool grants) {
  Peer peer(PeerKind::kProcess, program);
  HoardersParent parent(peer, {PeerKind::kProcess, path});
  const auto alloc = [&](std::uint64_t size) { return Must(parent.actor->AllocShmem(size)); };
  auto [small_error, small] = parent.Fill(alloc(kSmall));
  auto [large_error, large] = parent.Fill(alloc(kLarge));
  REQUIRE_FALSE(small_error);
  REQUIRE_FALSE(large_error);
  CHECK(parent.Count(0) == 1);

  CHECK(parent.Count(1) == 0);
  CHECK(parent.FillNew(kTooLarge) == std::errc::not_enough_memory);
  auto [small_again, small_back] = parent.Fill(std::move(small));
  CHECK_FALSE(small_again);
  CHECK(HoldsOnly(small_back, 7));
  auto [large_again, large_back] = parent.Fill(std::move(large));
  if (grants) CHECK_FALSE(large_again);
  if (large_again) CHECK(large_again == std::errc::not_enough_memory);
  if (!large_again) CHECK(HoldsOnly(large_back, 7));
  CHECK(parent.actor->destroyed == 0);

  CHECK(parent.Count(0) == 1);
  CHECK_FALSE(parent.FillNew(kSmall));
  CHECK_FALSE(parent.FillNew(kLarge));
  CHECK_FALSE(parent.Fill(std::move(small_back)).first);
  parent.CloseAndRun();
}

TEST_CASE("exhaustion: without a mapping left, each thing is a value, and works again later") {
  if (IsSanitized()) SKIP_TEST("a sanitizer needs mappings of its own");
  if (MostAreas() > 1'000'000) SKIP_TEST("vm.max_map_count is too large to reach it");
  const Path path = GENERATE(Path::kSocket, Path::kRing);
  const Guarded guarded;
  Exhaust(ShortOfAreas, path, true);
}

TEST_CASE("exhaustion: without addresses left, each thing is a value, and works again later") {
  if (IsSanitized()) SKIP_TEST("a sanitizer needs addresses of its own");
  const Path path = GENERATE(Path::kSocket, Path::kRing);
  const Guarded guarded;
  // To move page tables takes addresses for a moment, and the kernel may find out too late.
  Exhaust(ShortOfAddresses, path, false);
}

}  // namespace
}  // namespace baton::testing
