// Clocks, memory, and the rows that a measurement prints.
#pragma once

#include <chrono>
#include <cstddef>
#include <ctime>
#include <string>
#include <vector>

namespace peers {

class Stopwatch {
 public:
  double Microseconds() const {
    return std::chrono::duration<double, std::micro>(Clock::now() - begin_).count();
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point begin_ = Clock::now();
};

// CPU time of this process and another since it was made.
class CpuTime {
 public:
  explicit CpuTime(int other_process);
  double Microseconds() const { return Now() - begin_; }

 private:
  double Now() const;

  clockid_t other_;
  double begin_;
};

// VmHWM; 0 when the process has gone.
double PeakMemoryMib(int process);

// "64B", "1KiB", "8MiB".
std::string SizeName(std::size_t bytes);

// Of at least one value; reorders them.
double Quantile(std::vector<double>& values, double which);

class Rows {
 public:
  explicit Rows(std::string system) : system_(std::move(system)) {}

  void Print(const std::string& what, const char* metric, double value, const char* unit) const;
  // p50 and p99 of microseconds.
  void Times(const std::string& what, std::vector<double> times) const;

 private:
  std::string system_;
};

}  // namespace peers
