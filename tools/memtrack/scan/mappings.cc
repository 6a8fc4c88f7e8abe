#include "tools/memtrack/scan/mappings.h"

#include <optional>
#include <string>

#include "tools/memtrack/scan/process_stat.h"
#include "tools/memtrack/scan/range_reader.h"

namespace memtrack {
namespace {

// What SegmentKey adds to the device of SysV memory: nothing for ids of our own namespace.
std::uint64_t SpaceOf(const ScanContext& context, const ProcFolder& task) {
  std::string target;
  if (context.ipc_namespace == 0 || !task.ReadLink("ns/ipc", target)) return 0;
  const std::uint64_t space = ParseNamespace(target).value_or(0);
  return space == context.ipc_namespace ? 0 : space;
}

// Private huge pages are ordinary memory that the kernel happens to give a file.
bool IsOwnMemory(const MappedRange& range, const NamedSegment& named) {
  return range.is_private && named.kind == SegmentKind::kHugetlb && named.name.empty();
}

MappingHold HoldOf(const MappedRange& range, const SegmentKey& segment, const ProcessKey& process) {
  return {.segment = segment,
          .process = process,
          .address = range.begin,
          .length = range.end - range.begin,
          .offset = range.offset,
          .is_readable = range.is_readable,
          .is_writable = range.is_writable,
          .is_executable = range.is_executable,
          .is_private = range.is_private};
}

}  // namespace

Result<void> ReadMappings(const ScanContext& context, const ProcFolder& task,
                          const ProcFolder& named_task, const ProcessKey& process,
                          SegmentTable& segments, std::vector<MappingHold>& holds) {
  BATON_TRY(RangeReader ranges, RangeReader::Open(task, context.options->prefers_text_maps));
  std::optional<std::uint64_t> space;
  for (MappedRange range;;) {
    BATON_TRY(const bool is_there, ranges.Next(range));
    if (!is_there) return {};
    if (!context.mounts.MayHoldMemory(range.device) || segments.IsKnownAsOther(range)) continue;

    const auto path = ranges.Path();
    if (!path) {
      // Of this one alone nothing can be said (longer than PATH_MAX); the others go on.
      if (WhyFailing(path.error()) != Failing::kOther) return baton::Fail(path.error());
      continue;
    }
    const auto named = ClassifyTarget(*path, context.mounts);
    if (!named || IsOwnMemory(range, *named)) {
      // Inodes of the kernel's own mount are not unique: SysV memory lies there, too.
      if (!named && !path->empty() && range.device != kKernelMount) segments.RememberAsOther(range);
      continue;
    }
    if (named->kind == SegmentKind::kSysV && !space) space = SpaceOf(context, task);
    BATON_TRY(const auto key, segments.LookAtMapping(named_task, range, *named, space.value_or(0)));
    if (key) holds.push_back(HoldOf(range, *key, process));
  }
}

}  // namespace memtrack
