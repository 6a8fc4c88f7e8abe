// A peer that rings without an end, and faster than anybody reads: a doorbell is no frame, so what
// counts frames alone never comes to its end.
#include <algorithm>
#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>
#include <memory>
#include <utility>

#include "runtime/channel/frame.h"
#include "runtime/channel/socket_stream.h"
#include "tests/process/queue_actors.h"
#include "tests/process/sync_actors.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using namespace std::chrono_literals;

// A socket behind whose bytes there are always more doorbells, while it rings.
class RingingStream final : public internal::Stream {
 public:
  RingingStream(std::unique_ptr<internal::Stream> stream, boost::asio::any_io_executor executor,
                const bool& rings)
      : stream_(std::move(stream)), executor_(std::move(executor)), rings_(rings) {}

  Result<std::size_t> Send(std::span<const std::byte> bytes,
                           std::span<const platform::NativeHandle> handles) override {
    return stream_->Send(bytes, handles);
  }
  Result<std::size_t> Receive(std::span<std::byte> into,
                              std::vector<platform::Handle>& handles) override {
    auto received = stream_->Receive(into, handles);
    if (received || !rings_) return received;
    std::ranges::fill(into, internal::kDoorbell);
    return into.size();
  }
  void WaitReadable(Ready ready) override {
    if (!rings_) return stream_->WaitReadable(std::move(ready));
    boost::asio::post(executor_, [ready = std::move(ready)] { ready(); });
  }
  void WaitWritable(Ready ready) override { stream_->WaitWritable(std::move(ready)); }
  Events Block(const Wanted& wanted) override { return rings_ ? Events() : stream_->Block(wanted); }
  void Close() override { stream_->Close(); }

 private:
  const std::unique_ptr<internal::Stream> stream_;
  const boost::asio::any_io_executor executor_;
  const bool& rings_;
};

class RingingSource final : public internal::StreamSource {
 public:
  RingingSource(platform::Handle socket, const bool& rings)
      : socket_(std::move(socket)), rings_(rings) {}

  Result<std::unique_ptr<internal::Stream>> Open(
      const boost::asio::any_io_executor& executor) override {
    BATON_TRY(auto stream, internal::OpenSocketStream(std::move(socket_), executor));
    return std::make_unique<RingingStream>(std::move(stream), executor, rings_);
  }

 private:
  platform::Handle socket_;
  const bool& rings_;
};

// Two actors of one thread that have met; the child's stream rings when it is told to.
template <class Parent, class Child>
struct Ringing {
  explicit Ringing(Path path) {
    auto parts = Must(internal::CreateEndpointParts());
    internal::EndpointParts ringing = {
        .source = std::make_shared<RingingSource>(std::move(parts.second.socket), rings)};
    const ChannelOptions options = OptionsFor(path);
    Must(internal::BindEndpoint(std::move(parts.first), parent, io.get_executor(), options));
    Must(internal::BindEndpoint(std::move(ringing), child, io.get_executor(), options));
    while (io.poll_one() > 0) {
    }
    rings = true;
  }
  ~Ringing() {
    rings = false;
    parent->Close();
    io.restart();
    io.run();
    CHECK(parent->destroyed == 1);
    CHECK(child->destroyed == 1);
  }

  bool rings = false;
  io_context io;
  std::shared_ptr<Parent> parent = std::make_shared<Parent>();
  std::shared_ptr<Child> child = std::make_shared<Child>();
};

TEST_CASE("hostile: doorbells without end while somebody waits cost the deadline") {
  const Path path = GENERATE(Path::kSocket, Path::kRing, Path::kRingAsleep);
  const Guarded guarded;
  Ringing<SyncParent, SyncChild> ringing(path);
  CHECK(ringing.child->SendAsk(1, 20ms).error() == std::errc::timed_out);
}

TEST_CASE("hostile: doorbells without end leave others on the executor their turns") {
  const Path path = GENERATE(Path::kSocket, Path::kRing, Path::kRingAsleep);
  const Guarded guarded;
  Ringing<QueueParent, QueueChild> ringing(path);  // which looks ahead
  Must(ringing.parent->SendPlain(1));              // wakes it
  ringing.io.restart();
  int turns = 0;
  for (int n = 0; n < 20; ++n) {
    bool has_run = false;
    boost::asio::post(ringing.io, [&] { has_run = true; });
    while (!has_run && ringing.io.run_one() > 0) ++turns;
    CHECK(has_run);
  }
  CHECK(turns > 20);  // the channel has had some in between
}

}  // namespace
}  // namespace baton::testing
