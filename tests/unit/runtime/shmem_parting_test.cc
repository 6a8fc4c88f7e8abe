// Who has what when a channel ends, and what its store gives back.
#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <optional>
#include <utility>
#include <vector>

#include <baton/shmem_store.h>
#include "tests/support/byte_content.h"
#include "tests/support/guarded.h"
#include "tests/support/must.h"
#include "tests/support/two_sides.h"

namespace baton::internal {
namespace {

using testing::HoldsOnly;
using testing::Must;
using Returned = std::vector<ReturnedShmem>;

// A process that can die: its death is readable when the other end of a pipe has gone.
class Mortal {
 public:
  Mortal() {
    int ends[2] = {};
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    life = std::make_shared<PeerLife>(platform::Handle(ends[0]));
    lives_ = platform::Handle(ends[1]);
  }
  void Die() { lives_.Reset(); }
  std::shared_ptr<PeerLife> life;

 private:
  platform::Handle lives_;
};

struct Scene {
  explicit Scene(const ShmemStoreOptions& limits = {}, std::uint64_t label = 7)
      : store(Must(ShmemStore::Create(io.get_executor(), limits))) {
    ChannelOptions options;
    options.trust_label = label;
    child = std::make_shared<ShmemTable>(Side::kChild, "PTest", options, [] {});
    options.store = store;
    parent = std::make_shared<ShmemTable>(
        Side::kParent, "PTest", options, [] {}, mortal.life);
  }

  // What the child says of what it has taken.
  void Tell() {
    for (const auto& taken : child->TakeUntold(100)) Must(parent->PeerTook(taken));
  }
  Returned Take() {
    io.restart();
    io.poll();
    return store->TakeReturned();
  }

  boost::asio::io_context io;
  Mortal mortal;
  std::shared_ptr<ShmemStore> store;
  std::shared_ptr<ShmemTable> parent;
  std::shared_ptr<ShmemTable> child;
};

TEST_CASE("parting: in good order what was not taken comes back, and what was taken does not") {
  const testing::Guarded guarded;
  Scene scene;
  Shmem under_way = Must(scene.parent->Allocate(9000));
  Write(under_way, 'u');
  const auto* const place = under_way.bytes().data();
  const ShmemId id = under_way.id();
  Must(Send(*scene.parent, under_way));
  const Shmem taken = HandOver(*scene.parent, *scene.child, Must(scene.parent->Allocate(9000)));
  for (const auto& one : scene.child->TakeAllUntold()) Must(scene.parent->PeerTook(one));
  scene.parent->Close(Parting::kInOrder);

  const Returned returned = scene.Take();
  REQUIRE(returned.size() == 1);
  CHECK(returned[0].how == HowReturned::kUndelivered);
  CHECK(returned[0].transfers == 1);
  CHECK(returned[0].trust_label == 7);
  CHECK(returned[0].protocol == "PTest");
  CHECK(returned[0].memory.id() == id);
  CHECK(returned[0].memory.state() == ShmemState::kOwned);
  CHECK(returned[0].memory.size() == 9000);
  CHECK(returned[0].memory.bytes().data() == place);
  CHECK(HoldsOnly(returned[0].memory, 'u'));
  CHECK(scene.store->census().bytes == 0);
}

TEST_CASE("parting: a cut line gives nothing back until the peer's process has died") {
  const testing::Guarded guarded;
  Scene scene;
  Shmem under_way = Must(scene.parent->Allocate(10));
  Must(Send(*scene.parent, under_way));
  Shmem taken = HandOver(*scene.parent, *scene.child, Must(scene.parent->Allocate(10)));
  Write(taken, 't');
  scene.Tell();
  const Shmem ours = Must(scene.parent->Allocate(10));
  scene.parent->Close(Parting::kCut);
  CHECK(scene.Take().empty());
  CHECK(scene.store->census().orphans == 2);
  CHECK(ours.state() == ShmemState::kOwned);

  std::optional<Returned> heard;
  scene.store->Returned([&](boost::system::error_code error, Returned returned) {
    CHECK_FALSE(error);
    heard = std::move(returned);
  });
  scene.io.restart();
  scene.io.poll();
  CHECK_FALSE(heard.has_value());
  scene.mortal.Die();
  scene.io.run();
  REQUIRE(heard.has_value());
  REQUIRE(heard->size() == 2);
  int maybe_seen = 0;
  for (const ReturnedShmem& one : *heard) {
    if (one.how == HowReturned::kMaybeSeen) ++maybe_seen;
    if (one.how == HowReturned::kRecovered) CHECK(HoldsOnly(one.memory, 't'));
  }
  CHECK(maybe_seen == 1);
  CHECK(scene.store->census().orphans == 0);
}

// A channel whose store is that of `first`, with the same peer.
struct NextChannel {
  explicit NextChannel(const Scene& first) {
    ChannelOptions options;
    options.trust_label = 7;
    child = std::make_shared<ShmemTable>(Side::kChild, "PTest", options, [] {});
    options.store = first.store;
    parent = std::make_shared<ShmemTable>(
        Side::kParent, "PTest", options, [] {}, first.mortal.life);
  }
  std::shared_ptr<ShmemTable> parent;
  std::shared_ptr<ShmemTable> child;
};

TEST_CASE("parting: an orphan that is handed over again is in one place, and nobody waits for it") {
  const testing::Guarded guarded;
  Scene scene;
  Shmem shmem = HandOver(*scene.parent, *scene.child, Must(scene.parent->Allocate(9000)));
  const ShmemId id = shmem.id();
  scene.parent->Close(Parting::kCut);
  REQUIRE(scene.store->census().orphans == 1);
  scene.io.restart();
  scene.io.poll();  // the death is waited for from here on

  const NextChannel next(scene);
  Must(next.child->Attach(shmem));
  const Shmem arrived = HandOver(*next.child, *next.parent, std::move(shmem));
  CHECK(arrived.id() == id);
  CHECK(scene.store->census().orphans == 0);
  CHECK(scene.store->census().bytes == 0);
  scene.io.restart();
  scene.io.run();  // though the peer lives
  scene.mortal.Die();
  CHECK(scene.Take().empty());
}

TEST_CASE("parting: other memory under an orphan's id leaves the orphan alone") {
  const testing::Guarded guarded;
  Scene scene;
  const Shmem theirs = HandOver(*scene.parent, *scene.child, Must(scene.parent->Allocate(9000)));
  scene.parent->Close(Parting::kCut);

  const NextChannel next(scene);
  Shmem other = Must(next.child->Allocate(9000));
  InTransit transit = Must(Send(*next.child, other));
  transit.reference.id_high = theirs.id().high;
  transit.reference.id_low = theirs.id().low;
  transit.reference.generation = 1;
  Shmem arrived;
  Must(Receive(*next.parent, std::move(transit), arrived));
  CHECK(scene.store->census().orphans == 1);
  scene.mortal.Die();
  CHECK(scene.Take().size() == 1);
}

TEST_CASE("parting: memory that a dead peer made and handed over once comes back as well") {
  const testing::Guarded guarded;
  Scene scene;
  Shmem theirs = HandOver(*scene.child, *scene.parent, Must(scene.child->Allocate(5000)));
  const ShmemId id = theirs.id();
  Write(theirs, 'x');
  const Shmem there = HandOver(*scene.parent, *scene.child, std::move(theirs));
  scene.Tell();
  scene.mortal.Die();
  scene.parent->Close(Parting::kCut);
  const Returned returned = scene.Take();
  REQUIRE(returned.size() == 1);
  CHECK(returned[0].how == HowReturned::kRecovered);
  CHECK(returned[0].transfers == 2);
  CHECK(returned[0].memory.id() == id);
  CHECK(HoldsOnly(returned[0].memory, 'x'));
}

TEST_CASE("parting: kept memory survives its maker, who never handed it over") {
  const testing::Guarded guarded;
  Scene scene;
  Shmem made = Must(scene.child->AllocateKept(4096));
  auto handle = Must(ShmemAccess::record(made)->memory().handle().Duplicate());
  Must(scene.parent->ArriveKept(made.id(), made.size(), std::move(handle)));
  Write(made, 'k');
  SECTION("killed") {
    scene.mortal.Die();
    scene.parent->Close(Parting::kCut);
    const Returned returned = scene.Take();
    REQUIRE(returned.size() == 1);
    CHECK(returned[0].how == HowReturned::kRecovered);
    CHECK(returned[0].transfers == 0);
    CHECK(HoldsOnly(returned[0].memory, 'k'));
  }
  SECTION("handed over") {
    const Shmem here = HandOver(*scene.child, *scene.parent, std::move(made));
    CHECK(HoldsOnly(here, 'k'));
  }
  SECTION("freed") {
    Must(scene.child->Deallocate(made));
    const auto releases = scene.child->TakeReleases(10);
    REQUIRE(releases.size() == 1);
    Must(scene.parent->PeerReleased(releases[0]));
    scene.mortal.Die();
    scene.parent->Close(Parting::kCut);
    CHECK(scene.Take().empty());
  }
}

TEST_CASE("parting: kept memory that found no room is handed over and freed as any other") {
  const testing::Guarded guarded;
  ChannelOptions options;
  options.max_shmem_bytes = 10'000;
  TwoSides sides(options);
  const Shmem fills = Must(sides.parent->Allocate(8'000));
  Shmem made = Must(sides.child->AllocateKept(4096));
  auto handle = Must(ShmemAccess::record(made)->memory().handle().Duplicate());
  const auto kept = sides.parent->ArriveKept(made.id(), made.size(), std::move(handle));
  CHECK(kept.error() == Errc::kOverQuota);
  Must(sides.child->Deallocate(made));
  for (const auto& release : sides.child->TakeReleases(10)) {
    Must(sides.parent->PeerReleased(release));
  }
}

TEST_CASE("parting: memory to keep is not sealed before its keeper can have looked at it") {
  const testing::Guarded guarded;
  TwoSides sides;
  Shmem made = Must(sides.child->AllocateKept(4096));
  CHECK(sides.child->Freeze(made).error() == Errc::kMappedElsewhere);
  CHECK(made.state() == ShmemState::kOwned);
  auto freezing = Must(sides.child->BeginFreezing(made, ShmemTable::PeerWhoKnows::kIsTold));
  const ShmemId id = freezing.id();
  CHECK(sides.child->TakeReleases(10).size() == 1);
  const FrozenShmem frozen = Must(std::move(freezing).Finish());
  CHECK(frozen.size() == 4096);
  CHECK(frozen.id() == id);
}

TEST_CASE("parting: what a peer says about taking is believed only as far as it can be true") {
  const testing::Guarded guarded;
  TwoSides sides;
  Shmem shmem = Must(sides.parent->Allocate(10));
  const ShmemId id = shmem.id();
  CHECK(sides.parent->PeerTook({id, 1}).error() == Rule::kShmemState);  // not handed over
  Shmem there = HandOver(*sides.parent, *sides.child, std::move(shmem));
  CHECK(sides.parent->PeerTook({id, 0}).error() == Rule::kShmemState);
  CHECK(sides.parent->PeerTook({id, 2}).error() == Rule::kShmemState);
  Must(sides.parent->PeerTook({id, 1}));
  Must(sides.parent->PeerTook({id, 1}));  // twice is odd, and harmless
  Shmem back = HandOver(*sides.child, *sides.parent, std::move(there));
  CHECK(sides.parent->PeerTook({id, 2}).error() == Rule::kShmemState);  // it is ours
  Must(sides.parent->PeerTook({id, 1}));                                // late
  Must(sides.parent->Deallocate(back));
  Must(sides.parent->PeerTook({id, 1}));  // later still
}

TEST_CASE("parting: only what is still here is told with what is sent, and all of it at the end") {
  const testing::Guarded guarded;
  TwoSides sides;
  Shmem kept = HandOver(*sides.parent, *sides.child, Must(sides.parent->Allocate(10)));
  Shmem sent_back = HandOver(*sides.parent, *sides.child, Must(sides.parent->Allocate(10)));
  Shmem freed = HandOver(*sides.parent, *sides.child, Must(sides.parent->Allocate(10)));
  const ShmemId id_of_sent = sent_back.id();
  Must(Send(*sides.child, sent_back));
  Must(sides.child->Deallocate(freed));
  CHECK(sides.child->has_untold());
  const auto told = sides.child->TakeUntold(100);
  REQUIRE(told.size() == 1);
  CHECK(told[0].id == kept.id());
  CHECK_FALSE(sides.child->has_untold());
  const auto last = sides.child->TakeAllUntold();
  REQUIRE(last.size() == 1);
  CHECK(last[0].id == id_of_sent);
  CHECK(last[0].transfers == 1);
  CHECK(sides.child->TakeAllUntold().empty());
}

TEST_CASE("attach: id, content and place stay, and the peer takes it as new") {
  const testing::Guarded guarded;
  Scene scene;
  Shmem shmem = HandOver(*scene.child, *scene.parent, Must(scene.child->Allocate(9000)));
  Write(shmem, 'a');
  const ShmemId id = shmem.id();
  const auto* const place = shmem.bytes().data();
  scene.mortal.Die();
  scene.parent->Close(Parting::kCut);

  Scene next;
  Must(next.parent->Attach(shmem));
  CHECK(shmem.id() == id);
  CHECK(shmem.bytes().data() == place);
  Must(next.parent->Attach(shmem));  // where it is already
  auto transit = Must(Send(*next.parent, shmem));
  CHECK(transit.reference.generation == 1);
  CHECK(transit.reference.transfer == 1);
  CHECK(transit.handles.size() == 1);
  Shmem there;
  Must(Receive(*next.child, std::move(transit), there));
  CHECK(there.id() == id);
  CHECK(HoldsOnly(there, 'a'));
  Write(there, 'b');
  const Shmem back = HandOver(*next.child, *next.parent, std::move(there));
  CHECK(back.bytes().data() == place);
  CHECK(HoldsOnly(back, 'b'));
}

TEST_CASE("attach: from a channel that goes on, its peer hears that the memory is gone") {
  const testing::Guarded guarded;
  Scene from;
  Scene to;
  Shmem shmem = HandOver(*from.child, *from.parent, Must(from.child->Allocate(100)));
  Must(to.parent->Attach(shmem));
  const auto releases = from.parent->TakeReleases(10);
  REQUIRE(releases.size() == 1);
  CHECK(releases[0].id == shmem.id());
  CHECK(from.parent->Deallocate(shmem).error() == Errc::kWrongChannel);
  CHECK(Send(*from.parent, shmem).error() == Errc::kWrongChannel);
  Must(to.parent->Deallocate(shmem));
}

TEST_CASE("attach: memory that a peer has had stays in that peer's domain") {
  const testing::Guarded guarded;
  const std::uint64_t label = GENERATE(std::uint64_t{0}, std::uint64_t{8});
  Scene from({}, label == 0 ? 0 : 7);
  Scene to({}, label);
  Shmem fresh = Must(from.parent->Allocate(100));
  Must(to.parent->Attach(fresh));
  Shmem seen = HandOver(*from.child, *from.parent, Must(from.child->Allocate(100)));
  CHECK(to.parent->Attach(seen).error() == Errc::kOtherTrustDomain);
  CHECK(seen.state() == ShmemState::kOwned);
  Must(from.parent->Deallocate(seen));
}

TEST_CASE("attach: what cannot be attached is as it was") {
  const testing::Guarded guarded;
  ChannelOptions options;
  options.max_shmem_bytes = 1000;
  TwoSides small(options);
  TwoSides sides;
  Shmem empty;
  CHECK(small.parent->Attach(empty).error() == Errc::kEmptyShmem);
  Shmem large = Must(sides.parent->Allocate(1001));
  CHECK(small.parent->Attach(large).error() == Errc::kOverQuota);
  Must(Send(*sides.parent, large));
  CHECK(sides.parent->Attach(large).error() == Errc::kAlreadySent);
}

TEST_CASE("a forged generation does not make an id of ours the peer's") {
  const testing::Guarded guarded;
  TwoSides sides;
  Shmem ours = Must(sides.parent->Allocate(100));
  auto transit = Must(Send(*sides.parent, ours));
  Shmem there;
  transit.reference.generation = 1;
  auto again = Must(transit.handles[0].Duplicate());
  InTransit replayed = {transit.kind, transit.reference, {}};
  replayed.handles.push_back(std::move(again));
  // Back to its maker, as if it were new, while that knows the id.
  CHECK(Receive(*sides.parent, std::move(replayed), there).error() == Rule::kShmemId);
  Must(Receive(*sides.child, std::move(transit), there));
  auto wrong = Must(Send(*sides.child, there));
  CHECK(wrong.reference.generation == 1);  // as it was told
  Shmem back;
  CHECK(Receive(*sides.parent, std::move(wrong), back).error() == Rule::kShmemState);
}

TEST_CASE(
    "a peer that uses memory before it can know that it has it back is stopped at the quota") {
  const testing::Guarded guarded;
  TwoSides sides;
  Shmem there = HandOver(*sides.parent, *sides.child, Must(sides.parent->Allocate(4096)));
  wire::ShmemReference reference = {there.id().high, there.id().low, 4096, 1};
  reference.capacity = 1;
  std::error_code refused;
  std::size_t turns = 0;
  while (!refused && turns < 2 * kMaxUnreleased) {
    there = Shmem();  // given back, and nobody reads of that
    reference.transfer += 2;
    const auto taken = Receive(*sides.child, {wire::Kind::kShmem, reference, {}}, there);
    if (!taken) refused = taken.error();
    ++turns;
  }
  CHECK(refused == Rule::kQuota);
  CHECK(turns == kMaxUnreleased);
  CHECK(sides.child->TakeUntold(kMaxUnreleased).size() <= 1);
}

TEST_CASE("a store holds no more than it may, and can be told to give orphans up") {
  const testing::Guarded guarded;
  Scene scene({.max_bytes = 25'000, .max_count = 3});
  for (int count = 0; count < 3; ++count) {
    Shmem shmem = Must(scene.parent->Allocate(12'288));
    Must(Send(*scene.parent, shmem));
  }
  scene.parent->Close(Parting::kCut);
  CHECK(scene.store->census().orphans == 2);
  CHECK(scene.store->census().bytes == 24'576);
  CHECK(scene.store->census().let_go == 1);
  CHECK(scene.store->LetGoOfOrphans() == 2);
  CHECK(scene.store->census().bytes == 0);
  scene.mortal.Die();
  CHECK(scene.Take().empty());
}

TEST_CASE("whoever waits for memory is told when it can come no more") {
  const testing::Guarded guarded;
  boost::asio::io_context io;
  auto store = Must(ShmemStore::Create(io.get_executor()));
  boost::system::error_code heard;
  store->Returned([&](boost::system::error_code error, Returned) { heard = error; });
  io.poll();
  CHECK_FALSE(heard);
  store.reset();
  io.restart();
  io.run();
  CHECK(heard == boost::asio::error::operation_aborted);
}

}  // namespace
}  // namespace baton::internal
