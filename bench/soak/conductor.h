// A whole soak: children, rounds, and the quiet points between them, at which this process must
// hold no more than at the first of them.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>

#include "bench/soak/charge.h"

namespace soak {

class Conductor {
 public:
  Conductor(boost::asio::io_context& io, const Options& options);

  // Runs the loop until all is over, and prints how it went. False when it has failed.
  bool Run();

 private:
  baton::Result<void> Start();
  boost::asio::awaitable<void> Conduct();
  boost::asio::awaitable<void> PlayRound();
  boost::asio::awaitable<void> BecomeQuiet();
  boost::asio::awaitable<void> Settle();
  boost::asio::awaitable<void> CheckFlatness();
  std::string LookForGrowth();
  bool IsQuiet() const;
  bool IsOver() const;
  std::uint64_t Seconds() const;

  // Fails when nothing has changed for too long.
  boost::asio::awaitable<void> Watch();

  // For co_spawn: counts down, and lets exceptions leave the loop.
  auto CountDown(std::size_t& count) {
    ++count;
    return [this, &count](const std::exception_ptr& thrown) {
      if (thrown) std::rethrow_exception(thrown);
      --count;
      report_.OnChange();
    };
  }

  boost::asio::io_context& io_;
  const Options& options_;
  Report report_;
  TalkLedger ledger_;
  Scene scene_;
  boost::asio::steady_timer watch_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::size_t playing_ = 0;
  std::size_t running_ = 0;
  std::optional<Holdings> first_;  // at the first quiet point
  Holdings last_;                  // at the last one so far
};

}  // namespace soak
