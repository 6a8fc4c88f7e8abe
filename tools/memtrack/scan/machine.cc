#include "tools/memtrack/scan/machine.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/statfs.h>

#include <fmt/format.h>
#include <linux/memfd.h>

#include <ctime>
#include <limits>
#include <set>
#include <string>

#include "platform/posix/syscall.h"
#include "tools/memtrack/scan/file_facts.h"
#include "tools/memtrack/scan/sysv_table.h"
#include "tools/memtrack/scan/text_fields.h"

namespace memtrack {
namespace {

using baton::platform::Syscall;

// Bytes; std::nullopt when another file system is to be seen there.
std::optional<std::uint64_t> UsedOf(const Mount& mount) {
  const auto facts = FactsOf(AT_FDCWD, mount.point);
  if (!facts || facts->device != mount.device) return std::nullopt;
  struct statfs found = {};
  if (!Syscall("statfs", [&] { return ::statfs(mount.point.c_str(), &found); }))
    return std::nullopt;
  return static_cast<std::uint64_t>(found.f_blocks - found.f_bfree) *
         static_cast<std::uint64_t>(found.f_bsize);
}

// Huge pages and dma-bufs are not in Shmem.
bool IsInShmem(const Segment& segment) {
  return segment.key.kind != SegmentKind::kHugetlb && segment.key.kind != SegmentKind::kDmabuf;
}

}  // namespace

std::optional<std::uint64_t> ParseShmem(std::string_view text) {
  while (!text.empty()) {
    TextFields fields(TakeLine(text));
    if (fields.Word() != "Shmem:") continue;
    const auto kib = TextFields(fields.Word()).Number();
    if (!kib || fields.Word() != "kB") return std::nullopt;
    return *kib * 1024;
  }
  return std::nullopt;
}

std::optional<std::int64_t> ParseBootTime(std::string_view text) {
  constexpr std::int64_t kNanos = 1'000'000'000;
  while (!text.empty()) {
    TextFields fields(TakeLine(text));
    if (fields.Word() != "btime") continue;
    const auto seconds = TextFields(fields.Word()).Number<std::int64_t>();
    const bool is_sound =
        seconds && *seconds >= 0 && *seconds < std::numeric_limits<std::int64_t>::max() / kNanos;
    return is_sound ? std::optional(*seconds * kNanos) : std::nullopt;
  }
  return std::nullopt;
}

std::optional<std::int64_t> SinceBoot(const ProcFolder& root, bool is_live, std::int64_t taken_at) {
  if (is_live) {
    timespec now = {};
    if (::clock_gettime(CLOCK_BOOTTIME, &now) != 0) return std::nullopt;
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
  }
  std::string text;
  if (!root.Read("stat", text)) return std::nullopt;
  const auto booted_at = ParseBootTime(text);
  return booted_at && *booted_at <= taken_at ? std::optional(taken_at - *booted_at) : std::nullopt;
}

Result<MountTable> ReadMounts(const ProcFolder& root) {
  std::string text;
  for (const char* const name : {"self/mountinfo", "1/mountinfo"}) {
    const auto read = root.Read(name, text);
    if (read) return ParseMountInfo(text);
    if (WhyFailing(read.error()) == Failing::kShort) return baton::Fail(read.error());
  }
  return MountTable();
}

std::set<std::uint64_t> FindHugeDevices() {
  constexpr unsigned kSmallest = 16, kLargest = 34;  // 64 KiB to 16 GiB, as powers of two
  std::set<std::uint64_t> devices;
  for (unsigned power = kSmallest; power <= kLargest; ++power) {
    // Nothing is mapped, so no page is taken.
    const auto create = [&] {
      return ::memfd_create("memtrack", MFD_CLOEXEC | MFD_HUGETLB | power << MFD_HUGE_SHIFT);
    };
    const auto created = Syscall("memfd_create", create);
    if (!created) continue;  // there is no such size
    const baton::platform::Handle memfd(*created);
    if (const auto facts = FactsOf(memfd.get(), "")) devices.insert(facts->device);
  }
  return devices;
}

void AddSysVSegments(const ProcFolder& root, std::map<SegmentKey, Segment>& segments) {
  std::string text;
  if (!root.Read("sysvipc/shm", text)) return;
  for (const SysVSegment& found : ParseSysVTable(text)) {
    const SegmentKey key = {kKernelMount, found.id, SegmentKind::kSysV};
    Segment& segment = segments[key];
    segment.key = key;
    if (segment.name.empty()) {
      segment.name = fmt::format("SYSV{:08x}", static_cast<std::uint32_t>(found.key));
    }
    segment.size = found.size;
    segment.allocated = found.allocated;
    segment.creator_uid = found.creator_uid;
  }
}

MachineMemory MeasureMachine(const ScanContext& context,
                             const std::map<SegmentKey, Segment>& segments) {
  MachineMemory machine;
  std::string text;
  if (context.root->Read("meminfo", text)) machine.shmem = ParseShmem(text).value_or(0);
  std::set<std::uint64_t> counted;
  for (const Mount& mount : context.mounts.tmpfs) {
    if (!context.is_live || counted.contains(mount.device)) continue;
    const auto used = UsedOf(mount);
    if (!used) continue;
    counted.insert(mount.device);
    machine.tmpfs_used += *used;
  }
  for (const auto& [key, segment] : segments) {
    const bool is_counted = key.kind == SegmentKind::kPosix && counted.contains(key.device);
    if (IsInShmem(segment) && !is_counted) machine.explained += segment.allocated.value_or(0);
  }
  return machine;
}

}  // namespace memtrack
