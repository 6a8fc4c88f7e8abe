#include "bench/soak/conductor.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdio>

namespace soak {
namespace {

using baton::Result;
using boost::asio::awaitable;
using boost::asio::co_spawn;
using boost::asio::use_awaitable;

// What is let go of by one side is soon known by the other: how often to settle again before what
// is still there counts as grown.
constexpr int kLooks = 20;

// The heap: of each channel the numbers of the last actors, and queues that have grown.
Allowance AllowanceFor(const Options& options) {
  return {.mappings = 64,
          .heap_bytes = (std::uint64_t{1} << 20) + options.children * (std::uint64_t{64} << 10),
          .resident_bytes = std::uint64_t{16} << 20};
}

}  // namespace

Conductor::Conductor(boost::asio::io_context& io, const Options& options)
    : io_(io),
      options_(options),
      report_(io, options),
      ledger_(report_),
      scene_{io, options, report_, ledger_, {}},
      watch_(io) {}

bool Conductor::Run() {
  const Holdings before = Holdings::Now();
  if (const auto started = Start(); !started) report_.Fail(started.error().message());
  if (!report_.has_failed()) io_.run();
  if (report_.has_failed()) report_.Mute();
  scene_.charges.clear();
  if (!report_.has_failed()) {
    const std::string left = DescribeGrowth(before, Holdings::Now(), AllowanceFor(options_));
    if (!left.empty()) report_.Fail("left after the end: " + left);
  }
  if (first_) {
    std::printf("soak held at the first and at the last quiet point: %s\n",
                DescribeBoth(*first_, last_).c_str());
  }
  std::printf("%s\n", report_.Summary(Seconds()).c_str());
  report_.Mute();
  return !report_.has_failed();
}

Result<void> Conductor::Start() {
  for (std::uint32_t number = 0; number < options_.children; ++number) {
    BATON_TRY(auto charge, Charge::Create(scene_, number));
    co_spawn(io_, charge->KeepRunning(), CountDown(running_));
    scene_.charges.push_back(std::move(charge));
  }
  co_spawn(io_, Conduct(), [](const std::exception_ptr& thrown) {
    if (thrown) std::rethrow_exception(thrown);
  });
  co_spawn(io_, Watch(), boost::asio::detached);
  return {};
}

awaitable<void> Conductor::Conduct() {
  for (;; ++report_.round) {
    co_await PlayRound();
    co_await CheckFlatness();
    if (IsOver()) break;
  }
  for (const auto& charge : scene_.charges) charge->End();
  while (running_ > 0 || report_.actors > 0) co_await report_.Change();
  watch_.cancel();
}

awaitable<void> Conductor::PlayRound() {
  for (const auto& charge : scene_.charges) {
    co_spawn(io_, charge->Play(report_.round), CountDown(playing_));
  }
  while (playing_ > 0) co_await report_.Change();
}

// --- Quiet points --------------------------------------------------------------------------------

bool Conductor::IsQuiet() const {
  return std::ranges::all_of(scene_.charges,
                             [](const auto& charge) { return charge->IsQuiet(); }) &&
         report_.actors == scene_.charges.size() && ledger_.open() == 0;
}

awaitable<void> Conductor::BecomeQuiet() {
  while (!IsQuiet()) co_await report_.Change();
}

awaitable<void> Conductor::Settle() {
  for (const auto& charge : scene_.charges) co_await charge->Settle();
}

awaitable<void> Conductor::CheckFlatness() {
  std::string growth;
  for (int look = 0; look < kLooks; ++look) {
    co_await BecomeQuiet();
    co_await Settle();
    growth = LookForGrowth();
    if (growth.empty()) co_return;
  }
  report_.Fail("at a quiet point: " + growth);
}

std::string Conductor::LookForGrowth() {
  last_ = Holdings::Now();
  if (!first_) first_ = last_;
  std::string growth = DescribeGrowth(*first_, last_, AllowanceFor(options_));
  for (const auto& charge : scene_.charges) {
    if (!charge->excess().empty()) growth += (growth.empty() ? "" : "; ") + charge->excess();
  }
  return growth;
}

// --- Time ----------------------------------------------------------------------------------------

std::uint64_t Conductor::Seconds() const {
  const auto passed = std::chrono::steady_clock::now() - start_;
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(passed).count());
}

bool Conductor::IsOver() const {
  return report_.has_failed() || Seconds() >= options_.seconds ||
         report_.round + 1 == options_.rounds;
}

awaitable<void> Conductor::Watch() {
  for (std::uint64_t seen = report_.changes();; seen = report_.changes()) {
    watch_.expires_after(std::chrono::seconds(options_.patience));
    const auto [cancelled] = co_await watch_.async_wait(boost::asio::as_tuple(use_awaitable));
    if (cancelled) co_return;
    if (report_.changes() != seen) continue;
    std::string state = "nothing happens any more; talks " + std::to_string(ledger_.open());
    for (const auto& charge : scene_.charges) state += "\n  " + charge->State();
    co_return report_.Fail(state);
  }
}

}  // namespace soak
