// What a program may do wrong with memory: each mistake is an error of its own, also in release
// builds, and changes nothing. What the types forbid is in tests/compile_fail.
#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/process/ownership_actor.h"
#include "tests/process/transport.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

PEER(Keeper) {
  boost::asio::io_context io;
  const auto child = std::make_shared<OwnershipActor>(Side::kChild);
  Link link = Accept(std::move(channel_end));
  Must(internal::BindEndpoint(std::move(link.parts), child, io.get_executor(), link.options));
  io.run();
  PEER_EXPECT(child->destroyed == 1);
  PEER_EXPECT(child->close_error() != Cause::kPeerFault);
}

// A parent whose child is in the peer, and another one whose child is nobody.
struct Sides {
  Sides() : peer(START_PEER(transport.peer, Keeper)) {
    Link link = Offer(peer, transport);
    Must(internal::BindEndpoint(std::move(link.parts), parent, io.get_executor(), link.options));
    auto ends = Must(platform::CreateSocketPair());
    others_peer = std::move(ends.second);
    Must(internal::BindEndpoint({std::move(ends.first)}, other, io.get_executor(), {}));
  }
  ~Sides() {
    parent->Close();
    other->Close();
    io.restart();
    io.run();
    CHECK(parent->destroyed == 1);
    CHECK(parent->close_error() == std::error_code());  // the peer has nothing to complain of
    peer.Join();
  }

  Shmem Memory(OwnershipActor& of) {
    Shmem memory = Must(of.AllocShmem(1000));
    memory.bytes()[999] = std::byte{42};
    return memory;
  }

  std::error_code Send(OwnershipActor& by, Shmem& memory) {
    std::vector<Shmem> pieces;
    pieces.push_back(std::move(memory));
    const auto sent = by.SendMessage(ownership::kGive, {&text, &pieces});
    memory = std::move(pieces[0]);
    return sent ? std::error_code() : sent.error();
  }

  std::error_code SendSlice(OwnershipActor& by, const ShmemSlice& slice) {
    const auto sent = by.SendMessage(ownership::kGiveSlice, {&text, &slice});
    return sent ? std::error_code() : sent.error();
  }

  static bool IsUntouched(const Shmem& memory) {
    return memory.state() == ShmemState::kOwned && memory.size() == 1000 &&
           memory.bytes()[999] == std::byte{42};
  }

  const Transport transport = EachTransport();
  const Guarded guarded;
  const std::string text = "memory";
  boost::asio::io_context io;
  platform::Handle others_peer;
  std::shared_ptr<OwnershipActor> parent = std::make_shared<OwnershipActor>(Side::kParent);
  std::shared_ptr<OwnershipActor> other = std::make_shared<OwnershipActor>(Side::kParent);
  Peer peer;
};

TEST_CASE("misuse: what was sent is neither sent again, nor freed, nor cut") {
  Sides sides;
  Shmem memory = sides.Memory(*sides.parent);
  REQUIRE(sides.Send(*sides.parent, memory) == std::error_code());
  CHECK(memory.state() == ShmemState::kSent);
  CHECK(memory.bytes().empty());
  CHECK(memory.id() == ShmemId());
  CHECK(sides.Send(*sides.parent, memory) == Errc::kAlreadySent);
  CHECK(sides.Send(*sides.other, memory) == Errc::kAlreadySent);
  CHECK(sides.parent->DeallocShmem(memory).error() == Errc::kAlreadySent);
  CHECK(ShmemSlice::Of(std::move(memory), 0, 0).error() == Errc::kAlreadySent);
  CHECK(TypedShmem<float>::From(std::move(memory)).error() == Errc::kAlreadySent);
  CHECK(memory.state() == ShmemState::kSent);
}

TEST_CASE("misuse: one piece is not in two places of a message") {
  Sides sides;
  Shmem memory = sides.Memory(*sides.parent);
  CHECK(sides.parent->SendMessage(ownership::kGivePair, {&memory, &memory}).error() ==
        Errc::kAlreadySent);
  CHECK(Sides::IsUntouched(memory));
  Shmem second = sides.Memory(*sides.parent);
  Must(sides.parent->SendMessage(ownership::kGivePair, {&memory, &second}));
}

TEST_CASE("misuse: what is empty is neither sent, nor freed, nor cut") {
  Sides sides;
  Shmem memory = sides.Memory(*sides.parent);
  const Shmem moved = std::move(memory);
  CHECK(sides.Send(*sides.parent, memory) == Errc::kEmptyShmem);
  CHECK(sides.parent->DeallocShmem(memory).error() == Errc::kEmptyShmem);
  CHECK(ShmemSlice::Of(std::move(memory), 0, 0).error() == Errc::kEmptyShmem);
  CHECK(TypedShmem<float>::From(std::move(memory)).error() == Errc::kEmptyShmem);
  CHECK(sides.SendSlice(*sides.parent, ShmemSlice()) == Errc::kEmptyShmem);
  UnsafeShmem unsafe;
  CHECK(sides.parent->SendMessage(ownership::kShare, {&sides.text, &unsafe}).error() ==
        Errc::kEmptyShmem);
  CHECK(sides.parent->DeallocShmem(unsafe).error() == Errc::kEmptyShmem);
  CHECK(Sides::IsUntouched(moved));
}

TEST_CASE("misuse: memory of one channel is not another's") {
  Sides sides;
  Shmem memory = sides.Memory(*sides.other);
  CHECK(sides.Send(*sides.parent, memory) == Errc::kWrongChannel);
  CHECK(sides.parent->DeallocShmem(memory).error() == Errc::kWrongChannel);
  CHECK(Sides::IsUntouched(memory));
  ShmemSlice slice = Must(ShmemSlice::Of(std::move(memory), 900, 100));
  CHECK(sides.SendSlice(*sides.parent, slice) == Errc::kWrongChannel);
  CHECK(slice.bytes()[99] == std::byte{42});
  UnsafeShmem unsafe = Must(sides.other->AllocUnsafeShmem(10));
  CHECK(sides.parent->SendMessage(ownership::kShare, {&sides.text, &unsafe}).error() ==
        Errc::kWrongChannel);
  CHECK(sides.parent->DeallocShmem(unsafe).error() == Errc::kWrongChannel);
  CHECK(unsafe.state() == ShmemState::kShared);
  Must(sides.other->DeallocShmem(unsafe));
}

TEST_CASE("misuse: a slice is sent once, and lies inside or is none") {
  Sides sides;
  Shmem memory = sides.Memory(*sides.parent);
  CHECK(ShmemSlice::Of(std::move(memory), 1, 1000).error() == Errc::kSliceBounds);
  CHECK(ShmemSlice::Of(std::move(memory), ~std::uint64_t{0}, 2).error() == Errc::kSliceBounds);
  CHECK(Sides::IsUntouched(memory));
  ShmemSlice slice = Must(ShmemSlice::Of(std::move(memory), 1, 999));
  REQUIRE(sides.SendSlice(*sides.parent, slice) == std::error_code());
  CHECK(slice.state() == ShmemState::kSent);
  CHECK(slice.bytes().empty());
  CHECK(slice.size() == 0);
  CHECK(sides.SendSlice(*sides.parent, slice) == Errc::kAlreadySent);
  memory = slice.Release();
  CHECK(memory.state() == ShmemState::kSent);
  CHECK(sides.parent->DeallocShmem(memory).error() == Errc::kAlreadySent);
  CHECK(slice.state() == ShmemState::kEmpty);
  CHECK(sides.SendSlice(*sides.parent, slice) == Errc::kEmptyShmem);
}

TEST_CASE("misuse: after the end nothing is sent or freed, and what is owned stays") {
  Sides sides;
  Shmem memory = sides.Memory(*sides.parent);
  ShmemSlice slice = Must(ShmemSlice::Of(sides.Memory(*sides.parent), 900, 100));
  Shmem sent = sides.Memory(*sides.parent);
  REQUIRE(sides.Send(*sides.parent, sent) == std::error_code());
  sides.parent->Close();
  CHECK(sides.Send(*sides.parent, memory) == Errc::kClosed);  // at once
  while (sides.parent->destroyed == 0) sides.io.run_one();
  CHECK(sides.Send(*sides.parent, memory) == Errc::kClosed);
  CHECK(sides.SendSlice(*sides.parent, slice) == Errc::kClosed);
  CHECK(sides.Send(*sides.parent, sent) == Errc::kClosed);
  CHECK(sides.Send(*sides.other, memory) == Errc::kWrongChannel);
  CHECK(sides.parent->AllocShmem(1).error() == Errc::kClosed);
  CHECK(sides.parent->DeallocShmem(memory).error() == Errc::kClosed);
  CHECK(Sides::IsUntouched(memory));
  CHECK(slice.bytes()[99] == std::byte{42});
  CHECK(sent.state() == ShmemState::kSent);
}

TEST_CASE("misuse: an actor without a channel has no memory") {
  const Guarded guarded;
  const auto actor = std::make_shared<OwnershipActor>(Side::kParent);
  Shmem memory;
  CHECK(actor->AllocShmem(1).error() == Errc::kNotBound);
  CHECK(actor->DeallocShmem(memory).error() == Errc::kNotBound);
}

}  // namespace
}  // namespace baton::testing
