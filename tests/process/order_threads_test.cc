// Data arrives in order whatever it is and however it travels, and control does not wait for it.
#include <fcntl.h>

#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>

#include <baton/async.h>

#include "tests/process/load_actors.h"
#include "tests/support/failure.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using boost::system::error_code;

constexpr std::uint64_t kOrderedPieces = 10'000 / BATON_TEST_SLOWNESS;

// Every seventh piece has handles with it.
template <class A>
Result<void> SendMixed(A& actor, std::uint64_t number, const platform::Handle& file) {
  const auto content = ContentOf(number, SizeOf(number));
  if (number % 7 != 0) return actor.SendPiece(number, content);
  std::vector<FileDescriptor> files;
  for (std::uint64_t i = 0; i <= number % 3; ++i) {
    files.push_back(Must(file.Duplicate()));
  }
  return actor.SendFiles(number, files, content);
}

// Sends all pieces, and asks behind them whether they have arrived.
template <class A>
struct Talker {
  explicit Talker(Link link) {
    Must(internal::BindEndpoint(std::move(link.parts), actor, io.get_executor(), link.options));
    pump.on_error = [](std::error_code error) {
      FailHere(__FILE__, __LINE__, "a piece is not sent: " + error.message());
    };
    pump.on_done = [this] {
      actor->SendAsk(kOrderedPieces, [this](error_code error, std::uint64_t) {
        if (error) FailHere(__FILE__, __LINE__, "no answer: " + error.message());
        arrived = true;
      });
    };
    pump.Run();
  }

  boost::asio::io_context io;
  std::shared_ptr<A> actor = std::make_shared<A>();
  platform::Handle file{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
  bool arrived = false;
  Pump pump{*actor, kOrderedPieces,
            [this](std::uint64_t number) { return SendMixed(*actor, number, file); }};
};

PEER(Talking) {
  Talker<LoadChild> child(Accept(std::move(channel_end)));
  child.io.run();  // until the parent has everything and closes
  PEER_EXPECT(child.arrived);
  PEER_EXPECT(child.actor->received == kOrderedPieces);
  PEER_EXPECT(child.actor->destroyed == 1);
  PEER_EXPECT(!child.actor->close_error());
}

TEST_CASE("order holds across ring and stream, both ways at once") {
  const auto transport = GENERATE(values<Transport>({{PeerKind::kThread, Path::kRing},
                                                     {PeerKind::kThread, Path::kInProcess},
                                                     {PeerKind::kProcess, Path::kSocket},
                                                     {PeerKind::kProcess, Path::kRingAsleep},
                                                     {PeerKind::kProcess, Path::kSmallRing}}));
  const LeakCheck leak_check;
  const Watchdog watchdog(3 * kPatience);
  Peer peer = START_PEER(transport.peer, Talking);
  Talker<LoadParent> parent(Offer(peer, transport));
  while (!(parent.arrived && parent.actor->asked) && parent.io.run_one() > 0) {
  }
  parent.actor->Close();
  parent.io.run();
  CHECK(parent.arrived);
  CHECK(parent.actor->received == kOrderedPieces);
  CHECK(parent.actor->destroyed == 1);
  if (transport.path != Path::kSocket) CHECK(parent.actor->statistics().ring_frames_received > 0);
}

// --- Control beside data -------------------------------------------------------------------------

constexpr std::size_t kPieceSize = 1000;

// Sends pieces until there is no room. Returns how many.
std::uint64_t Fill(LoadParent& parent) {
  for (std::uint64_t sent = 0;; ++sent) {
    const auto result = parent.SendPiece(sent, ContentOf(sent, kPieceSize));
    if (result) continue;
    CHECK(result.error() == Errc::kWouldBlock);
    return sent;
  }
}

TEST_CASE("memory that was freed overtakes the data that waits") {
  const Path path = GENERATE(Path::kSocket, Path::kRing, Path::kInProcess);
  const Guarded guarded;
  ChannelOptions options = OptionsFor(path);
  options.max_shmem_count = 1;
  LoadPair pair(path, options);
  Must(pair.child->SendMemory(Must(pair.child->AllocShmem(10))));
  pair.RunUntil([&] { return !pair.parent->memory.empty(); });
  CHECK(pair.child->AllocShmem(10).error() == Errc::kOverQuota);  // the parent has it

  const std::uint64_t sent = Fill(*pair.parent);
  const std::uint64_t waiting = pair.parent->statistics().queued_bytes / kPieceSize / 2;
  REQUIRE(waiting > 0);
  pair.parent->memory.clear();
  LoadPair::RunOne(pair.parents);  // says so

  std::uint64_t freed_after = sent;  // pieces
  pair.child->on_piece = [&] {
    if (freed_after == sent && pair.child->AllocShmem(10)) freed_after = pair.child->received;
  };
  pair.RunUntil([&] { return pair.child->received == sent; });
  CHECK(freed_after <= sent - waiting);
  if (path == Path::kRing) CHECK(freed_after == 1);  // before all of them
  pair.parent->Close();
  pair.RunToTheEnd();
}

TEST_CASE("a close arrives although the other direction is full") {
  const Path path = EachPath();
  const Guarded guarded;
  LoadPair pair(path);
  pair.Introduce();
  Fill(*pair.parent);
  pair.child->Close();
  // The parent cannot get rid of what it has to say, and is told all the same.
  while (pair.parent->destroyed == 0) LoadPair::RunOne(pair.parents);
  CHECK(pair.parent->reason == ActorDestroyReason::kNormalShutdown);
  pair.RunToTheEnd();
  CHECK(pair.child->reason == ActorDestroyReason::kNormalShutdown);
}

TEST_CASE("a close waits for the data before it, in queue, ring and stream") {
  const Path path = EachPath();
  const Guarded guarded;
  LoadPair pair(path);
  pair.Introduce();
  const std::uint64_t sent = Fill(*pair.parent);
  CHECK(pair.parent->statistics().queued_bytes > 0);
  pair.parent->Close();
  pair.RunToTheEnd();
  CHECK(pair.child->received == sent);
  CHECK(pair.child->reason == ActorDestroyReason::kNormalShutdown);
  CHECK_FALSE(pair.child->close_error());
}

}  // namespace
}  // namespace baton::testing
