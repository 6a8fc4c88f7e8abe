// A process that can open no more files refuses memory, blames nobody, and goes on.
#include <sys/resource.h>

#include <catch2/catch.hpp>

#include "tests/process/hoarder.h"
#include "tests/support/byte_content.h"
#include "tests/support/guarded.h"
#include "tests/support/sanitizer.h"
#include "tests/support/skip.h"

namespace baton::testing {
namespace {

constexpr rlim_t kFew = 64;
constexpr std::size_t kSent = 100;

void AllowFewFiles() {
  const rlimit few = {kFew, kFew};
  PEER_EXPECT(::setrlimit(RLIMIT_NOFILE, &few) == 0);
}

PEER(HoardsWithFewFiles) {
  AllowFewFiles();
  const HoardingChild* hoarder = nullptr;
  const auto child = RunHoarder(std::move(channel_end), [&](HoardingChild& made, ChannelOptions&) {
    hoarder = &made;
    made.on_count = [&](std::uint64_t) { return hoarder->hoard.size(); };
  });
  PEER_EXPECT(!child->handler_errors.empty());
  for (const std::error_code error : child->handler_errors) {
    PEER_EXPECT(error == std::errc::too_many_files_open);
  }
}

TEST_CASE(
    "exhaustion: a receiver with 64 files refuses memory beyond them, and the channel lives") {
  const Path path = GENERATE(Path::kSocket, Path::kRing, Path::kRingAsleep);
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, HoardsWithFewFiles);
  Link link = Offer(peer, {PeerKind::kProcess, path});
  // Less than are sent: what is refused is heard of, and counts no more.
  link.options.max_shmem_count = kFew + 6;
  HoardersParent parent(std::move(link));
  std::uint64_t kept = 0;
  for (std::size_t i = 0; i < kSent; ++i) {
    Must(parent.actor->SendKeep(Must(parent.actor->AllocShmem(4096))));
    kept = parent.Count(0);
  }
  CHECK(kept > 16);
  CHECK(kept < kFew);
  CHECK(parent.FillNew(4096) == std::errc::too_many_files_open);
  CHECK(parent.actor->destroyed == 0);
  parent.LetGo();
  CHECK_FALSE(parent.FillNew(4096));
  parent.CloseAndRun();
}

// Allocates until there is no more, and lets go of all.
PEER(MakesMemoryWithFewFiles) {
  RunHoarder(std::move(channel_end), [&](HoardingChild& child, ChannelOptions&) {
    child.on_count = [&child, is_limited = false](std::uint64_t number) mutable {
      if (!std::exchange(is_limited, true)) AllowFewFiles();
      if (number == 0) {
        child.hoard.clear();
        return number;
      }
      for (;;) {
        auto memory = child.AllocShmem(4096);
        if (memory) {
          child.hoard.push_back(*std::move(memory));
          continue;
        }
        PEER_EXPECT(memory.error() == std::errc::too_many_files_open);
        return std::uint64_t{child.hoard.size()};
      }
    };
  });
}

TEST_CASE(
    "exhaustion: who can open no more files is told so by AllocShmem, and the channel lives") {
  if (IsSanitized()) SKIP_TEST("a sanitizer needs files to look whether memory is mapped");
  const Path path = GENERATE(Path::kSocket, Path::kRing);
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, MakesMemoryWithFewFiles);
  HoardersParent parent(peer, {PeerKind::kProcess, path});
  auto [error, known] = parent.Fill(Must(parent.actor->AllocShmem(4096)));
  REQUIRE_FALSE(error);
  const std::uint64_t made = parent.Count(1);
  CHECK(made > 16);
  CHECK(made < kFew);
  auto [again, back] = parent.Fill(std::move(known));  // needs no file
  CHECK_FALSE(again);
  CHECK(HoldsOnly(back, 7));
  parent.Count(0);
  CHECK(parent.Count(1) == made);
  CHECK(parent.actor->destroyed == 0);
  parent.CloseAndRun();
}

}  // namespace
}  // namespace baton::testing
