// The round trip of a sync message, beside that of a question with a callback: two threads, and the
// rings between them.
#include <benchmark/benchmark.h>

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <thread>

#include <baton/async.h>
#include <baton/base/check.h>
#include <baton/baton.h>

#include "syncChild.h"
#include "syncParent.h"

namespace {

class Parent final : public bench::PSyncParent {
  baton::Result<WaitReply> RecvWait(std::uint64_t number) override { return number; }
  void RecvAsk(std::uint64_t number, AskReplier reply) override { reply(number); }
};
class Child final : public bench::PSyncChild {};

struct TwoThreads {
  TwoThreads() {
    auto ends = baton::CreateEndpoints<bench::PSyncParent, bench::PSyncChild>();
    BATON_CHECK(ends);
    BATON_CHECK(std::move(ends->second).Bind(child, io.get_executor()));
    answers = std::thread([end = std::move(ends->first)]() mutable {
      boost::asio::io_context theirs{1};
      BATON_CHECK(std::move(end).Bind(std::make_shared<Parent>(), theirs.get_executor()));
      theirs.run();
    });
  }
  ~TwoThreads() {
    child->Close();
    io.restart();
    io.run();
    answers.join();
  }

  boost::asio::io_context io{1};
  std::shared_ptr<Child> child = std::make_shared<Child>();
  std::thread answers;
};

void SyncRoundTrip(benchmark::State& state) {
  TwoThreads threads;
  for (auto _ : state) BATON_CHECK(threads.child->SendWait(1));
}
BENCHMARK(SyncRoundTrip)->UseRealTime()->Unit(benchmark::kMicrosecond);

void AsyncRoundTrip(benchmark::State& state) {
  TwoThreads threads;
  for (auto _ : state) {
    bool answered = false;
    threads.child->SendAsk(1, [&](boost::system::error_code, std::uint64_t) { answered = true; });
    while (!answered) threads.io.run_one();
  }
}
BENCHMARK(AsyncRoundTrip)->UseRealTime()->Unit(benchmark::kMicrosecond);

}  // namespace
