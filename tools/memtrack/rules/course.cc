#include "tools/memtrack/rules/course.h"

#include <algorithm>
#include <utility>

#include <baton/base/check.h>

#include "tools/memtrack/model/saturating.h"

namespace memtrack {
namespace {

Pasts PastsOf(std::span<const Model> models) {
  Pasts pasts;
  for (const Model& model : models) pasts.Note(model);
  return pasts;
}

// Numbers of processes mean nothing in another namespace of processes. A holder in one that is not
// that of `process` may have made the memory, under the same number.
bool MayBeOfAnotherNamespace(const Model& model, const SegmentUse& use, const ProcessUse& process) {
  bool is_elsewhere = false;
  for (const Holder& holder : use.holders) {
    const Process& one = model.processes[holder.process].process;
    if (one.key == process.process.key) return false;
    is_elsewhere |= one.pid_namespace != process.process.pid_namespace;
  }
  return is_elsewhere;
}

}  // namespace

bool IsAlive(const Model& model, const ProcessKey& process) {
  if (process.start_time == 0) return false;
  return FindProcess(model, process) != nullptr ||
         FindProcess(model, ProcessKey{process.pid, 0}) != nullptr;
}

Course::Course(std::span<const Model> models) : Course(models, PastsOf(models)) {}

Course::Course(std::span<const Model> models, Pasts pasts)
    : models_(models), pasts_(std::move(pasts)) {
  BATON_CHECK(!models.empty());
}

std::optional<ProcessKey> Course::CreatorOf(const SegmentUse& use) const {
  const Past* const past = pasts_.Of(use);
  if (!use.baton || !use.baton->creator) return past == nullptr ? std::nullopt : past->maker;
  const int pid = *use.baton->creator;
  for (const Model& model : models_) {
    const ProcessUse* const process = FindProcess(model, pid);
    if (process == nullptr) continue;
    if (past != nullptr && !past->WasThereAtBirth(process->process.key)) continue;
    const SegmentUse* const then = FindSegment(model, use.segment.key);
    if (then != nullptr && MayBeOfAnotherNamespace(model, *then, *process)) return std::nullopt;
    return process->process.key;
  }
  return ProcessKey{pid, 0};
}

std::int64_t Course::AgeOf(const SegmentUse& use) const {
  const Past* const past = pasts_.Of(use);
  if (past == nullptr) return use.AgeAt(last().taken_at).value_or(0);
  const std::int64_t now = last().clock;
  const std::int64_t seen_for = Difference(now, past->seen_since);
  // Without a clock that nobody sets, that on the wall is believed.
  if (!last().booted_at) return use.AgeAt(now).value_or(seen_for);
  const auto birth = past->Birth();
  if (!birth) return seen_for;
  return Difference(now, std::clamp(*birth, past->not_before, past->seen_since));
}

}  // namespace memtrack
