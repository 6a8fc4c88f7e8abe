// Memory that changes hands between two threads and between two processes.
#include <catch2/catch.hpp>
#include <functional>
#include <optional>
#include <thread>

#include "tests/process/echo_actors.h"
#include "tests/support/byte_content.h"
#include "tests/support/guarded.h"
#include "tests/support/many_files.h"
#include "tests/support/skip.h"

namespace baton::testing {
namespace {

using boost::system::error_code;

PEER(Holder) {
  RunEchoChild(std::move(channel_end));
}

TEST_CASE("memory is filled by the other side and comes back to its place") {
  const Transport transport = EachTransport();
  const auto size = GENERATE(std::uint64_t{1}, std::uint64_t{4096}, std::uint64_t{5'000'001});
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Holder);
  ParentSide parent(peer, transport);
  Shmem memory = Must(parent.actor->AllocShmem(size));
  const auto* const place = memory.bytes().data();
  for (std::uint8_t round = 1; round <= 3; ++round) {
    std::optional<Shmem> back;
    parent.actor->SendFill(std::move(memory), round, [&](error_code error, Shmem filled) {
      CHECK_FALSE(error);
      back = std::move(filled);
    });
    CHECK(memory.state() == ShmemState::kSent);
    CHECK(memory.bytes().empty());
    parent.RunUntil([&] { return back.has_value(); });
    CHECK(back->bytes().data() == place);
    CHECK(back->size() == size);
    CHECK(HoldsOnly(*back, round));
    memory = std::move(*back);
  }
  Must(parent.actor->DeallocShmem(memory));
  CHECK(memory.state() == ShmemState::kEmpty);
  const Traffic traffic = parent.actor->traffic();
  CHECK(traffic.shmem_bytes_sent == 3 * size);
  CHECK(traffic.shmem_bytes_received == 3 * size);
  CHECK(traffic.bytes_sent < 2000);
  parent.CloseAndRun();
}

TEST_CASE("unsafe memory is touched by both") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Holder);
  ParentSide parent(peer, transport);
  const UnsafeShmem memory = Must(parent.actor->AllocUnsafeShmem(1000));
  for (int round = 1; round <= 2; ++round) {
    bool answered = false;
    parent.actor->SendTouch(memory, [&](error_code error, auto) {
      CHECK_FALSE(error);
      answered = true;
    });
    parent.RunUntil([&] { return answered; });
    CHECK(memory.bytes()[999] == static_cast<std::byte>(round));
  }
  parent.CloseAndRun();
}

TEST_CASE("memory inside structs inside arrays arrives") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Holder);
  ParentSide parent(peer, transport);
  std::vector<::testing::Parcel> parcels;
  std::uint64_t expected = 0;
  for (std::uint64_t i = 1; i <= 100; ++i) {
    parcels.push_back({"parcel", Must(parent.actor->AllocShmem(i))});
    expected += i + 6;
  }
  Must(parent.actor->SendPost(std::move(parcels)));
  parent.RunUntil([&] { return !parent.actor->counted.empty(); });
  CHECK(parent.actor->counted == std::vector<std::uint64_t>{expected});
  parent.CloseAndRun();
}

TEST_CASE("memory that the peer keeps is given back, or is gone with it") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Holder);
  ParentSide parent(peer, transport);
  Must(parent.actor->SendKeep(Must(parent.actor->AllocShmem(7))));
  std::optional<std::uint64_t> size;
  parent.actor->SendGiveBack([&](error_code, std::optional<Shmem> memory) {
    REQUIRE(memory.has_value());
    size = memory->size();
  });
  parent.RunUntil([&] { return size.has_value(); });
  CHECK(size == 7);
  Must(parent.actor->SendKeep(Must(parent.actor->AllocShmem(7))));
  parent.CloseAndRun();
}

TEST_CASE("a send that fails leaves its arguments untouched and writable") {
  const Transport transport = EachTransportToThread();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Holder);
  ParentSide parent(peer, transport);

  std::vector<::testing::Parcel> parcels;
  parcels.push_back({"good", Must(parent.actor->AllocShmem(10))});
  SECTION("because another argument holds no memory") {
    parcels.push_back({"empty", Shmem()});
    CHECK(parent.actor->SendPost(std::move(parcels)).error() == Errc::kEmptyShmem);
  }
  SECTION("because a text is not UTF-8") {
    parcels.push_back({"\xff", Must(parent.actor->AllocShmem(10))});
    CHECK(parent.actor->SendPost(std::move(parcels)).error() == Errc::kInvalidValue);
  }
  SECTION("because the message is too large") {
    parcels.push_back({std::string(2 << 20, 'x'), Must(parent.actor->AllocShmem(10))});
    CHECK(parent.actor->SendPost(std::move(parcels)).error() == Errc::kMessageTooLarge);
  }
  SECTION("because the channel is closed") {
    parent.CloseAndRun();
    CHECK(parent.actor->SendPost(std::move(parcels)).error() == Errc::kClosed);
  }
  REQUIRE_FALSE(parcels.empty());
  CHECK(parcels[0].content.state() == ShmemState::kOwned);
  CHECK(parcels[0].label == "good");
  std::ranges::fill(parcels[0].content.bytes(), std::byte{1});  // still ours to write
  CHECK(HoldsOnly(parcels[0].content, 1));
  parcels.clear();
  if (parent.actor->CanSend()) parent.CloseAndRun();
}

TEST_CASE("more handles than one message takes are not sent, and stay whose they are") {
  if (!AllowManyFiles()) SKIP_TEST("this process may not open enough files");
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kThread, Holder);
  Link link = Offer(peer, {PeerKind::kThread, Path::kRing});
  link.options.max_shmem_count = 2000;
  ParentSide parent(std::move(link));
  std::vector<::testing::Parcel> parcels;
  for (int i = 0; i < 1025; ++i) parcels.push_back({"", Must(parent.actor->AllocShmem(1))});
  const auto sent = parent.actor->SendPost(std::move(parcels));
  REQUIRE(sent.has_error());
  CHECK(sent.error() == Errc::kTooManyHandles);
  REQUIRE(parcels.size() == 1025);
  CHECK(parcels.front().content.state() == ShmemState::kOwned);
  CHECK(parcels.back().content.state() == ShmemState::kOwned);
  parcels.clear();
  parent.CloseAndRun();
}

TEST_CASE("a question that cannot be sent leaves its memory with whoever asked") {
  const Transport transport = EachTransportToThread();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Holder);
  ParentSide parent(peer, transport);
  Shmem memory = Must(parent.actor->AllocShmem(10));
  parent.actor->Close();
  std::error_code error;
  parent.actor->SendFill(std::move(memory), 1, [&](error_code why, Shmem) { error = why; });
  parent.io.run();
  CHECK(error == Errc::kClosed);
  CHECK(memory.state() == ShmemState::kOwned);
  CHECK(HoldsOnly(memory, 0));
}

TEST_CASE("a handle may be destroyed on any thread, and the peer forgets the memory") {
  const Path path = EachPath();
  const Guarded guarded;
  auto ends = CreateEchoEndpoints(path);
  io_context io;
  const auto parent = std::make_shared<EchoParent>();
  const auto child = std::make_shared<EchoChild>();
  ChannelOptions one_at_a_time = OptionsFor(path);
  one_at_a_time.max_shmem_count = 1;
  Must(std::move(ends.first).Bind(parent, io.get_executor(), one_at_a_time));
  Must(std::move(ends.second).Bind(child, io.get_executor(), one_at_a_time));
  int rounds = 0;
  std::function<void()> hand_over = [&] {
    parent->SendFill(Must(parent->AllocShmem(100)), 1, [&](error_code error, Shmem filled) {
      CHECK_FALSE(error);
      std::thread([dies_here = std::move(filled)] {}).join();
      if (++rounds == 500) return parent->Close();
      boost::asio::post(io, hand_over);
    });
  };
  hand_over();
  io.run();
  CHECK(rounds == 500);
}

TEST_CASE("a queue that is full is a value, and nothing was revoked") {
  const Guarded guarded;
  auto ends = Must(platform::CreateSocketPair());  // nobody reads the other end
  ChannelOptions options;
  options.max_queued_bytes = 10'000;
  ParentSide parent(std::move(ends.first), options);
  Result<void> sent;
  for (int i = 0; i < 1'000'000 && sent; ++i) sent = parent.actor->SendCount(1);
  CHECK(sent.error() == Errc::kWouldBlock);
  Shmem memory = Must(parent.actor->AllocShmem(10));
  CHECK(parent.actor->SendKeep(std::move(memory)).error() == Errc::kWouldBlock);
  CHECK(HoldsOnly(memory, 0));
  ends.second.Reset();
  parent.io.run();
  CHECK(parent.actor->destroyed == 1);
}

}  // namespace
}  // namespace baton::testing
