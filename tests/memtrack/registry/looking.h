// What memtrack makes of some processes, and one piece of memory among what they hold.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "tests/memtrack/scan/looks.h"
#include "tools/memtrack/model/build_model.h"
#include "tools/memtrack/rules/rules.h"

namespace memtrack_test {

inline memtrack::Model ModelOf(const std::vector<int>& processes) {
  return memtrack::BuildModel(LookAt(processes), memtrack::Share::kOwner);
}

// Its name contains this, or, where it has no name of ours, its id begins with it; null when there
// is none.
inline const memtrack::SegmentUse* UseOf(const memtrack::Model& model, const std::string& name) {
  const auto found = std::ranges::find_if(model.segments, [&](const memtrack::SegmentUse& use) {
    const auto id = use.segment.attributes.find("id");
    return use.segment.name.find(name) != std::string::npos ||
           (id != use.segment.attributes.end() && id->second.starts_with(name));
  });
  return found == model.segments.end() ? nullptr : &*found;
}

inline int PidOf(const memtrack::Model& model, std::size_t process) {
  return model.processes[process].process.key.pid;
}

// 0: nobody, or not known.
inline int OwnerOf(const memtrack::Model& model, const memtrack::SegmentUse& use) {
  return use.owner ? PidOf(model, *use.owner) : 0;
}

// What `pid` says of it; null when it says nothing.
inline const memtrack::ClaimUse* ClaimOf(const memtrack::Model& model,
                                         const memtrack::SegmentUse& use, int pid) {
  const auto found = std::ranges::find_if(
      use.claims, [&](const memtrack::ClaimUse& one) { return PidOf(model, one.process) == pid; });
  return found == use.claims.end() ? nullptr : &*found;
}

inline std::vector<memtrack::Verdict> DisagreementsIn(const std::vector<memtrack::Model>& models) {
  std::vector<memtrack::Verdict> verdicts = memtrack::Judge(models, {});
  std::erase_if(verdicts, [](const memtrack::Verdict& verdict) {
    return verdict.finding != memtrack::Finding::kDisagreement;
  });
  return verdicts;
}

}  // namespace memtrack_test
