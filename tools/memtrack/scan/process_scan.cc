#include "tools/memtrack/scan/process_scan.h"

#include <sys/stat.h>

#include <string>
#include <utility>

#include "platform/posix/syscall.h"
#include "tools/memtrack/scan/descriptors.h"
#include "tools/memtrack/scan/mappings.h"
#include "tools/memtrack/scan/reuse.h"
#include "tools/memtrack/scan/thread_tables.h"

namespace memtrack {
namespace {

using baton::platform::Syscall;

// A process whose first thread ends while we read starts again as one with a dead leader.
constexpr int kAttempts = 2;

std::uint64_t NamespaceOf(const ProcFolder& process, const char* name, std::string& text) {
  if (!process.ReadLink(name, text)) return 0;
  return ParseNamespace(text).value_or(0);
}

// The process's folder belongs to its effective user, whether or not it may be looked into.
Result<std::uint32_t> UserOf(const ProcFolder& process) {
  struct stat found = {};
  BATON_CHECKED(Syscall("fstat", [&] { return ::fstat(process.native(), &found); }));
  return found.st_uid;
}

// What `stat` says is there in any case.
Result<void> Describe(const ProcFolder& folder, const ProcessStat& stat, Process& process) {
  process.key = {stat.pid, stat.start_time};
  process.parent_pid = stat.parent_pid;
  process.command = stat.command;
  process.is_stopped = stat.is_stopped();
  process.leader_is_dead = stat.is_dead() && stat.threads > 1;
  BATON_TRY(process.uid, UserOf(folder));
  std::string text;
  if (const auto read = folder.Read("cgroup", text)) {
    process.cgroup = ParseCgroup(text);
  } else if (WhyFailing(read.error()) == Failing::kShort) {
    return baton::Fail(read.error());
  }
  process.pid_namespace = NamespaceOf(folder, "ns/pid", text);
  process.mount_namespace = NamespaceOf(folder, "ns/mnt", text);
  return {};
}

// Where the mappings of a task have names; of a recorded thread there is only the folder itself.
Result<ProcFolder> NamedTaskOf(const ScanContext& context, const ProcFolder& process,
                               const TaskTable& table) {
  if (table.thread != 0) {
    auto named = context.root->Folder(std::to_string(table.thread));
    if (named || WhyFailing(named.error()) == Failing::kShort) return named;
  }
  return OpenTable(process, table);
}

}  // namespace

Result<void> ReadWithRegistries(const ProcFolder& task, const std::vector<SeenRegistry>& seen,
                                const std::function<Result<void>()>& read_mappings,
                                ProcessFindings& findings) {
  findings.registry = {};
  if (seen.empty()) return read_mappings();
  BATON_TRY(const ProcFolder descriptors, task.Folder("fd"));
  BATON_TRY(const auto readings, RegistryReading::Begin(descriptors, seen));
  BATON_CHECKED(read_mappings());
  return RegistryReading::Finish(readings, findings.process.key, findings.mappings,
                                 findings.registry);
}

namespace {

Result<void> ReadTable(const ScanContext& context, const ProcFolder& process,
                       const TaskTable& table, SegmentTable& segments, ProcessFindings& findings) {
  BATON_TRY(const ProcFolder folder, OpenTable(process, table));
  DescriptorFindings descriptors;
  BATON_CHECKED(
      ReadDescriptors(context, folder, findings.process.key, table.thread, segments, descriptors));
  if (table.has_mappings) {
    BATON_TRY(const ProcFolder named, NamedTaskOf(context, process, table));
    const auto read = [&] {
      return ReadMappings(context, folder, named, findings.process.key, segments,
                          findings.mappings);
    };
    BATON_CHECKED(ReadWithRegistries(folder, descriptors.registries, read, findings));
    findings.seen_registries = std::move(descriptors.registries);
  }
  findings.descriptors.insert(findings.descriptors.end(), descriptors.holds.begin(),
                              descriptors.holds.end());
  findings.sockets.insert(findings.sockets.end(), descriptors.sockets.begin(),
                          descriptors.sockets.end());
  return {};
}

Result<void> ReadHoldings(const ScanContext& context, const ProcFolder& folder,
                          const ProcessStat& stat, SegmentTable& segments,
                          ProcessFindings& findings) {
  BATON_TRY(const std::vector<TaskTable> tables, TablesOf(context, folder, stat));
  for (const TaskTable& table : tables) {
    const auto read = ReadTable(context, folder, table, segments, findings);
    const bool is_thread_gone =
        !read && table.thread != 0 && WhyFailing(read.error()) == Failing::kGone;
    if (!read && !is_thread_gone) return baton::Fail(read.error());
  }
  BATON_TRY(findings.in_flight,
            ReadInFlight(context, folder, findings.process.key, findings.sockets, segments));
  return {};
}

// Nothing to hold anything: the kernel's own threads, and what waits to be reaped.
bool HoldsNothing(const ProcessStat& stat) {
  return stat.is_kernel_thread || (stat.is_dead() && stat.threads <= 1);
}

// The findings; std::nullopt: something of it has ended meanwhile.
std::optional<ProcessFindings> ReadOnce(const ScanContext& context, const ProcFolder& folder,
                                        const ProcessStat& stat, Earlier earlier,
                                        SegmentTable& segments) {
  ProcessFindings findings;
  if (context.options->is_incremental) findings.fingerprint = TakeFingerprint(folder, stat);
  if (earlier.findings != nullptr && findings.fingerprint &&
      findings.fingerprint == earlier.findings->fingerprint) {
    auto reused = Reuse(context, folder, stat, earlier, segments);
    if (reused) return reused;
  }
  Result<void> read = Describe(folder, stat, findings.process);
  if (read && !HoldsNothing(stat)) read = ReadHoldings(context, folder, stat, segments, findings);
  if (read) return findings;
  const Failing why = WhyFailing(read.error());
  if (why == Failing::kGone) return std::nullopt;
  findings.process.is_readable = false;
  if (why == Failing::kShort) findings.shortage = read.error();
  return findings;
}

}  // namespace

std::optional<ProcessFindings> ScanProcess(const ScanContext& context, int pid, Earlier earlier,
                                           SegmentTable& segments) {
  const std::optional<ProcessFindings> gone;
  const auto give_up = [&](const std::error_code& error) {
    if (WhyFailing(error) != Failing::kShort) return gone;
    ProcessFindings unread;
    unread.process.key.pid = pid;
    unread.process.is_readable = false;
    unread.shortage = error;
    return std::optional(std::move(unread));
  };
  const auto folder = context.root->Folder(std::to_string(pid));
  if (!folder) return give_up(folder.error());
  const auto file = folder->File("stat");
  if (!file) return give_up(file.error());
  std::string text;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (const auto read = ReadText(*file, text); !read) return give_up(read.error());
    const auto stat = ParseProcessStat(text);
    if (!stat) return gone;
    auto findings = ReadOnce(context, *folder, *stat, earlier, segments);
    if (!findings) continue;
    // All was asked of one process as long as that has not ended: its files fail from then on.
    if (const auto read = ReadText(*file, text); !read) return give_up(read.error());
    const auto after = ParseProcessStat(text);
    if (!after || after->start_time != stat->start_time) return gone;
    return findings;
  }
  return gone;
}

}  // namespace memtrack
