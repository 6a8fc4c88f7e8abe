// When a [LazySend] leaves: both sides in this thread, so that a test decides whose turn it is.
#include <catch2/catch.hpp>
#include <optional>
#include <vector>

#include <baton/async.h>
#include <baton/hold_back.h>

#include "tests/process/queue_actors.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using queue::PQueueChild;
using queue::PQueueParent;

// Both sides, each with an io_context of its own.
struct LazyPair {
  explicit LazyPair(Path path, ChannelOptions options = {}) {
    options.ring_bytes = path == Path::kSocket ? 0 : 64 << 10;
    options.max_spin = {};
    auto ends = CreateEndpointsOn<PQueueParent, PQueueChild>(path);
    Must(std::move(ends.first).Bind(parent, io.get_executor(), options));
    Must(std::move(ends.second).Bind(child, child_io.get_executor(), options));
    Settle();
  }
  ~LazyPair() {
    parent->Close();
    Settle();
    CHECK(child->destroyed == 1);
  }

  // Runs both sides until nothing happens any more.
  void Settle() {
    for (int quiet = 0; quiet < 3; ++quiet) {
      if (Run(io) + Run(child_io) > 0) quiet = 0;
    }
  }
  static std::size_t Run(io_context& one) {
    one.restart();
    return one.poll();
  }
  const std::string& Handled() {
    Run(child_io);
    return child->handled.text();
  }

  io_context io;
  io_context child_io;
  std::shared_ptr<QueueParent> parent = std::make_shared<QueueParent>();
  std::shared_ptr<QueueChild> child = std::make_shared<QueueChild>();
};

TEST_CASE("a lazy message leaves at the end of the turn at the latest") {
  const Path path = EachPath();
  const Guarded guarded;
  LazyPair pair(path);
  Must(pair.parent->SendLazy(1));
  Must(pair.parent->SendLazy(2));
  CHECK(pair.Handled() == "");
  LazyPair::Run(pair.io);
  CHECK(pair.Handled() == "lazy 1, lazy 2");
}

TEST_CASE("a lazy message leaves with the next one that is not, before it") {
  const Path path = EachPath();
  const Guarded guarded;
  LazyPair pair(path);
  Must(pair.parent->SendLazy(1));
  Must(pair.parent->SendLazy(2));
  SECTION("a message") {
    Must(pair.parent->SendPlain(3));
    CHECK(pair.Handled() == "lazy 1, lazy 2, plain 3");
  }
  SECTION("a question") {
    pair.parent->SendAsk(3, [](boost::system::error_code, std::uint32_t) {});
    CHECK(pair.Handled() == "lazy 1, lazy 2, ask 3");
    pair.Settle();
  }
  SECTION("what is held back") {
    {
      const HoldBack hold_back(*pair.parent);
      Must(pair.parent->SendPlain(3));
      CHECK(pair.Handled() == "");
    }
    CHECK(pair.Handled() == "lazy 1, lazy 2, plain 3");
  }
  SECTION("the end") {
    pair.parent->Close();
    CHECK(pair.Handled() == "lazy 1, lazy 2");
  }
}

TEST_CASE("lazy messages wake the peer no more than once") {
  const Guarded guarded;
  LazyPair pair(Path::kRingAsleep);
  const auto doorbells = [&] { return pair.parent->statistics().doorbells_sent; };
  const std::uint64_t before = doorbells();
  for (std::uint32_t number = 0; number < 100; ++number) Must(pair.parent->SendLazy(number));
  CHECK(doorbells() == before);
  SECTION("by themselves") {
    LazyPair::Run(pair.io);
  }
  SECTION("with another one") {
    Must(pair.parent->SendPlain(100));
  }
  CHECK(doorbells() == before + 1);
  pair.Settle();
}

TEST_CASE("lazy messages wait in the queue that all others wait in, and no longer than it") {
  const Path path = EachPath();
  const Guarded guarded;
  ChannelOptions options;
  options.max_queued_bytes = 100'000;
  LazyPair pair(path, options);
  const std::vector<std::byte> content(1000);
  int sent = 0;
  for (;; ++sent) {
    const auto result = pair.parent->SendLazyContent(content);
    if (result) continue;
    CHECK(result.error() == Errc::kWouldBlock);
    break;
  }
  CHECK(sent > 50);
  std::optional<boost::system::error_code> drained;
  pair.parent->Drained([&](boost::system::error_code error) { drained = error; });
  pair.Settle();
  REQUIRE(drained.has_value());
  CHECK_FALSE(*drained);
  CHECK(pair.child->statistics().messages_received >= static_cast<std::uint64_t>(sent));
}

}  // namespace
}  // namespace baton::testing
