#include "tools/memtrack/scan/thread_tables.h"

#include <fmt/format.h>
#include <linux/kcmp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <optional>
#include <string>

#include "platform/posix/syscall.h"

namespace memtrack {
namespace {

using baton::platform::Syscall;

// std::nullopt when the kernel does not say.
std::optional<bool> KernelSaysShared(int thread, int other) {
  const auto compare = [&] { return ::syscall(SYS_kcmp, thread, other, KCMP_FILES, 0, 0); };
  const auto order = Syscall("kcmp", compare);
  if (!order) return std::nullopt;
  return *order == 0;
}

// Below the folder of the process; "." is that itself.
std::string NameOf(int thread) {
  return thread == 0 ? "." : fmt::format("task/{}", thread);
}

Result<std::vector<int>> DescriptorsOf(const ProcFolder& process, int thread) {
  BATON_TRY(const ProcFolder folder, process.Folder(NameOf(thread) + "/fd"));
  return folder.Numbers();
}

// Two tables of the same length could still be two: that is what kcmp is asked for, where it may
// be.
Result<bool> LooksShared(const ProcFolder& process, int thread, int other) {
  const auto one = DescriptorsOf(process, thread), two = DescriptorsOf(process, other);
  for (const auto* const numbers : {&one, &two}) {
    if (*numbers) continue;
    if (WhyFailing(numbers->error()) == Failing::kShort) return baton::Fail(numbers->error());
    return true;
  }
  return *one == *two;
}

// Whether a thread has one of the tables that are known already.
Result<bool> IsShared(const ScanContext& context, const ProcFolder& process, int pid, int thread,
                      const std::vector<TaskTable>& tables) {
  for (const TaskTable& table : tables) {
    std::optional<bool> is_shared;
    if (context.is_live)
      is_shared = KernelSaysShared(thread, table.thread == 0 ? pid : table.thread);
    if (!is_shared) {
      BATON_TRY(is_shared, LooksShared(process, thread, table.thread));
    }
    if (*is_shared) return true;
  }
  return false;
}

Result<bool> IsAlive(const ProcFolder& process, int thread) {
  std::string text;
  BATON_CHECKED(process.Read(NameOf(thread) + "/stat", text));
  const auto stat = ParseProcessStat(text);
  return stat && !stat->is_dead();
}

}  // namespace

Result<std::vector<TaskTable>> TablesOf(const ScanContext& context, const ProcFolder& process,
                                        const ProcessStat& stat) {
  std::vector<TaskTable> tables;
  if (!stat.is_dead()) tables.push_back({.thread = 0, .has_mappings = true});
  if (stat.threads <= 1) return tables;

  BATON_TRY(const ProcFolder tasks, process.Folder("task"));
  BATON_TRY(const std::vector<int> threads, tasks.Numbers());
  for (const int thread : threads) {
    if (thread == stat.pid) continue;
    BATON_TRY(const bool is_shared, IsShared(context, process, stat.pid, thread, tables));
    if (is_shared) continue;
    const auto is_alive = IsAlive(process, thread);
    if (!is_alive && WhyFailing(is_alive.error()) == Failing::kShort) {
      return baton::Fail(is_alive.error());
    }
    if (!is_alive || !*is_alive) continue;
    tables.push_back({.thread = thread, .has_mappings = tables.empty()});
  }
  return tables;
}

Result<ProcFolder> OpenTable(const ProcFolder& process, const TaskTable& table) {
  return process.Folder(NameOf(table.thread));
}

}  // namespace memtrack
