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

// The findings; std::nullopt: something of it has ended meanwhile.
std::optional<ProcessFindings> ReadOnce(const ScanContext& context, OpenProcess& process,
                                        const ProcessStat& stat, Earlier earlier,
                                        SegmentTable& segments) {
  const ProcFolder& folder = process.folder();
  ProcessFindings findings;
  if (context.options->is_incremental) findings.fingerprint = TakeFingerprint(process, stat);
  if (earlier.findings != nullptr && findings.fingerprint &&
      findings.fingerprint == earlier.findings->fingerprint) {
    auto reused = Reuse(context, process, stat, earlier, segments);
    if (reused) return reused;
  }
  process.CloseMaps();
  Result<void> read = Describe(folder, stat, findings.process);
  if (read && !HoldsNothing(stat)) read = ReadHoldings(context, folder, stat, segments, findings);
  if (read) return findings;
  const Failing why = WhyFailing(read.error());
  if (why == Failing::kGone) return std::nullopt;
  findings.process.is_readable = false;
  if (why == Failing::kShort) findings.shortage = read.error();
  return findings;
}

// With its `stat`. As the scan before has left it, unless it has ended: then another may have its
// number by now.
Result<OpenProcess> OpenToRead(const ScanContext& context, int pid, Earlier earlier,
                               std::string& stat) {
  if (earlier.findings != nullptr && earlier.findings->open) {
    OpenProcess kept = std::move(*earlier.findings->open);
    earlier.findings->open.reset();
    if (kept.ReadStat(stat)) return kept;
  }
  BATON_TRY(OpenProcess process, OpenProcess::Open(*context.root, pid));
  BATON_CHECKED(process.ReadStat(stat));
  return process;
}

// What there is to say where it could not even be opened.
std::optional<ProcessFindings> Unread(int pid, const std::error_code& error) {
  if (WhyFailing(error) != Failing::kShort) return std::nullopt;
  ProcessFindings unread;
  unread.process.key.pid = pid;
  unread.process.is_readable = false;
  unread.shortage = error;
  return unread;
}

}  // namespace

std::optional<ProcessFindings> ScanProcess(const ScanContext& context, int pid, Earlier earlier,
                                           SegmentTable& segments) {
  std::string text;
  auto process = OpenToRead(context, pid, earlier, text);
  if (!process) return Unread(pid, process.error());
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto stat = ParseProcessStat(text);
    if (!stat) return std::nullopt;
    auto findings = ReadOnce(context, *process, *stat, earlier, segments);
    // All was asked of one process as long as that has not ended: its files fail from then on. What
    // was not read again is known to be whole.
    if (!findings || !findings->is_reused) {
      if (const auto read = process->ReadStat(text); !read) return Unread(pid, read.error());
      if (!findings) continue;
      const auto after = ParseProcessStat(text);
      if (!after || after->start_time != stat->start_time) return std::nullopt;
    }
    if (context.keeps_open) findings->open = *std::move(process);
    return findings;
  }
  return std::nullopt;
}

}  // namespace memtrack
