#include "tools/memtrack/scan/scanner.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <set>
#include <system_error>
#include <thread>
#include <unordered_map>
#include <utility>

#include "platform/posix/syscall.h"
#include "tools/memtrack/scan/assemble.h"
#include "tools/memtrack/scan/machine.h"
#include "tools/memtrack/scan/process_scan.h"

namespace memtrack {
namespace {

using baton::platform::Syscall;
using Clock = std::chrono::steady_clock;

constexpr unsigned kMostThreads = 4;
constexpr std::size_t kProcessesPerThread = 16;  // fewer are not worth one

std::int64_t NanosSince1970() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

std::uint64_t OwnNamespace(const ProcFolder& root, const char* name) {
  std::string target;
  if (!root.ReadLink(name, target)) return 0;
  return ParseNamespace(target).value_or(0);
}

}  // namespace

struct Scanner::State {
  ScanOptions options;
  ProcFolder root;
  bool is_live = false;
  std::set<std::uint64_t> huge_devices;
  int scans = 0;
  std::unordered_map<int, ProcessFindings> last_findings;
  std::map<SegmentKey, Segment> last_segments;

  bool may_reuse() const {
    return options.is_incremental && options.full_every > 0 && scans % options.full_every != 0;
  }
  Result<ScanContext> Context() const;
  Result<std::vector<int>> Processes() const;
  unsigned ThreadsFor(std::size_t processes) const;
  bool MayKeepOpen(std::size_t processes) const;
};

Result<ScanContext> Scanner::State::Context() const {
  BATON_TRY(MountTable mounts, ReadMounts(root));
  ScanContext context = {.options = &options,
                         .root = &root,
                         .keeps_open = false,
                         .is_live = is_live,
                         .mounts = std::move(mounts),
                         .queues = std::nullopt,
                         .network_namespace = 0,
                         .ipc_namespace = 0,
                         .mount_namespace = 0,
                         .pid_namespace = 0};
  if (!is_live) return context;
  context.mounts.huge_devices = huge_devices;
  // All sockets of the machine at once are cheaper than each by itself, unless few are asked for.
  if (options.processes.empty()) {
    if (auto queues = ReadSocketQueues()) context.queues = std::move(*queues);
  }
  context.network_namespace = OwnNamespace(root, "self/ns/net");
  context.ipc_namespace = OwnNamespace(root, "self/ns/ipc");
  context.mount_namespace = OwnNamespace(root, "self/ns/mnt");
  context.pid_namespace = OwnNamespace(root, "self/ns/pid");
  return context;
}

Result<std::vector<int>> Scanner::State::Processes() const {
  std::vector<int> processes = options.processes;
  if (processes.empty()) {
    BATON_TRY(processes, root.Numbers());
  }
  if (is_live && !options.includes_self) std::erase(processes, ::getpid());
  std::ranges::sort(processes);
  processes.erase(std::unique(processes.begin(), processes.end()), processes.end());
  return processes;
}

unsigned Scanner::State::ThreadsFor(std::size_t processes) const {
  const unsigned wanted = options.threads != 0
                              ? options.threads
                              : std::clamp(std::thread::hardware_concurrency(), 1U, kMostThreads);
  const std::size_t worth = std::max<std::size_t>(1, processes / kProcessesPerThread);
  return static_cast<unsigned>(std::min<std::size_t>(wanted, worth));
}

// What a scan opens meanwhile has room besides: each thread may look into a queue full of
// descriptors.
bool Scanner::State::MayKeepOpen(std::size_t processes) const {
  if (!is_live || !options.is_incremental) return false;
  struct rlimit most = {};
  const auto ask = [&] { return ::getrlimit(RLIMIT_NOFILE, &most); };
  if (!Syscall("getrlimit", ask)) return false;
  constexpr rlim_t kReserve = 2048;
  return processes * OpenProcess::kMostDescriptors + kReserve <= most.rlim_cur;
}

namespace {

// What the threads of one scan share. Each takes the next process that none has taken yet.
struct Work {
  const ScanContext& context;
  const std::vector<int>& processes;
  std::vector<std::optional<ProcessFindings>>& findings;  // one for each process
  std::unordered_map<int, ProcessFindings>* earlier_findings;
  const std::map<SegmentKey, Segment>* earlier_segments;
  std::atomic<std::size_t> next = 0;
};

void DoWork(Work& work, SegmentTable& segments) {
  for (;;) {
    const std::size_t at = work.next++;
    if (at >= work.processes.size()) return;
    Earlier earlier;
    if (work.earlier_findings != nullptr) {
      const auto found = work.earlier_findings->find(work.processes[at]);
      if (found != work.earlier_findings->end()) earlier.findings = &found->second;
      earlier.segments = work.earlier_segments;
    }
    work.findings[at] = ScanProcess(work.context, work.processes[at], earlier, segments);
  }
}

// Does the work with `count` threads, of which this is one; with fewer where there can be no more.
void DoWorkTogether(Work& work, unsigned count, SegmentTable& segments) {
  std::vector<SegmentTable> tables(count - 1, segments);
  std::vector<std::thread> threads;
  for (SegmentTable& table : tables) {
    try {
      threads.emplace_back([&] { DoWork(work, table); });
    } catch (const std::system_error&) {
      break;
    }
  }
  DoWork(work, segments);
  for (std::thread& thread : threads) thread.join();
  for (SegmentTable& table : tables) segments.Absorb(std::move(table));
}

// A snapshot in which nothing was read is no snapshot of an empty machine.
Result<void> CheckShortage(const std::vector<std::optional<ProcessFindings>>& findings) {
  std::optional<std::error_code> shortage;
  for (const auto& found : findings) {
    if (found && found->process.is_readable) return {};
    if (found && found->shortage) shortage = found->shortage;
  }
  if (shortage) return baton::Fail(*shortage);
  return {};
}

}  // namespace

Scanner::Scanner(std::unique_ptr<State> state) : state_(std::move(state)) {}
Scanner::Scanner(Scanner&&) noexcept = default;
Scanner& Scanner::operator=(Scanner&&) noexcept = default;
Scanner::~Scanner() = default;

Result<Scanner> Scanner::Create(ScanOptions options) {
  BATON_TRY(ProcFolder root, ProcFolder::Open(options.proc_root));
  std::string self;
  const auto has_self = root.ReadLink("self", self);
  const bool is_proc = IsProc(root);
  const bool is_live = has_self && self == std::to_string(::getpid());
  if (is_proc && !is_live) {
    // In /proc of another PID namespace "self" is nobody, or somebody else.
    const bool is_nobody = !has_self && WhyFailing(has_self.error()) == Failing::kGone;
    if (!has_self && !is_nobody) return baton::Fail(has_self.error());
    return baton::Fail(std::make_error_code(std::errc::not_supported));
  }
  auto huge_devices = is_live ? FindHugeDevices() : std::set<std::uint64_t>();
  return Scanner(std::make_unique<State>(State{.options = std::move(options),
                                               .root = std::move(root),
                                               .is_live = is_live,
                                               .huge_devices = std::move(huge_devices),
                                               .scans = 0,
                                               .last_findings = {},
                                               .last_segments = {}}));
}

Result<Snapshot> Scanner::Scan() {
  State& state = *state_;
  const auto begin = Clock::now();
  const std::int64_t taken_at = NanosSince1970();
  const auto since_boot = SinceBoot(state.root, state.is_live, taken_at);
  BATON_TRY(ScanContext context, state.Context());
  BATON_TRY(const std::vector<int> processes, state.Processes());
  context.keeps_open = state.MayKeepOpen(processes.size());

  std::vector<std::optional<ProcessFindings>> findings(processes.size());
  const bool may_reuse = state.may_reuse();
  // What it has open is let go of before more is opened.
  std::erase_if(state.last_findings, [&](const auto& one) {
    return !may_reuse || !std::ranges::binary_search(processes, one.first);
  });
  Work work = {.context = context,
               .processes = processes,
               .findings = findings,
               .earlier_findings = may_reuse ? &state.last_findings : nullptr,
               .earlier_segments = &state.last_segments};
  SegmentTable table(context.mounts, context.is_live);
  DoWorkTogether(work, state.ThreadsFor(processes.size()), table);
  state.last_findings.clear();  // some of it has been moved away
  BATON_CHECKED(CheckShortage(findings));
  std::map<SegmentKey, Segment> segments = std::move(table).Take();
  AddSysVSegments(state.root, segments);

  Snapshot snapshot = Assemble(context, findings, segments);
  snapshot.taken_at = taken_at;
  snapshot.since_boot = since_boot;
  ++state.scans;
  if (state.options.is_incremental) {
    for (auto& found : findings) {
      if (found) state.last_findings.emplace(found->process.key.pid, std::move(*found));
    }
    state.last_segments = std::move(segments);
  }
  snapshot.scan_nanos =
      std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - begin).count();
  return snapshot;
}

}  // namespace memtrack
