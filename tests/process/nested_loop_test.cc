// Handlers that run the io_context themselves, and actors that outlive it: what a reading of the
// channel took for its weak places.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <catch2/catch.hpp>
#include <memory>
#include <optional>

#include "tests/process/echo_actors.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using ::testing::PEchoChild;
using ::testing::PEchoParent;

// Both sides on one io_context.
struct Ends {
  Ends(io_context& io, Path path) {
    auto ends = CreateEchoEndpoints(path);
    Must(std::move(ends.first).Bind(parent, io.get_executor(), OptionsFor(path)));
    Must(std::move(ends.second).Bind(child, io.get_executor(), OptionsFor(path)));
  }

  std::shared_ptr<EchoParent> parent = std::make_shared<EchoParent>();
  std::shared_ptr<EchoChild> child = std::make_shared<EchoChild>();
};

TEST_CASE("a handler may close its channel and run the loop until the end has come") {
  const Path path = EachPath();
  const Guarded guarded;
  io_context io;
  Ends ends(io, path);
  ends.parent->on_counted = [&] {
    ends.parent->Close();
    while (ends.parent->destroyed == 0) io.run_one();
  };
  Must(ends.parent->SendCount(1));
  io.run();
  CHECK(ends.parent->counted.size() == 1);
  CHECK(ends.parent->destroyed == 1);
  CHECK(ends.child->destroyed == 1);
}

TEST_CASE("other channels go on while a handler runs the loop") {
  const Path path = EachPath();
  const Guarded guarded;
  io_context io;
  Ends waiting(io, path);
  Ends other(io, path);
  // Busy, so that nobody would ring a doorbell for it.
  Must(other.parent->SendCount(1));
  while (other.parent->counted.empty()) io.run_one();
  waiting.parent->on_counted = [&] {
    Must(other.parent->SendCount(2));
    while (other.parent->counted.size() < 2) io.run_one();
    waiting.parent->Close();
    other.parent->Close();
  };
  Must(waiting.parent->SendCount(1));
  io.run();
  CHECK(other.parent->counted.size() == 2);
}

TEST_CASE("what comes by the stream while a handler runs the loop is read after it") {
  const Path path = EachPath();
  const Guarded guarded;
  io_context io;
  Ends ends(io, path);
  std::string echoed;
  ends.parent->on_counted = [&] {
    ends.parent->SendEcho(std::string(50'000, 'x'),
                          [&](boost::system::error_code, std::string text) {
                            echoed = std::move(text);
                            ends.parent->Close();
                          });
    while (io.poll() > 0) {
    }
  };
  Must(ends.parent->SendCount(1));
  io.run();
  CHECK(echoed.size() == 50'000);
}

TEST_CASE("a handler may fill its channel's queue and run the loop until that has drained") {
  const Path path = GENERATE(Path::kSocket, Path::kRing, Path::kRingAsleep, Path::kSmallRing,
                             Path::kSmallRingAsleep, Path::kInProcess);
  const Guarded guarded;
  io_context io;
  Ends ends(io, path);
  int rounds = 0;
  ends.parent->on_counted = [&] {
    for (; rounds < 3; ++rounds) {
      while (ends.parent->SendCount(1)) {
      }
      bool is_drained = false;
      ends.parent->Drained([&](boost::system::error_code error) {
        CHECK_FALSE(error);
        is_drained = true;
      });
      while (!is_drained) io.run_one();
    }
    CHECK(ends.parent->counted.size() == 1);  // its own messages wait
    ends.parent->Close();
  };
  Must(ends.parent->SendCount(1));
  io.run();
  CHECK(rounds == 3);
  CHECK(ends.parent->destroyed == 1);
}

TEST_CASE("an actor may outlive its io_context, whatever its channel was waiting for") {
  const Path path = EachPath();
  const Guarded guarded;
  const auto actor = std::make_shared<EchoParent>();
  auto ends = CreateEchoEndpoints(path);  // the other end says nothing
  auto io = std::make_unique<io_context>();
  Must(std::move(ends.first).Bind(actor, io->get_executor(), OptionsFor(path)));
  SECTION("for the handshake") {}
  SECTION("for its end") {
    while (actor->SendCount(1)) {
    }
    actor->Close();
  }
  io->poll();
  io.reset();
  CHECK(actor->destroyed == 0);
  CHECK_FALSE(actor->CanSend());
}

TEST_CASE("who waits for Drained may give up") {
  const Path path = EachPath();
  const Guarded guarded;
  io_context io;
  const auto actor = std::make_shared<EchoParent>();
  auto ends = CreateEchoEndpoints(path);
  Must(std::move(ends.first).Bind(actor, io.get_executor(), OptionsFor(path)));
  while (actor->SendCount(1)) {
  }
  boost::asio::cancellation_signal signal;
  std::optional<boost::system::error_code> drained;
  actor->Drained(boost::asio::bind_cancellation_slot(
      signal.slot(), [&](boost::system::error_code error) { drained = error; }));
  io.poll();
  CHECK_FALSE(drained.has_value());
  signal.emit(boost::asio::cancellation_type::terminal);
  CHECK_FALSE(drained.has_value());  // never inside
  while (!drained) io.run_one();
  CHECK(*drained == boost::asio::error::operation_aborted);
}

}  // namespace
}  // namespace baton::testing
