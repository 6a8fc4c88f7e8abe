// The typical time of something that is repeated: the median, since this is a noisy world.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

namespace bench {

inline double Median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

// Times `rounds` calls of each, one by one, after a tenth as many to warm up. They take turns in
// blocks, so that whatever else the machine does meanwhile meets all of them. Microseconds.
template <std::size_t N>
std::array<double, N> MediansInTurn(int rounds, const std::function<void()> (&calls)[N]) {
  using Clock = std::chrono::steady_clock;
  constexpr int kBlocks = 20;
  std::array<std::vector<double>, N> times;
  for (const auto& call : calls) {
    for (int i = 0; i < rounds / 10; ++i) call();
  }
  for (int block = 0; block < kBlocks; ++block) {
    for (std::size_t which = 0; which < N; ++which) {
      for (int i = 0; i < rounds / kBlocks; ++i) {
        const auto begin = Clock::now();
        calls[which]();
        const std::chrono::duration<double, std::micro> took = Clock::now() - begin;
        times[which].push_back(took.count());
      }
    }
  }
  std::array<double, N> medians = {};
  for (std::size_t which = 0; which < N; ++which) medians[which] = Median(std::move(times[which]));
  return medians;
}

}  // namespace bench
