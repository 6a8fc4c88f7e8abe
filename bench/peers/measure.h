// The cases, the same for every system. Prints rows of
//
//   system  case  metric  value  unit
//
// separated by tabs:
//   round_trip_64B        64 bytes there and 64 back, one outstanding: p50, p99, and the CPU time
//   of
//                         both processes per round trip
//   one_way_64B, _1KiB    messages per second with the system's own flow control, until the server
//                         has answered the last
//   transfer_SIZE         hand over, be answered; the server looks at one word
//   touch_SIZE            hand over, be answered with the sum of one word of every cache line
//   fill_touch_SIZE       the same with the filling of the payload inside the time
//   memory_small, _all    most memory of either process, before and after the payloads
#pragma once

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "bench/peers/harness.h"
#include "bench/peers/rows.h"

namespace peers {

template <Client C>
class Measurement {
 public:
  Measurement(const Run& run, C& client, int server)
      : rows_(run.system), client_(client), server_(server) {}

  void RoundTrips();
  void OneWay(std::size_t bytes);
  void Memory(const char* when);
  void Payload(std::size_t bytes);

 private:
  double Ping(std::uint64_t seed);
  double Flood(std::size_t messages, std::size_t bytes);
  void Payload(std::size_t bytes, Wish wish);

  Rows rows_;
  C& client_;
  int server_;
};

// All cases of one run. `largest`: of payloads that the system takes.
template <Client C>
void Measure(const Run& run, C& client, int server, std::size_t largest = kLargest) {
  Measurement measurement(run, client, server);
  measurement.RoundTrips();
  if (run.round_trips_only) return;
  for (const std::size_t bytes : {kSmall, kLargestSmall}) measurement.OneWay(bytes);
  measurement.Memory("small");
  for (const std::size_t bytes : {64 * kKiB, kMiB, 8 * kMiB, 32 * kMiB}) {
    if (bytes <= largest) measurement.Payload(bytes);
  }
  measurement.Memory("all");
}

template <Client C>
double Measurement<C>::Ping(std::uint64_t seed) {
  Fill(client_.Loan(kSmall), kSmall, kPing, seed);
  const Stopwatch watch;
  client_.Send(kSmall);
  client_.Wait();
  return watch.Microseconds();
}

template <Client C>
void Measurement<C>::RoundTrips() {
  constexpr std::size_t kMost = 500'000;
  constexpr double kWarmUp = 0.2e6, kLongest = 1e6;  // microseconds
  const Stopwatch warm_up;
  for (int i = 0; i < 1000 && warm_up.Microseconds() < kWarmUp; ++i) Ping(1);
  std::vector<double> times;
  times.reserve(kMost);
  const CpuTime cpu(server_);
  const Stopwatch watch;
  while (times.size() < kMost && watch.Microseconds() < kLongest)
    times.push_back(Ping(times.size()));
  const double cpu_each = cpu.Microseconds() / static_cast<double>(times.size());
  rows_.Times("round_trip_64B", std::move(times));
  rows_.Print("round_trip_64B", "cpu", cpu_each, "us");
}

template <Client C>
double Measurement<C>::Flood(std::size_t messages, std::size_t bytes) {
  const Stopwatch watch;
  if constexpr (Streaming<C>) {
    client_.Flood(messages, bytes);
  } else {
    for (std::size_t i = 1; i <= messages; ++i) {
      Fill(client_.Loan(bytes), bytes, i < messages ? kFlood : kFloodEnd, i);
      client_.Send(bytes);
    }
    client_.Wait();
  }
  return watch.Microseconds();
}

template <Client C>
void Measurement<C>::OneWay(std::size_t bytes) {
  constexpr std::size_t kProbe = 5000, kMost = 10'000'000;
  constexpr double kWanted = 0.3e6;  // microseconds
  const double probe = Flood(kProbe, bytes);
  const auto messages =
      std::clamp(static_cast<std::size_t>(kProbe * kWanted / probe), kProbe, kMost);
  std::vector<double> rates;
  for (int i = 0; i < 3; ++i)
    rates.push_back(static_cast<double>(messages) / Flood(messages, bytes) * 1e6);
  rows_.Print("one_way_" + SizeName(bytes), "rate", Quantile(rates, 0.5), "msg/s");
}

template <Client C>
void Measurement<C>::Memory(const char* when) {
  const std::string what = std::string("memory_") + when;
  rows_.Print(what, "client", PeakMemoryMib(getpid()), "MiB");
  rows_.Print(what, "server", PeakMemoryMib(server_), "MiB");
}

template <Client C>
void Measurement<C>::Payload(std::size_t bytes) {
  Payload(bytes, kTransfer);
  Payload(bytes, kTouch);
}

template <Client C>
void Measurement<C>::Payload(std::size_t bytes, Wish wish) {
  constexpr std::uint64_t kWarmUp = 2, kFewest = 8, kMost = 1000;
  constexpr double kLongest = 0.4e6;  // microseconds
  std::vector<double> times, with_fill;
  const Stopwatch all;
  for (std::uint64_t i = 0; i < kFewest || (i < kMost && all.Microseconds() < kLongest); ++i) {
    const std::uint64_t seed = i + 7;
    const Stopwatch filling;
    Fill(client_.Loan(bytes), bytes, wish, seed);
    const Stopwatch handing;
    client_.Send(bytes);
    const std::uint64_t sum = client_.Wait();
    const double handed = handing.Microseconds(), filled = filling.Microseconds();
    if (wish == kTouch && sum != (bytes / kCacheLine - 1) * seed + kTouch) {
      std::fprintf(stderr, "peers: the server has read something else than was sent\n");
      std::exit(1);
    }
    if (i < kWarmUp) continue;
    times.push_back(handed);
    with_fill.push_back(filled);
  }
  const bool touch = wish == kTouch;
  rows_.Times((touch ? "touch_" : "transfer_") + SizeName(bytes), std::move(times));
  if (touch) rows_.Times("fill_touch_" + SizeName(bytes), std::move(with_fill));
}

}  // namespace peers
