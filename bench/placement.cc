#include "bench/placement.h"

#include <sched.h>

#include <filesystem>
#include <thread>

#include <baton/base/check.h>

namespace bench {
namespace {

constexpr int kOurCpu = 0;
constexpr int kOtherCpu = 1;

}  // namespace

baton::platform::LaunchOptions ChildThat(const std::string& role, Placement placement) {
  const auto beside = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  const bool apart = placement == Placement::kTwoCpus && std::thread::hardware_concurrency() > 1;
  return {.program = beside / "bench_child",
          .arguments = {role, std::to_string(apart ? kOtherCpu : kOurCpu)}};
}

void PinToOurCpu() {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  CPU_SET(kOurCpu, &cpus);
  BATON_CHECK(sched_setaffinity(0, sizeof(cpus), &cpus) == 0);
}

}  // namespace bench
