// Memory that is frozen by whoever owns it, and read by many.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <optional>
#include <vector>

#include "tests/process/frozen_actors.h"
#include "tests/support/guarded.h"
#include "tests/support/skip.h"
#include "tests/support/skip_without_seals.h"

namespace baton::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kSize = 300'001;

PEER(Reader) {
  RunFrozenChild(std::move(channel_end));
}

Shmem Filled(FrozenSide<FrozenParent>& side, std::uint64_t size, int value,
             ShmemUse use = ShmemUse::kOrdinary) {
  Shmem memory = Must(side.actor->AllocShmem(size, use));
  std::ranges::fill(memory.bytes(), static_cast<std::byte>(value));
  return memory;
}

TEST_CASE("frozen: one memory is read by three peers at once, and outlives all channels") {
  SKIP_WITHOUT_SEALS("it freezes only by a copy");
  const Transport transport = EachTransport();
  const Guarded guarded;
  std::vector<Peer> peers;
  std::vector<std::unique_ptr<FrozenSide<FrozenParent>>> sides;
  for (int n = 0; n < 3; ++n) {
    Peer& peer = peers.emplace_back(START_PEER(transport.peer, Reader));
    sides.push_back(std::make_unique<FrozenSide<FrozenParent>>(Offer(peer, transport)));
    sides.back()->Fill(Filled(*sides.back(), 1, 0), 1);  // it has taken what Offer has put aside
  }
  Shmem memory = Filled(*sides[0], kSize, 3);
  const ShmemId id = memory.id();
  const std::uint64_t object = ObjectOf(memory);
  const FrozenShmem frozen = Must(sides[0]->actor->Freeze(std::move(memory)));
  CHECK(memory.state() == ShmemState::kEmpty);
  CHECK(frozen.state() == ShmemState::kFrozen);
  CHECK(frozen.id() == id);
  CHECK(frozen.size() == kSize);
  CHECK(ObjectOf(frozen) == object);
  // Also twice to the same, and by a channel that it was not made in.
  for (const auto& side : sides) {
    for (int round = 0; round < 2; ++round) CHECK(side->Sum(frozen) == 3 * kSize);
    Must(side->actor->SendKeep(frozen));
  }
  const FrozenShmem back =
      Must(sides[1]->Await([&](auto done) { sides[1]->actor->SendKept(done); }));
  CHECK(back.id() == id);
  CHECK(ObjectOf(back) == object);
  CHECK(sides[0]->actor->traffic().shmem_bytes_sent == 3 * kSize + 1);
  for (const auto& side : sides) side->CloseAndRun();
  CHECK(HoldsOnly(frozen.bytes(), 3));
  CHECK(HoldsOnly(back.Share().bytes(), 3));
}

TEST_CASE("frozen: memory in structs, unions, maps and optionals arrives in its place") {
  SKIP_WITHOUT_SEALS("it freezes only by a copy");
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Reader);
  FrozenSide<FrozenParent> parent(Offer(peer, transport));
  const auto frozen = [&](int value) {
    return Must(parent.actor->Freeze(Filled(parent, 100, value)));
  };
  std::vector<::testing::Picture> pictures(2);
  pictures[0].pixels = frozen(1);
  pictures[0].thumbnail = frozen(2);
  pictures[1].pixels = pictures[0].pixels.Share();
  std::map<std::uint32_t, FrozenShmem> more;
  more[3] = frozen(4);
  more[5] = frozen(6);
  ::testing::Content content(std::in_place_index<1>, frozen(7));
  std::optional<std::uint64_t> answer;
  parent.actor->SendSumAll(pictures, more, content, [&](error_code error, std::uint64_t sum) {
    CHECK_FALSE(error);
    answer = sum;
  });
  parent.RunUntil([&] { return answer.has_value(); });
  CHECK(*answer == 100 * (1 + 2 + 1 + 3 * 4 + 5 * 6 + 7));
  parent.CloseAndRun();
}

TEST_CASE("frozen: its receiver freezes memory that was made for it, and asks nobody") {
  SKIP_WITHOUT_SEALS("it freezes only by a copy");
  const Transport transport = EachTransport();
  const auto size = GENERATE(std::uint64_t{1}, std::uint64_t{4096}, std::uint64_t{5'000'001});
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Reader);
  FrozenSide<FrozenParent> parent(Offer(peer, transport));
  Shmem memory = Filled(parent, size, 5, ShmemUse::kFreezable);
  const std::uint64_t object = ObjectOf(memory);
  const FrozenShmem frozen =
      Must(parent.Await([&](auto done) { parent.actor->SendFreeze(std::move(memory), done); }));
  CHECK(ObjectOf(frozen) == object);
  CHECK(frozen.size() == size);
  CHECK(HoldsOnly(frozen.bytes(), 5));
  parent.CloseAndRun();
}

TEST_CASE("frozen: freezable memory that comes back is where it was, and is frozen by its maker") {
  SKIP_WITHOUT_SEALS("it freezes only by a copy");
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Reader);
  FrozenSide<FrozenParent> parent(Offer(peer, transport));
  Shmem memory = Filled(parent, kSize, 5, ShmemUse::kFreezable);
  const auto* const place = memory.bytes().data();
  memory = parent.Fill(std::move(memory), 6);
  CHECK(memory.bytes().data() == place);
  CHECK(HoldsOnly(memory.bytes(), 6));
  const std::uint64_t object = ObjectOf(memory);
  const FrozenShmem frozen = Must(parent.FreezeAnyway(std::move(memory)));
  CHECK(memory.state() == ShmemState::kEmpty);
  CHECK(ObjectOf(frozen) == object);  // the peer has let go of it
  CHECK(HoldsOnly(frozen.bytes(), 6));
  parent.CloseAndRun();
}

TEST_CASE("frozen: what somebody still maps is refused, and its owner has it as before") {
  SKIP_WITHOUT_SEALS("it freezes only by a copy");
  if (std::getenv("BATON_REVOKE") != nullptr) SKIP_TEST("BATON_REVOKE may decide otherwise");
  const Transport transport = EachTransport();
  const auto size = GENERATE(std::uint64_t{1}, std::uint64_t{300'001}, std::uint64_t{5'000'001});
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Reader);
  FrozenSide<FrozenParent> parent(Offer(peer, transport));
  const auto* place = static_cast<const std::byte*>(nullptr);
  {
    Shmem memory = Filled(parent, size, 5);
    place = memory.bytes().data();
    const auto refused =
        parent.Await([&](auto done) { parent.actor->SendFreeze(std::move(memory), done); });
    CHECK(refused.error() == Errc::kMappedElsewhere);
  }
  std::optional<Shmem> memory;
  parent.actor->SendGiveBack([&](error_code error, Shmem back) {
    CHECK_FALSE(error);
    memory = std::move(back);
  });
  parent.RunUntil([&] { return memory.has_value(); });
  CHECK(memory->bytes().data() == place);
  CHECK(HoldsOnly(memory->bytes(), 9));

  // Here the peer maps it, and this side is refused.
  CHECK(parent.actor->Freeze(std::move(*memory)).error() == Errc::kMappedElsewhere);
  CHECK(memory->state() == ShmemState::kOwned);
  CHECK(memory->bytes().data() == place);
  CHECK(HoldsOnly(memory->bytes(), 9));
  for (std::uint8_t round = 1; round < 4; ++round) {
    *memory = parent.Fill(std::move(*memory), round);
    CHECK(memory->bytes().data() == place);
    CHECK(HoldsOnly(memory->bytes(), round));
  }
  Must(parent.actor->DeallocShmem(*memory));
  parent.CloseAndRun();
}

TEST_CASE("frozen: a peer that is asked lets go of memory of any sort, and nothing is copied") {
  SKIP_WITHOUT_SEALS("it freezes only by a copy");
  const Transport transport = EachTransport();
  const auto size = GENERATE(std::uint64_t{1}, std::uint64_t{300'001}, std::uint64_t{5'000'001});
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Reader);
  FrozenSide<FrozenParent> parent(Offer(peer, transport));
  // By its receiver.
  Shmem sent = Filled(parent, size, 5);
  std::uint64_t object = ObjectOf(sent);
  const FrozenShmem theirs =
      Must(parent.Await([&](auto done) { parent.actor->SendFreezeAnyway(std::move(sent), done); }));
  CHECK(ObjectOf(theirs) == object);
  CHECK(HoldsOnly(theirs.bytes(), 5));
  // By its maker, who has had it back.
  Shmem memory = parent.Fill(Filled(parent, size, 1), 6);
  object = ObjectOf(memory);
  const FrozenShmem ours = Must(parent.FreezeAnyway(std::move(memory)));
  CHECK(memory.state() == ShmemState::kEmpty);
  CHECK(ObjectOf(ours) == object);
  CHECK(HoldsOnly(ours.bytes(), 6));
  CHECK(parent.Sum(ours) == 6 * size);
  CHECK(parent.actor->CanSend());
  parent.CloseAndRun();
}

TEST_CASE("frozen: memory that the peer keeps from the beginning is copied, and it lets go of it") {
  SKIP_WITHOUT_SEALS("it freezes only by a copy");
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Reader);
  FrozenSide<FrozenParent> parent(Offer(peer, transport));
  const std::uint64_t size = 300'001;
  for (int round = 0; round < 20; ++round) {
    Shmem memory = Must(parent.actor->AllocShmem(size, ShmemUse::kSurvivable));
    std::ranges::fill(memory.bytes(), std::byte{7});
    CHECK(parent.actor->Freeze(std::move(memory)).error() == Errc::kMappedElsewhere);
    REQUIRE(memory.state() == ShmemState::kOwned);
    const FrozenShmem frozen = Must(parent.FreezeAnyway(std::move(memory)));
    CHECK(HoldsOnly(frozen.bytes(), 7));
    CHECK(parent.Sum(frozen) == 7 * size);
  }
  CHECK(parent.actor->CanSend());
  parent.CloseAndRun();
}

TEST_CASE("frozen: there is nothing to freeze in what is empty, sent or of another channel") {
  SKIP_WITHOUT_SEALS("it freezes only by a copy");
  const Guarded guarded;
  const Transport transport = {PeerKind::kThread, Path::kSocket};
  Peer peers[] = {START_PEER(transport.peer, Reader), START_PEER(transport.peer, Reader)};
  FrozenSide<FrozenParent> one(Offer(peers[0], transport));
  FrozenSide<FrozenParent> two(Offer(peers[1], transport));
  const auto both = [&](FrozenSide<FrozenParent>& side, Shmem& memory) {
    const std::error_code error = side.actor->Freeze(std::move(memory)).error();
    const auto async =
        side.Await([&](auto done) { side.actor->AsyncFreeze(std::move(memory), done); });
    CHECK(async.error() == error);
    return error;
  };
  Shmem empty;
  CHECK(both(one, empty) == Errc::kEmptyShmem);
  Shmem memory = Filled(one, kSize, 1);
  CHECK(both(two, memory) == Errc::kWrongChannel);
  CHECK(memory.state() == ShmemState::kOwned);
  one.actor->SendFill(std::move(memory), 2, [](error_code, const Shmem&) {});
  CHECK(both(one, memory) == Errc::kAlreadySent);
  CHECK(one.actor->SendKeep(FrozenShmem()).error() == Errc::kEmptyShmem);
  Shmem late = Filled(two, kSize, 1);
  one.CloseAndRun();
  two.CloseAndRun();
  CHECK(two.actor->Freeze(std::move(late)).error() == Errc::kClosed);
  CHECK(HoldsOnly(late.bytes(), 1));
  CHECK(std::make_shared<FrozenParent>()->Freeze(std::move(late)).error() == Errc::kNotBound);
}

TEST_CASE("frozen: it counts against the quota of its channel until its last handle is gone") {
  SKIP_WITHOUT_SEALS("it freezes only by a copy");
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Reader);
  Link link = Offer(peer, transport);
  link.options.max_shmem_bytes = 2 * kSize;
  FrozenSide<FrozenParent> parent(std::move(link));
  FrozenShmem frozen = Must(parent.actor->Freeze(Filled(parent, kSize, 1)));
  FrozenShmem again = frozen.Share();
  CHECK(parent.actor->AllocShmem(kSize + 1).error() == Errc::kOverQuota);
  // What comes from the peer as well: a shortage, which nobody is to blame for.
  Shmem other = Filled(parent, kSize, 2);
  Must(parent.actor->SendKeep(frozen));
  const auto refused = parent.Await([&](auto done) { parent.actor->SendKept(done); });
  CHECK(refused.error() == Errc::kOverQuota);
  Must(parent.actor->DeallocShmem(other));
  FrozenShmem back = Must(parent.Await([&](auto done) { parent.actor->SendKept(done); }));
  frozen = FrozenShmem();
  CHECK(parent.actor->AllocShmem(1).error() == Errc::kOverQuota);
  again = FrozenShmem();
  CHECK(parent.actor->AllocShmem(kSize).has_value());
  back = FrozenShmem();
  CHECK(parent.actor->AllocShmem(2 * kSize).has_value());
  parent.CloseAndRun();
}

}  // namespace
}  // namespace baton::testing
