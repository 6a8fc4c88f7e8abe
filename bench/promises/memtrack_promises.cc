// What memtrack promises: a scan of a synthetic machine (bench/memtrack/crowd.cc) beside the
// machine's own processes, which are there as well.
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "bench/promises/promise.h"
#include "tools/memtrack/scan/scanner.h"

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kRounds = 15;

// Descriptors and mappings are those of each process. BATON_BENCH_CROWD=N: with N processes rather
// than 400, for a machine that has no room for them.
struct CrowdSize {
  int processes;
  int descriptors;
  int mappings;
  int segments;
};

CrowdSize Desktop() {
  const char* const wanted = std::getenv("BATON_BENCH_CROWD");
  const int processes = wanted != nullptr ? std::max(1, std::atoi(wanted)) : 400;
  return {processes, 37, 375, 4};  // of 400: 14,800 descriptors, 150,000 mappings
}

constexpr CrowdSize kHoarder = {1, 10'000, 10'000, 10'000};

[[noreturn]] void Stop(const std::string& why) {
  std::fprintf(stderr, "promises: %s\n", why.c_str());
  std::exit(2);
}

// The crowd, from when all of it is there until this goes away.
class Crowd {
 public:
  explicit Crowd(const CrowdSize& size) {
    int in[2], out[2];
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) Stop("no pipe for the crowd");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    std::vector<std::string> words = {CROWD, std::to_string(size.processes),
                                      std::to_string(size.descriptors),
                                      std::to_string(size.mappings), std::to_string(size.segments)};
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    if (posix_spawn(&pid_, CROWD, &actions, nullptr, pointers.data(), environ) != 0) {
      Stop("cannot start " CROWD);
    }
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    char byte = 0;
    const bool is_ready = read(out[0], &byte, 1) == 1;
    close(out[0]);
    if (!is_ready) Stop("the crowd has not come; BATON_BENCH_CROWD=N makes it smaller");
    hold_ = in[1];
  }
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;
  ~Crowd() {
    close(hold_);
    waitpid(pid_, nullptr, 0);
  }

 private:
  pid_t pid_ = 0;
  int hold_ = -1;
};

double MillisecondsOf(memtrack::Scanner& scanner) {
  const auto snapshot = scanner.Scan();
  if (!snapshot) Stop("cannot scan: " + snapshot.error().message());
  return static_cast<double>(snapshot->scan_nanos) / 1e6;
}

double MedianScan(memtrack::ScanOptions options) {
  auto scanner = memtrack::Scanner::Create(std::move(options));
  if (!scanner) Stop("cannot scan: " + scanner.error().message());
  MillisecondsOf(*scanner);
  std::vector<double> times;
  for (int i = 0; i < kRounds; ++i) times.push_back(MillisecondsOf(*scanner));
  std::ranges::nth_element(times, times.begin() + kRounds / 2);
  return times[kRounds / 2];
}

// What a tool that is in use takes for the same machine; 0, and a line that says why, where it is
// not installed or does not come to an end.
double MillisecondsOfTool(const char* path, const std::string& options) {
  if (access(path, X_OK) != 0) {
    std::printf("# %s is not installed: nothing to compare with\n", path);
    return 0;
  }
  const auto begin = Clock::now();
  const std::string command = "timeout 60 " + std::string(path) + options + " >/dev/null 2>&1";
  const int status = std::system(command.c_str());
  const std::chrono::duration<double, std::milli> took = Clock::now() - begin;
  constexpr int kTimedOut = 124;
  if (status == -1 || WEXITSTATUS(status) == kTimedOut) {
    std::printf("# %s has not ended after a minute: nothing to compare with\n", path);
    return 0;
  }
  return took.count();
}

}  // namespace

Measured ScanOfDesktop() {
  const Crowd crowd(Desktop());
  const double lsof = MillisecondsOfTool("/usr/bin/lsof", " -b -w -n -P");
  return {MedianScan({}), lsof};
}

Measured ScanOfDesktopBesideSmem() {
  const Crowd crowd(Desktop());
  const double smem = MillisecondsOfTool("/usr/bin/smem", "");
  return {MedianScan({}), smem};
}

Measured IncrementalScanOfDesktop() {
  const Crowd crowd(Desktop());
  memtrack::ScanOptions options;
  options.is_incremental = true;
  options.full_every = 2 * kRounds;
  const double full = MedianScan({});
  return {MedianScan(options), full};
}

Measured ScanOf10000Segments() {
  const Crowd crowd(kHoarder);
  memtrack::ScanOptions text;
  text.prefers_text_maps = true;
  const double with_text = MedianScan(text);
  return {MedianScan({}), with_text};
}

// In a process of its own, that nothing but the scan is counted.
Measured MemoryOfScan() {
  const Crowd crowd(Desktop());
  const pid_t child = fork();
  if (child == 0) {
    memtrack::ScanOptions options;
    options.is_incremental = true;
    auto scanner = memtrack::Scanner::Create(options);
    for (int i = 0; scanner && i < 3; ++i) MillisecondsOf(*scanner);
    _exit(scanner ? 0 : 1);
  }
  int status = 0;
  rusage used = {};
  if (wait4(child, &status, 0, &used) != child || status != 0) Stop("the scanning child failed");
  rusage own = {};
  getrusage(RUSAGE_SELF, &own);
  constexpr double kKiBPerMB = 1024;
  return {static_cast<double>(used.ru_maxrss) / kKiBPerMB,
          static_cast<double>(own.ru_maxrss) / kKiBPerMB};
}

}  // namespace bench
