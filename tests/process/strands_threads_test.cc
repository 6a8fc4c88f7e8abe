// Several channels on several strands of one thread pool, all talking at once.
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <catch2/catch.hpp>
#include <future>
#include <list>

#include <baton/async.h>

#include "tests/process/load_actors.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using boost::asio::thread_pool;
using boost::system::error_code;
using Strand = boost::asio::strand<thread_pool::executor_type>;

constexpr std::uint64_t kStrandPieces = 2'000 / BATON_TEST_SLOWNESS;

// One side on `strand`, which it shares with others or has for itself.
template <class A>
struct OnStrand {
  OnStrand(Endpoint<typename A::Generated> endpoint, Strand where, const ChannelOptions& options)
      : strand(std::move(where)) {
    boost::asio::dispatch(
        strand, [this, options, it = std::make_shared<decltype(endpoint)>(std::move(endpoint))] {
          Must(std::move(*it).Bind(actor, strand, options));
          actor->on_piece = [this] { PEER_EXPECT(strand.running_in_this_thread()); };
          pump.on_done = [this] {
            actor->SendAsk(1, [this](error_code error, std::uint64_t) {
              PEER_EXPECT(!error);
              PEER_EXPECT(strand.running_in_this_thread());
              arrived.set_value();
            });
          };
          pump.Run();
        });
  }

  Strand strand;
  std::shared_ptr<A> actor = std::make_shared<A>();
  std::promise<void> arrived;
  Pump pump{*actor, kStrandPieces, [this](std::uint64_t number) {
              return actor->SendPiece(number, ContentOf(number, SizeOf(number) % 30'000));
            }};
};

TEST_CASE("channels on strands of a thread pool talk at once, each on its strand") {
  const Path path = EachPath();
  const Guarded guarded;
  thread_pool pool(4);
  const ChannelOptions options = OptionsFor(path);
  const Strand shared = boost::asio::make_strand(pool);
  std::list<OnStrand<LoadParent>> parents;
  std::list<OnStrand<LoadChild>> children;
  for (int i = 0; i < 4; ++i) {
    auto ends = CreateEndpointsOn<::testing::PLoadParent, ::testing::PLoadChild>(path);
    // Two parents share a strand and its poller; the others have one each.
    const Strand parents_strand = i < 2 ? shared : boost::asio::make_strand(pool);
    parents.emplace_back(std::move(ends.first), parents_strand, options);
    children.emplace_back(std::move(ends.second), boost::asio::make_strand(pool), options);
  }
  for (auto& one : parents) one.arrived.get_future().get();
  for (auto& one : children) one.arrived.get_future().get();
  for (auto& one : parents) {
    boost::asio::post(one.strand, [&one] { one.actor->Close(); });
  }
  pool.join();
  for (auto& one : parents) CHECK(one.actor->received == kStrandPieces);
  for (auto& one : parents) CHECK(one.actor->destroyed == 1);
  for (auto& one : children) CHECK(one.actor->received == kStrandPieces);
  for (auto& one : children) CHECK(one.actor->destroyed == 1);
  ReportRecordedFailures();
}

TEST_CASE("both ends of many channels live on one io_context") {
  const Path path = EachPath();
  const Guarded guarded;
  boost::asio::io_context io(1);
  struct Pair {
    std::shared_ptr<LoadParent> parent = std::make_shared<LoadParent>();
    std::shared_ptr<LoadChild> child = std::make_shared<LoadChild>();
    std::unique_ptr<Pump> pump;
  };
  std::list<Pair> pairs(8);
  for (Pair& pair : pairs) {
    auto ends = CreateEndpointsOn<::testing::PLoadParent, ::testing::PLoadChild>(path);
    Must(std::move(ends.first).Bind(pair.parent, io.get_executor(), OptionsFor(path)));
    Must(std::move(ends.second).Bind(pair.child, io.get_executor(), OptionsFor(path)));
    pair.pump = std::make_unique<Pump>(*pair.parent, kStrandPieces, [&pair](std::uint64_t number) {
      return pair.parent->SendPiece(number, ContentOf(number, SizeOf(number) % 30'000));
    });
    pair.pump->on_done = [&pair] { pair.parent->Close(); };
    boost::asio::post(io, [&pair] { pair.pump->Run(); });
  }
  io.run();
  for (const Pair& pair : pairs) CHECK(pair.child->received == kStrandPieces);
  for (const Pair& pair : pairs) CHECK(pair.child->destroyed == 1);
  for (const Pair& pair : pairs) CHECK(pair.parent->destroyed == 1);
  ReportRecordedFailures();
}

}  // namespace
}  // namespace baton::testing
