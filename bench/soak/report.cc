#include "bench/soak/report.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdio>

namespace soak {
namespace {

constexpr std::uint64_t kMostLines = 10;

}  // namespace

Report::Report(boost::asio::io_context& io, const Options& options)
    : io_(io), options_(options), change_(io, boost::asio::steady_timer::time_point::max()) {}

void Report::Fail(const std::string& what) {
  if (is_muted_ || ++failures_ > kMostLines) return;
  std::printf("soak FAILED: seed %llu, round %llu, %s\n  again: %s\n",
              static_cast<unsigned long long>(options_.seed),
              static_cast<unsigned long long>(round), what.c_str(),
              Replay(options_, round).c_str());
  std::fflush(stdout);
  io_.stop();
}

void Report::OnChange() {
  ++changes_;
  if (!has_failed()) change_.cancel();  // after a failure the loop goes away
}

boost::asio::awaitable<void> Report::Change() {
  co_await change_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
}

std::string Report::Summary(std::uint64_t seconds) const {
  const auto number = [](std::uint64_t value) { return " " + std::to_string(value); };
  return "soak seed" + number(options_.seed) + " seconds" + number(seconds) + " children" +
         number(options_.children) + " rounds" + number(round + 1) + " messages" +
         number(counts.messages) + " questions" + number(counts.questions) + " late" +
         number(counts.late) + " handovers" + number(counts.handovers) + " tasks" +
         number(counts.tasks) + " talks" + number(talks) + " blocked" + number(counts.blocked) +
         " kills" + number(kills) + " leaves" + number(leaves) + " stops" + number(stops) +
         " restarts" + number(restarts) + (has_failed() ? " FAILED" : " ok");
}

}  // namespace soak
