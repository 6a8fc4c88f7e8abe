// The typical time of something that is repeated: the median, since this is a noisy world.
#pragma once

#include <algorithm>
#include <chrono>
#include <vector>

namespace bench {

// Times `rounds` calls one by one, after a tenth as many to warm up. Microseconds.
template <class Call>
double MedianMicroseconds(int rounds, Call call) {
  using Clock = std::chrono::steady_clock;
  for (int i = 0; i < rounds / 10; ++i) call();
  std::vector<double> times;
  times.reserve(static_cast<std::size_t>(rounds));
  for (int i = 0; i < rounds; ++i) {
    const auto begin = Clock::now();
    call();
    times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - begin).count());
  }
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::ranges::nth_element(times, middle);
  return *middle;
}

}  // namespace bench
