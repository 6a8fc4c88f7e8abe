// Times the steps of which one iteration of a benchmark consists.
#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace bench {

// One counter per step: the median of its times in microseconds.
//
//   Steps steps(state);
//   for (auto _ : state) {
//     void* memory = steps.Time("mmap", [&] { return Map(handle); });
//     steps.Time("munmap", [&] { Unmap(memory); });
//   }
class Steps {
 public:
  explicit Steps(benchmark::State& state) : state_(state) {}
  ~Steps() {
    for (auto& [name, times] : times_) {
      const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
      std::ranges::nth_element(times, middle);
      state_.counters[name + "_us"] = *middle;
    }
  }
  Steps(const Steps&) = delete;
  Steps& operator=(const Steps&) = delete;

  template <class Step>
  auto Time(const char* name, Step step) {
    const Timer timer(TimesOf(name));
    return step();
  }

 private:
  using Clock = std::chrono::steady_clock;

  // Notes the time at its end, whatever the step returns.
  class Timer {
   public:
    explicit Timer(std::vector<double>& times) : times_(times) {}
    ~Timer() {
      const std::chrono::duration<double, std::micro> took = Clock::now() - begin_;
      times_.push_back(took.count());
    }

   private:
    std::vector<double>& times_;
    Clock::time_point begin_ = Clock::now();
  };

  std::vector<double>& TimesOf(const char* name) {
    const auto known = std::ranges::find(times_, name, [](const auto& one) { return one.first; });
    if (known != times_.end()) return known->second;
    return times_.emplace_back(name, std::vector<double>()).second;
  }

  benchmark::State& state_;
  std::vector<std::pair<std::string, std::vector<double>>> times_;
};

}  // namespace bench
