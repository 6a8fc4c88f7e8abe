// Ten idle seconds of two processes with a channel between them, as the kernel counts them: how
// often either was woken. Zero is the promise.
#include <benchmark/benchmark.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <fstream>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include <baton/async.h>
#include <baton/base/check.h>
#include <baton/baton.h>

#include "bench/placement.h"
#include "benchParent.h"

namespace bench {
namespace {

class Parent final : public PBenchParent {
  baton::Result<void> RecvVolley(std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t,
                                 std::uint64_t, std::uint64_t, std::uint64_t,
                                 std::uint64_t) override {
    return {};
  }
  baton::Result<void> RecvPass(baton::Shmem) override { return {}; }
};

// Of a sleeping thread neither sort of context switch counts on.
std::uint64_t Switches(int process, int thread) {
  std::ifstream status("/proc/" + std::to_string(process) + "/task/" + std::to_string(thread) +
                       "/status");
  std::uint64_t sum = 0;
  for (std::string line; std::getline(status, line);) {
    const auto name = line.find("ctxt_switches:");
    if (name != std::string::npos) sum += std::stoull(line.substr(name + 14));
  }
  return sum;
}

void IdleSeconds(benchmark::State& state) {
  boost::asio::io_context io(1);
  auto launched = baton::Launch<PBenchParent>(ChildThat("actor", Placement::kTwoCpus));
  BATON_CHECK(launched);
  const auto parent = std::make_shared<Parent>();
  BATON_CHECK(std::move(launched->endpoint).Bind(parent, io.get_executor()));
  std::promise<void> answered;
  parent->SendAsk(1, 2, 3, 4, 5, 6, 7, 8,
                  [&](boost::system::error_code, std::uint64_t) { answered.set_value(); });
  std::promise<int> thread_id;
  std::thread runs([&] {
    thread_id.set_value(static_cast<int>(::syscall(SYS_gettid)));
    io.run();
  });
  const int thread = thread_id.get_future().get();
  answered.get_future().get();
  const int child = launched->process.pid();
  const auto all = [&] { return Switches(::getpid(), thread) + Switches(child, child); };
  pollfd ended = {launched->process.death().get(), POLLIN, 0};
  for (auto _ : state) {
    BATON_CHECK(::poll(&ended, 1, 1000) == 0);  // until both sleep
    const std::uint64_t before = all();
    BATON_CHECK(::poll(&ended, 1, 10'000) == 0);
    state.counters["wake_ups"] = static_cast<double>(all() - before);
  }
  boost::asio::post(io, [&] { parent->Close(); });
  runs.join();
}
BENCHMARK(IdleSeconds)->Iterations(1)->Unit(benchmark::kSecond);

}  // namespace
}  // namespace bench
