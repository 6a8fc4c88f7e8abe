#include "tools/memtrack/model/model.h"

#include <algorithm>
#include <limits>

#include "tools/memtrack/model/saturating.h"

namespace memtrack {

std::optional<std::int64_t> SegmentUse::AgeAt(std::int64_t now) const {
  if (!segment.born || *segment.born > now) return std::nullopt;
  return Difference(now, *segment.born);
}

bool SegmentUse::IsWithinReach() const {
  return std::ranges::any_of(
      holders, [](const Holder& holder) { return holder.mappings > 0 && !holder.is_revoked; });
}

const ProcessUse* FindProcess(const Model& model, const ProcessKey& key) {
  const auto at = std::ranges::lower_bound(model.processes, key, {},
                                           [](const ProcessUse& use) { return use.process.key; });
  return at != model.processes.end() && at->process.key == key ? &*at : nullptr;
}

const ProcessUse* FindProcess(const Model& model, int pid) {
  const auto at = std::ranges::lower_bound(
      model.processes, pid, {}, [](const ProcessUse& use) { return use.process.key.pid; });
  return at != model.processes.end() && at->process.key.pid == pid ? &*at : nullptr;
}

const ProcessRegistry* FindRegistry(const Model& model, const ProcessKey& process) {
  const auto at =
      std::ranges::lower_bound(model.registries, process, {}, &ProcessRegistry::process);
  return at != model.registries.end() && at->process == process ? &*at : nullptr;
}

const SegmentUse* FindSegment(const Model& model, const SegmentKey& key) {
  const auto at = std::ranges::lower_bound(model.segments, key, {},
                                           [](const SegmentUse& use) { return use.segment.key; });
  return at != model.segments.end() && at->segment.key == key ? &*at : nullptr;
}

std::int64_t StartOf(const ProcessKey& process) {
  constexpr std::uint64_t kNanosInTick = 10'000'000;  // USER_HZ is 100 wherever Baton runs
  const std::uint64_t most = std::numeric_limits<std::int64_t>::max() / kNanosInTick;
  return static_cast<std::int64_t>(std::min(process.start_time, most) * kNanosInTick);
}

}  // namespace memtrack
