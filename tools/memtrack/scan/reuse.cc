#include "tools/memtrack/scan/reuse.h"

#include <algorithm>
#include <string>
#include <utility>

#include "tools/memtrack/scan/file_facts.h"
#include "tools/memtrack/scan/range_query.h"

namespace memtrack {
namespace {

bool HasTablesOfThreads(const ProcessFindings& findings) {
  return std::ranges::any_of(findings.descriptors, [](const auto& d) { return d.thread != 0; }) ||
         std::ranges::any_of(findings.sockets, [](const auto& s) { return s.thread != 0; });
}

// False when a descriptor leads elsewhere by now.
Result<bool> LookAtDescriptorsAgain(OpenProcess& process, const Earlier& earlier,
                                    SegmentTable& segments) {
  for (const DescriptorHold& hold : earlier.findings->descriptors) {
    if (segments.Knows(hold.segment)) continue;
    const auto known = earlier.segments->find(hold.segment);
    if (known == earlier.segments->end()) return false;
    BATON_TRY(const ProcFolder* const folder, process.Descriptors());
    BATON_TRY(const bool is_same, segments.LookAgain(known->second, *folder, hold.descriptor));
    if (!is_same) return false;
  }
  return true;
}

Result<bool> LookAtMappingsAgain(const ProcFolder& process, const Earlier& earlier,
                                 SegmentTable& segments) {
  for (const MappingHold& hold : earlier.findings->mappings) {
    if (segments.Knows(hold.segment)) continue;
    const auto known = earlier.segments->find(hold.segment);
    if (known == earlier.segments->end()) return false;
    BATON_TRY(const bool is_there, segments.LookAgain(known->second, process, hold));
    if (!is_there) return false;
  }
  return true;
}

bool IsSameMapping(const MappedRange& range, const MappingHold& hold) {
  constexpr std::uint64_t kDevice = 0xffffffff;  // what is above it: see SegmentKey
  return range.begin == hold.address && range.end == hold.address + hold.length &&
         range.offset == hold.offset && range.inode == hold.segment.inode &&
         range.device == (hold.segment.device & kDevice);
}

// False when one of them is another by now, or where the kernel cannot be asked for single ones.
Result<bool> RefreshAccess(OpenProcess& process, std::vector<MappingHold>& mappings) {
  if (mappings.empty()) return true;
  BATON_TRY(const int maps, process.Maps());
  MappedRange range;
  for (MappingHold& hold : mappings) {
    BATON_TRY(const bool is_there, QueryRange(maps, hold.address, range, nullptr));
    if (!is_there || !IsSameMapping(range, hold)) return false;
    hold.is_readable = range.is_readable;
    hold.is_writable = range.is_writable;
    hold.is_executable = range.is_executable;
    hold.is_private = range.is_private;
  }
  return true;
}

Result<bool> BringUpToDate(const ScanContext& context, OpenProcess& open, Earlier earlier,
                           SegmentTable& segments) {
  const ProcFolder& process = open.folder();
  ProcessFindings& before = *earlier.findings;
  bool has_access = false;
  const auto refresh = [&]() -> Result<void> {
    BATON_TRY(has_access, RefreshAccess(open, before.mappings));
    return {};
  };
  BATON_CHECKED(ReadWithRegistries(process, before.seen_registries, refresh, before));
  if (!has_access) return false;
  BATON_TRY(const bool has_descriptors, LookAtDescriptorsAgain(open, earlier, segments));
  if (!has_descriptors) return false;
  BATON_TRY(const bool has_mappings, LookAtMappingsAgain(process, earlier, segments));
  if (!has_mappings) return false;
  BATON_TRY(before.in_flight,
            ReadInFlight(context, process, before.process.key, before.sockets, segments));
  return true;
}

}  // namespace

bool HoldsNothing(const ProcessStat& stat) {
  return stat.is_kernel_thread || (stat.is_dead() && stat.threads <= 1);
}

std::optional<Fingerprint> TakeFingerprint(OpenProcess& process, const ProcessStat& stat) {
  Fingerprint taken;
  taken.process = {stat.pid, stat.start_time};
  taken.threads = stat.threads;
  if (HoldsNothing(stat)) return taken;
  // By its name, which makes the kernel say again whose it is.
  const auto descriptors = FactsOf(process.folder().native(), "fd");
  if (!descriptors || descriptors->size == 0) return std::nullopt;
  const auto pages = process.Pages();
  if (!pages || !*pages) return std::nullopt;
  taken.owner = descriptors->uid;
  taken.descriptors = descriptors->size;
  taken.pages = **pages;
  return taken;
}

std::optional<ProcessFindings> Reuse(const ScanContext& context, OpenProcess& process,
                                     const ProcessStat& stat, Earlier earlier,
                                     SegmentTable& segments) {
  ProcessFindings& before = *earlier.findings;
  const bool is_plain = before.process.is_readable && !HasTablesOfThreads(before) &&
                        (HoldsNothing(stat) || !stat.is_dead());
  if (!is_plain) return std::nullopt;
  const auto is_current = BringUpToDate(context, process, earlier, segments);
  if (!is_current || !*is_current) return std::nullopt;
  before.process.parent_pid = stat.parent_pid;
  before.process.command = stat.command;
  before.process.is_stopped = stat.is_stopped();
  before.is_reused = true;
  return std::move(before);
}

}  // namespace memtrack
