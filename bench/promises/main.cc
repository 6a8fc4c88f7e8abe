// promises [AREA [NAME]]: measures what the README promises, one line each; exit code 1 when one is
// missed.
#include <cstdio>
#include <string_view>

#include <baton/platform/memory_capabilities.h>

#include "bench/promises/promise.h"

namespace bench {
namespace {

// Printed to be known.
bool NoTarget(const Measured&) {
  return true;
}

constexpr Promise kPromises[] = {
    {"channel", "round_trip_64B_spinning", "us", "<=0.5_us",
     [](const Measured& m) { return m.value <= 0.5; }, RoundTripSpinning},
    {"channel", "round_trip_64B_asleep", "us", "<=1.2x_bare_epoll_and_doorbell",
     [](const Measured& m) { return m.value <= 1.2 * m.yardstick; }, RoundTripAsleep},
    {"channel", "one_way_64B", "M/s", ">=10_M/s", [](const Measured& m) { return m.value >= 10; },
     OneWayOf64Bytes},
    {"channel", "one_way_1KiB", "M/s", ">=5_M/s", [](const Measured& m) { return m.value >= 5; },
     OneWayOf1KiB},
    {"channel", "one_way_16KiB", "M/s", ">=better_of_ring_and_socket",
     [](const Measured& m) { return m.value >= m.yardstick; }, OneWayOf16KiB},
    {"channel", "one_way_64KiB", "M/s", ">=better_of_ring_and_socket",
     [](const Measured& m) { return m.value >= m.yardstick; }, OneWayOf64KiB},
    {"channel", "memory_of_idle_channel", "KiB", "<=1024_KiB",
     [](const Measured& m) { return m.value <= 1024; }, MemoryOfIdleChannel},
    {"channel", "reply_through_use_awaitable", "us", "<=0.3_us_over_callback",
     [](const Measured& m) { return m.value <= m.yardstick + 0.3; }, ReplyThroughAwaitable},
    {"channel", "question_64B_spinning", "us", "none", NoTarget, QuestionSpinning},
    {"channel", "round_trip_64B_beside_futex", "us", "none", NoTarget, RoundTripBesideFutex},
    {"channel", "round_trip_64B_on_one_cpu", "us", "none", NoTarget, RoundTripOnOneCpu},
    {"shmem", "hand_over_64KiB_quiet", "us", "<=30_us",
     [](const Measured& m) { return m.value <= 30; }, HandOverOf64KiB},
    {"shmem", "hand_over_1MiB_quiet", "us", "<=30_us",
     [](const Measured& m) { return m.value <= 30; }, HandOverOf1MiB},
    {"shmem", "hand_over_8MiB_quiet", "us", "<=30_us",
     [](const Measured& m) { return m.value <= 30; }, HandOverOf8MiB},
    {"shmem", "hand_over_32MiB_quiet", "us", "<=30_us",
     [](const Measured& m) { return m.value <= 30; }, HandOverOf32MiB},
    {"shmem", "hand_over_32MiB_over_64KiB", "us", "<=20_us",
     [](const Measured& m) { return m.value <= 20; }, SizeOfHandOver},
    {"shmem", "hand_over_8MiB_unrevoked", "us", "<=1_us",
     [](const Measured& m) { return m.value <= 1; }, HandOverOf8MiBUnrevoked},
    {"shmem", "revoke_and_grant_8MiB_busy", "us", "<=60_us",
     [](const Measured& m) { return m.value <= 60; }, RevokeAndGrant8MiBBusy},
    {"shmem", "revoke_and_grant_32MiB_busy", "us", "<=60_us",
     [](const Measured& m) { return m.value <= 60; }, RevokeAndGrant32MiBBusy},
    {"shmem", "freeze_8MiB", "us", "<=700_us", [](const Measured& m) { return m.value <= 700; },
     FreezeOf8MiB},
    {"shmem", "pooled_allocation_8MiB", "us", "<=1_us",
     [](const Measured& m) { return m.value <= 1; }, PooledAllocation},
    {"shmem", "first_allocation_8MiB", "us", "<=1.2x_the_kernel's",
     [](const Measured& m) { return m.value <= 1.2 * m.yardstick; }, FirstAllocation},
    {"shmem", "cycle_8MiB", "us", "<=1.10x_bare_ring_and_mapping",
     [](const Measured& m) { return m.value <= 1.1 * m.yardstick; }, CycleOf8MiB},
    {"shmem", "cycle_32MiB", "us", "<=1.10x_bare_ring_and_mapping",
     [](const Measured& m) { return m.value <= 1.1 * m.yardstick; }, CycleOf32MiB},
    {"shmem", "life_among_1000_of_1MiB", "us", "<=1.2x_among_10",
     [](const Measured& m) { return m.value <= 1.2 * m.yardstick; }, LifeAmong1000Pieces},
    {"compiler", "all_output_150_files", "ms", "<=150_ms",
     [](const Measured& m) { return m.value <= 150; }, CompileOf150Files},
    {"compiler", "check_150_files", "ms", "<=50_ms",
     [](const Measured& m) { return m.value <= 50; }, CheckOf150Files},
    {"compiler", "no_change_150_files", "ms", "<=20_ms",
     [](const Measured& m) { return m.value <= 20; }, NoChangeIn150Files},
    {"compiler", "peak_memory_150_files", "MB", "<=60_MB",
     [](const Measured& m) { return m.value <= 60; }, MemoryFor150Files},
    {"compiler", "all_output_1500_files", "ms", "<=1.2x_ten_times_150_files",
     [](const Measured& m) { return m.value <= 1.2 * m.yardstick; }, CompileOf1500Files},
    {"compiler", "generated_lines_per_message", "lines", "<=60_lines",
     [](const Measured& m) { return m.value <= 60; }, LinesPerMessage},
    {"compiler", "generated_header_alone", "s", "<=1.5_s",
     [](const Measured& m) { return m.value <= 1.5; }, HeaderAlone},
    {"memtrack", "scan_400_processes_beside_lsof", "ms", "<=150_ms",
     [](const Measured& m) { return m.value <= 150; }, ScanOfDesktop},
    {"memtrack", "scan_400_processes_beside_smem", "ms", "<=150_ms",
     [](const Measured& m) { return m.value <= 150; }, ScanOfDesktopBesideSmem},
    {"memtrack", "scan_again_400_processes", "ms", "<=0.25x_full_scan",
     [](const Measured& m) { return m.value <= 0.25 * m.yardstick; }, IncrementalScanOfDesktop},
    {"memtrack", "scan_10000_segments", "ms", "<=300_ms",
     [](const Measured& m) { return m.value <= 300; }, ScanOf10000Segments},
    {"memtrack", "memory_of_scan", "MB", "<=50_MB", [](const Measured& m) { return m.value <= 50; },
     MemoryOfScan},
};

}  // namespace

std::span<const Promise> AllPromises() {
  return kPromises;
}

// True when it is kept.
bool Judge(const Promise& promise) {
  const Measured measured = promise.measure();
  const bool kept = promise.kept(measured);
  std::printf("promise %s measured %.3g %s yardstick %.3g ratio %.2f target %s %s\n", promise.name,
              measured.value, promise.unit, measured.yardstick, measured.value / measured.yardstick,
              promise.target, kept ? "ok" : "miss");
  std::fflush(stdout);
  return kept;
}

}  // namespace bench

int main(int argc, char** argv) {
  const std::string_view area = argc > 1 ? argv[1] : "";
  const std::string_view name = argc > 2 ? argv[2] : "";
  if (area.empty() || area == "shmem") {
    std::printf("shared memory here: %s\n",
                ToString(baton::platform::FindMemoryCapabilities()).c_str());
  }
  int measured = 0;
  bool all_kept = true;
  for (const bench::Promise& promise : bench::AllPromises()) {
    if (!area.empty() && area != promise.area) continue;
    if (!name.empty() && name != promise.name) continue;
    ++measured;
    all_kept = bench::Judge(promise) && all_kept;
  }
  if (measured == 0) {
    std::fprintf(stderr, "promises: nothing is promised yet in the area '%s'\n", argv[1]);
    return 2;
  }
  return all_kept ? 0 : 1;
}
