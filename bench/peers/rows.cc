#include "bench/peers/rows.h"

#include <algorithm>
#include <cstdio>
#include <fstream>

#include <baton/base/check.h>

namespace peers {
namespace {

double ReadClock(clockid_t clock) {
  timespec now = {};
  BATON_CHECK(clock_gettime(clock, &now) == 0);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) * 1e-3;
}

}  // namespace

CpuTime::CpuTime(int other_process) {
  BATON_CHECK(clock_getcpuclockid(other_process, &other_) == 0);
  begin_ = Now();
}

double CpuTime::Now() const {
  return ReadClock(CLOCK_PROCESS_CPUTIME_ID) + ReadClock(other_);
}

double PeakMemoryMib(int process) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(status, line);) {
    double kib = 0;
    if (std::sscanf(line.c_str(), "VmHWM: %lf", &kib) == 1) return kib / 1024;
  }
  return 0;
}

std::string SizeName(std::size_t bytes) {
  constexpr std::size_t kKiB = 1024, kMiB = kKiB * kKiB;
  if (bytes >= kMiB) return std::to_string(bytes / kMiB) + "MiB";
  if (bytes >= kKiB) return std::to_string(bytes / kKiB) + "KiB";
  return std::to_string(bytes) + "B";
}

double Quantile(std::vector<double>& values, double which) {
  std::ranges::sort(values);
  const auto at = static_cast<std::size_t>(which * static_cast<double>(values.size()));
  return values[std::min(values.size() - 1, at)];
}

void Rows::Print(const std::string& what, const char* metric, double value,
                 const char* unit) const {
  std::printf("%s\t%s\t%s\t%.*f\t%s\n", system_.c_str(), what.c_str(), metric, value < 1000 ? 3 : 0,
              value, unit);
  std::fflush(stdout);
}

void Rows::Times(const std::string& what, std::vector<double> times) const {
  Print(what, "p50", Quantile(times, 0.5), "us");
  Print(what, "p99", Quantile(times, 0.99), "us");
}

}  // namespace peers
