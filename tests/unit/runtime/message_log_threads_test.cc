// Whoever looks comes and goes while threads talk.
#include <baton/message_log.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

#include <baton/baton.h>

#include "tests/process/echo_actors.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

constexpr std::uint64_t kRounds = 2'000;

// Two actors of one thread count together until they have done so often enough.
void CountTogether() {
  io_context io;
  auto [here, there] = CreateEchoEndpoints(Path::kInProcess);
  const auto parent = std::make_shared<EchoParent>();
  Must(std::move(here).Bind(parent, io.get_executor()));
  Must(std::move(there).Bind(std::make_shared<EchoChild>(), io.get_executor()));
  parent->on_counted = [&] {
    const std::uint64_t count = parent->counted.size();
    if (count == kRounds) return parent->Close();
    Must(parent->SendCount(count));
  };
  Must(parent->SendCount(0));
  io.run();
  PEER_EXPECT(parent->counted.size() == kRounds);
}

TEST_CASE("a log may come and go while several threads talk") {
  const Guarded guarded;
  std::atomic<std::uint64_t> lines = 0;
  std::atomic<int> talking = 3;
  std::vector<std::thread> talkers;
  for (int n = 0; n < 3; ++n) {
    talkers.emplace_back([&] {
      CountTogether();
      --talking;
    });
  }
  while (talking > 0 || lines == 0) {
    Must(SetMessageLog("*", [&](std::string_view) { ++lines; }));
    if (talking == 0) CountTogether();
    Must(SetMessageLog("", nullptr));
  }
  for (std::thread& talker : talkers) talker.join();
  ReportRecordedFailures();
  CHECK(lines > 0);
}

}  // namespace
}  // namespace baton::testing
