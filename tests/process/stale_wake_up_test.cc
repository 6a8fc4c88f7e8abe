// News of a descriptor that is watched no more: Asio's reactor gives what it keeps of one to the
// next that is watched, and news that it has fetched already goes there.
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <catch2/catch.hpp>
#include <functional>
#include <vector>

#include "platform/linux/pidfd.h"
#include "tests/process/echo_actors.h"
#include "tests/process/queue_actors.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using boost::asio::posix::stream_descriptor;

// Descriptors that have something to read, all of which is fetched at once. The first handler that
// is called lets go of the others and does what it is told, so that the next descriptors to be
// watched get their news.
class StaleNews {
 public:
  StaleNews(io_context& io, int count) {
    for (int made = 0; made < count; ++made) {
      auto [here, there] = NewPipe();
      REQUIRE(::write(there.get(), "x", 1) == 1);
      watched_.emplace_back(io, here.Release());
    }
  }

  template <class Then>
  void Spread(Then then) {
    for (stream_descriptor& one : watched_) {
      one.async_wait(stream_descriptor::wait_read,
                     [this, then](boost::system::error_code error) mutable {
                       if (error || was_told_) return;
                       was_told_ = true;
                       watched_.clear();
                       then();
                     });
    }
  }

 private:
  std::vector<stream_descriptor> watched_;
  bool was_told_ = false;
};

TEST_CASE("news of a descriptor that is gone ends no channel that is watched in its place") {
  const Guarded guarded;
  io_context io;
  const auto parent = std::make_shared<EchoParent>();
  const auto child = std::make_shared<EchoChild>();
  StaleNews news(io, 6);
  news.Spread([&] {
    auto sockets = Must(platform::CreateSocketPair());
    internal::EndpointParts here = {
        .socket = std::move(sockets.first),
        .peer_death = platform::Handle(platform::PidfdOpen(::getpid()))};
    Must(internal::BindEndpoint(std::move(here), parent, io.get_executor()));
    Must(EndpointOf<::testing::PEchoChild>(std::move(sockets.second))
             .Bind(child, io.get_executor()));
  });
  while (!parent->CanSend() && io.run_one() > 0) {
  }
  int answers = 0;
  std::function<void()> ask = [&] {
    parent->SendEcho("hello", [&](boost::system::error_code error, const std::string&) {
      if (!error) ++answers;
      if (!error && answers < 10) return ask();
      parent->Close();
    });
  };
  ask();
  io.run();
  CHECK(answers == 10);
  CHECK(parent->reason == ActorDestroyReason::kNormalShutdown);
  CHECK(child->reason == ActorDestroyReason::kNormalShutdown);
}

}  // namespace
}  // namespace baton::testing
