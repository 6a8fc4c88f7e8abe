// What Drained says and when, and what one doorbell is worth: both sides in this thread, so that a
// test decides when the peer reads.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>
#include <optional>
#include <system_error>

#include "tests/process/echo_actors.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using boost::system::error_code;
using ::testing::PEchoChild;
using ::testing::PEchoParent;

// Both sides, each with an io_context of its own.
struct PressedPair {
  explicit PressedPair(Path path) {
    ChannelOptions options;
    options.max_queued_bytes = 100'000;
    options.ring_bytes = path == Path::kSocket ? 0 : 64 << 10;
    options.max_spin = {};
    auto ends = path == Path::kInProcess ? CreateInProcessEndpoints<PEchoParent, PEchoChild>()
                                         : Must(CreateEndpoints<PEchoParent, PEchoChild>());
    Must(std::move(ends.first).Bind(parent, io->get_executor(), options));
    Must(std::move(ends.second).Bind(child, child_io->get_executor(), options));
    Settle();
  }
  ~PressedPair() {
    if (io != nullptr) parent->Close();
    Settle();
  }

  // Runs both sides until nothing happens any more.
  void Settle() {
    for (int quiet = 0; quiet < 3; ++quiet) {
      if (Poll(io) + Poll(child_io) > 0) quiet = 0;
    }
  }
  static std::size_t Poll(const std::unique_ptr<io_context>& io) {
    if (io == nullptr) return 0;
    io->restart();
    return io->poll();
  }

  // Sends until there is no room. Returns how many went.
  int FillUp() {
    for (int sent = 0;; ++sent) {
      const auto result = parent->SendCount(7);
      if (result) continue;
      CHECK(result.error() == Errc::kWouldBlock);
      return sent;
    }
  }

  std::shared_ptr<EchoParent> parent = std::make_shared<EchoParent>();
  std::shared_ptr<EchoChild> child = std::make_shared<EchoChild>();
  std::unique_ptr<io_context> io = std::make_unique<io_context>();
  std::unique_ptr<io_context> child_io = std::make_unique<io_context>();
};

// --- Drained -------------------------------------------------------------------------------------

TEST_CASE("Drained completes at once where there is room, but never inside the call") {
  const Path path = EachPath();
  const Guarded guarded;
  PressedPair pair(path);
  std::optional<error_code> drained;
  pair.parent->Drained([&](error_code error) { drained = error; });
  CHECK_FALSE(drained.has_value());
  PressedPair::Poll(pair.io);
  REQUIRE(drained.has_value());
  CHECK_FALSE(*drained);
}

TEST_CASE("after kWouldBlock Drained completes once the peer has read, and then there is room") {
  const Path path = EachPath();
  const Guarded guarded;
  PressedPair pair(path);
  const int sent = pair.FillUp();
  CHECK(pair.parent->statistics().would_blocks == 1);
  CHECK(pair.parent->statistics().queued_bytes > 50'000);
  int drained = 0;
  for (int i = 0; i < 3; ++i) {
    pair.parent->Drained([&](error_code error) {
      CHECK_FALSE(error);
      ++drained;
      CHECK(pair.parent->statistics().queued_bytes <= 50'000);
      Must(pair.parent->SendCount(1));
    });
  }
  PressedPair::Poll(pair.io);
  CHECK(drained == 0);  // nobody has read
  pair.Settle();
  CHECK(drained == 3);
  CHECK(pair.parent->counted.size() == static_cast<std::size_t>(sent) + 3);
  CHECK(pair.parent->statistics().queued_bytes == 0);
}

TEST_CASE("Drained says why the channel has ended") {
  const Path path = EachPath();
  const bool peer_dies = GENERATE(false, true);
  const Guarded guarded;
  PressedPair pair(path);
  (void)pair.FillUp();
  std::optional<error_code> drained;
  pair.parent->Drained([&](error_code error) { drained = error; });
  if (peer_dies) {
    pair.child_io.reset();  // takes the child's end along
  } else {
    pair.parent->Close();
  }
  CHECK_FALSE(drained.has_value());
  pair.Settle();
  REQUIRE(drained.has_value());
  CHECK(*drained == make_error_code(peer_dies ? Errc::kPeerDied : Errc::kClosed));

  drained.reset();  // and whoever asks afterwards
  pair.parent->Drained([&](error_code error) { drained = error; });
  pair.Settle();
  REQUIRE(drained.has_value());
  CHECK(*drained == make_error_code(Errc::kClosed));
}

TEST_CASE("an actor that was never bound says so to Drained") {
  const Guarded guarded;
  const auto actor = std::make_shared<EchoParent>();
  auto drained = actor->Drained(boost::asio::use_future);
  CHECK_THROWS_AS(drained.get(), boost::system::system_error);
}

TEST_CASE("who waits for Drained goes with the io_context") {
  const Path path = EachPath();
  const Guarded guarded;
  PressedPair pair(path);
  (void)pair.FillUp();
  const auto token = std::make_shared<int>();
  pair.parent->Drained([token, actor = pair.parent](error_code) { FAIL("must not run"); });
  CHECK(token.use_count() > 1);
  pair.io.reset();
  CHECK(token.use_count() == 1);
  CHECK(pair.parent.use_count() == 1);
}

TEST_CASE("Drained takes every token") {
  const Path path = EachPath();
  const Guarded guarded;
  PressedPair pair(path);
  (void)pair.FillUp();
  auto future = pair.parent->Drained(boost::asio::use_future);
  int resumed = 0;
  const auto wait = [&]() -> boost::asio::awaitable<void> {
    co_await pair.parent->Drained(boost::asio::use_awaitable);
    ++resumed;
  };
  boost::asio::co_spawn(*pair.io, wait(), boost::asio::detached);
  PressedPair::Poll(pair.io);
  CHECK(resumed == 0);
  pair.Settle();
  CHECK(resumed == 1);
  future.get();
}

// --- HoldBack ------------------------------------------------------------------------------------

TEST_CASE("what is held back leaves together, with one doorbell") {
  const Path path = GENERATE(Path::kRing, Path::kInProcess);
  const bool held = GENERATE(false, true);
  const Guarded guarded;
  PressedPair pair(path);
  const auto before = pair.parent->statistics();
  const auto child_before = pair.child->statistics();
  {
    std::optional<HoldBack> batch;
    if (held) batch.emplace(*pair.parent);
    for (std::uint64_t i = 0; i < 100; ++i) {
      Must(pair.parent->SendCount(i));
      if (held) PressedPair::Poll(pair.child_io);
      if (held) CHECK(pair.child->statistics().messages_received == child_before.messages_received);
      if (!held) pair.Settle();  // so that the child sleeps again
    }
  }
  const auto after = pair.parent->statistics();
  const std::uint64_t doorbells = after.doorbells_sent - before.doorbells_sent;
  CHECK(after.ring_frames_sent - before.ring_frames_sent == 100);
  CHECK(doorbells == (held ? 1 : 100));
  pair.Settle();
  CHECK(pair.parent->counted.size() == 100);
  CHECK(pair.parent->counted.back() == 100);
}

TEST_CASE("held back inside of held back waits for the last one") {
  const Guarded guarded;
  PressedPair pair(Path::kRing);
  {
    const HoldBack outer(*pair.parent);
    {
      const HoldBack inner(*pair.parent);
      Must(pair.parent->SendCount(1));
    }
    pair.Settle();
    CHECK(pair.parent->counted.empty());
  }
  pair.Settle();
  CHECK(pair.parent->counted.size() == 1);
}

TEST_CASE("more than the ring holds does not wait") {
  const Path path = EachPath();
  const Guarded guarded;
  PressedPair pair(path);
  const HoldBack batch(*pair.parent);
  const int sent = pair.FillUp();
  pair.Settle();
  CHECK(pair.parent->counted.size() > static_cast<std::size_t>(sent) / 2);
}

TEST_CASE("a HoldBack of an actor without a channel, or that outlives it, does nothing") {
  const Guarded guarded;
  const auto nobody = std::make_shared<EchoParent>();
  const HoldBack unbound(*nobody);
  PressedPair pair(Path::kRing);
  const HoldBack batch(*pair.parent);
  Must(pair.parent->SendCount(1));
  pair.child->Close();
  pair.Settle();
  CHECK(pair.parent->destroyed == 1);
}

// --- Counters ------------------------------------------------------------------------------------

std::uint64_t ClosedWith(std::error_code reason) {
  for (const auto& [error, count] : ClosedChannels()) {
    if (error == reason) return count;
  }
  return 0;
}

TEST_CASE("a channel counts what crosses it, and keeps the counts after its end") {
  const Path path = EachPath();
  const Guarded guarded;
  PressedPair pair(path);
  for (std::uint64_t i = 0; i < 5; ++i) Must(pair.parent->SendCount(i));
  int answers = 0;
  pair.parent->SendPing(1, [&](error_code, std::uint64_t) { ++answers; });
  pair.parent->SendRefuse(EBUSY, [&](error_code, bool) { ++answers; });
  pair.Settle();
  REQUIRE(answers == 2);
  pair.parent->Close();
  pair.Settle();
  const auto parent = pair.parent->statistics();
  const auto child = pair.child->statistics();
  CHECK(parent.messages_sent == 7);
  CHECK(parent.messages_received == 7);  // five numbers and two answers
  CHECK(child.messages_sent == 7);
  CHECK(child.messages_received == 7);
  CHECK(parent.would_blocks == 0);
  CHECK(parent.queued_bytes == 0);
  CHECK(parent.ring_frames_sent == child.ring_frames_received);
  // The child's answer to GOODBYE: the parent has nothing over there, and does not wait for it.
  const std::uint64_t unread = path == Path::kSocket ? 0 : 1;
  CHECK(child.ring_frames_sent == parent.ring_frames_received + unread);
  CHECK((parent.ring_frames_sent >= 7) == (path != Path::kSocket));
  CHECK(parent.doorbells_sent >= child.doorbells_received);
  CHECK((child.sleeps > 0) == (path != Path::kSocket));
}

TEST_CASE("channels that have ended are counted by reason") {
  const Path path = EachPath();
  const Guarded guarded;
  const auto in_order = ClosedWith({});
  const auto died = ClosedWith(Errc::kPeerDied);
  const auto accused = ClosedWith(Rule::kHandler);
  {
    PressedPair pair(path);
    pair.parent->Close();
    pair.Settle();
    CHECK(ClosedWith({}) == in_order + 2);
  }
  {
    PressedPair pair(path);
    Must(pair.parent->SendAccuse("it did it"));
    pair.Settle();
    CHECK(ClosedWith(Rule::kHandler) == accused + 1);
    CHECK(ClosedWith(Errc::kPeerDied) == died + 1);
  }
}

}  // namespace
}  // namespace baton::testing
