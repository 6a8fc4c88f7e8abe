// Floods of little pieces of memory end at a quota, on whichever side, and nothing else does.
#include <catch2/catch.hpp>
#include <optional>
#include <vector>

#include "tests/process/hoarder.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

constexpr std::size_t kQuota = 100;

PEER(Hoarder) {
  RunHoarder(std::move(channel_end), [](HoardingChild&, ChannelOptions&) {});
}

TEST_CASE("exhaustion: a million pieces are asked for, and the quota is what there is") {
  const PeerKind kind = GENERATE(PeerKind::kThread, PeerKind::kProcess);
  const bool by_count = GENERATE(true, false);
  const Guarded guarded;
  Peer peer = START_PEER(kind, Hoarder);
  Link link = Offer(peer, {kind, Path::kRing});
  if (by_count) link.options.max_shmem_count = kQuota;
  if (!by_count) link.options.max_shmem_bytes = kQuota;
  HoardersParent parent(std::move(link));
  constexpr int kAsked = 1'000'000;
  int refused = 0;
  std::vector<Shmem> made;
  for (int i = 0; i < kAsked; ++i) {
    auto memory = parent.actor->AllocShmem(1);
    if (memory) {
      made.push_back(*std::move(memory));
    } else if (memory.error() == Errc::kOverQuota) {
      ++refused;
    }
  }
  CHECK(made.size() == kQuota);
  CHECK(refused == kAsked - static_cast<int>(kQuota));
  CHECK(parent.Count(5) == 5);
  made.clear();
  CHECK_FALSE(parent.FillNew(1));
  parent.CloseAndRun();
}

// A receiver with a quota of pieces, or of bytes.
void HoardWithin(platform::Handle channel_end, std::size_t pieces, std::uint64_t bytes) {
  const auto child =
      RunHoarder(std::move(channel_end), [&](HoardingChild& made, ChannelOptions& options) {
        options.max_shmem_count = pieces;
        options.max_shmem_bytes = bytes;
        made.on_count = [&made](std::uint64_t) { return std::uint64_t{made.hoard.size()}; };
      });
  PEER_EXPECT(child->handler_errors.size() == 2 * kQuota);
  for (const std::error_code error : child->handler_errors) {
    PEER_EXPECT(error == Errc::kOverQuota);
  }
}

PEER(HoardsSoManyPieces) {
  HoardWithin(std::move(channel_end), kQuota, std::uint64_t{1} << 30);
}

PEER(HoardsSoManyBytes) {
  HoardWithin(std::move(channel_end), 100'000, kQuota);
}

TEST_CASE("exhaustion: a flood of pieces is refused beyond the receiver's quota, one by one") {
  const PeerKind kind = GENERATE(PeerKind::kThread, PeerKind::kProcess);
  const Path path = GENERATE(Path::kSocket, Path::kRing);
  const PeerProgram* const program = GENERATE(&HoardsSoManyPieces, &HoardsSoManyBytes);
  const Guarded guarded;
  Peer peer = START_PEER(kind, *program);
  Link link = Offer(peer, {kind, path});
  link.options.max_shmem_count = 2 * kQuota;  // of three times as many: what is refused is heard of
  HoardersParent parent(std::move(link));
  for (std::size_t i = 0; i < 3 * kQuota; ++i) {
    Must(parent.actor->SendKeep(Must(parent.actor->AllocShmem(1))));
    if (i % 10 == 9) parent.Count(0);
  }
  CHECK(parent.Count(0) == kQuota);
  CHECK(parent.actor->destroyed == 0);
  parent.LetGo();
  CHECK_FALSE(parent.FillNew(1));
  parent.CloseAndRun();
}

}  // namespace
}  // namespace baton::testing
