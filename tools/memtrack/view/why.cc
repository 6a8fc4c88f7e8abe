#include "tools/memtrack/view/why.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "tools/memtrack/model/saturating.h"
#include "tools/memtrack/model/tag.h"
#include "tools/memtrack/model/words.h"
#include "tools/memtrack/view/claim_text.h"
#include "tools/memtrack/view/verdict_text.h"

namespace memtrack {
namespace {

const Process& ProcessOf(const Model& model, const Holder& holder) {
  return model.processes[holder.process].process;
}

std::string VerdictsIf(const std::vector<Verdict>& verdicts, auto concerns) {
  std::string text;
  for (const Verdict& verdict : verdicts) {
    if (concerns(verdict)) text += VerdictText(verdict);
  }
  return text.empty() ? "Nothing about it looks like a leak.\n" : text;
}

std::string HowHeld(const Holder& holder) {
  std::string text;
  if (holder.descriptors > 0) text = Counted(holder.descriptors, "descriptor");
  if (holder.mappings > 0) {
    text += (text.empty() ? "" : " and ") + Counted(holder.mappings, "mapping");
  }
  if (holder.is_revoked) text += ", revoked: it cannot touch it";
  if (holder.inherited > 0) text += ", inherited";
  return text;
}

std::string OriginText(const Course& course, const SegmentUse& use) {
  const auto creator = course.CreatorOf(use);
  std::string text = creator ? fmt::format("{} made it", Named(course.last(), *creator))
                             : std::string("Who made it is not known");
  if (const auto age = use.AgeAt(course.last().taken_at)) {
    text += fmt::format("{} {} ago, at {}", creator ? "" : "; it is from", Lasting(*age),
                        ClockTime(*use.segment.born));
  }
  if (creator && !IsAlive(course.last(), *creator)) text += ", and is gone";
  return text + ".\n";
}

std::string HoldersText(const Model& model, const SegmentUse& use) {
  std::string text;
  for (const Holder& holder : use.holders) {
    text += fmt::format("  {} holds it by {}; it pays {}.\n", Named(ProcessOf(model, holder)),
                        HowHeld(holder), Human(holder.charged));
    text += ClaimsText(model, use, holder.process);
  }
  text += EmptyClaimsText(model, use);
  for (const std::size_t receiver : use.in_flight_to) {
    text += fmt::format("  It lies in a socket of {}, not received.\n",
                        Named(model.processes[receiver].process));
  }
  return text.empty() ? "  Nobody holds it.\n" : text;
}

std::string HowToFree(const Model& model, const SegmentUse& use) {
  if (use.holders.empty() && use.in_flight_to.empty()) {
    const bool has_name = use.segment.key.kind == SegmentKind::kPosix;
    return has_name ? "It stays until its name is removed.\n"
                    : "It stays until it is removed (SysV: ipcrm -m).\n";
  }
  std::vector<ProcessKey> keys;
  for (const Holder& holder : use.holders) keys.push_back(ProcessOf(model, holder).key);
  for (const std::size_t receiver : use.in_flight_to) {
    keys.push_back(model.processes[receiver].process.key);
  }
  std::ranges::sort(keys);
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  const std::string also =
      use.segment.key.kind == SegmentKind::kPosix ? " and its name is removed" : "";
  return fmt::format("It is free when {} let{} go of it{}.\n", NamedAll(model, keys),
                     keys.size() == 1 ? "s" : "", also);
}

std::string OneSegment(const Course& course, const SegmentUse& use) {
  const Model& model = course.last();
  const std::string size = use.segment.size ? Human(*use.segment.size) : "of unknown size";
  std::string text = fmt::format("{} {} of {}: {}, {}{} in memory.\n", WordOf(use.segment.key.kind),
                                 use.segment.key.inode, Displayable(use.tag), size,
                                 use.is_estimated ? "about " : "", Human(use.bytes));
  if (!use.segment.name.empty())
    text += fmt::format("Its name is {}.\n", Displayable(use.segment.name));
  text += OriginText(course, use);
  text += WhoseText(model, use);
  text += HoldersText(model, use);
  text += HowToFree(model, use);
  return text;
}

}  // namespace

std::string WhySegment(const Course& course, const std::vector<Verdict>& verdicts,
                       std::uint64_t inode) {
  std::string text;
  for (const SegmentUse& use : course.last().segments) {
    if (use.segment.key.inode != inode) continue;
    if (!text.empty()) text += "\n";
    text += OneSegment(course, use);
    text += VerdictsIf(verdicts, [&](const Verdict& verdict) {
      // A verdict names some of its segments only.
      const bool has_more = verdict.segments.size() == kMostExamples || verdict.segments.empty();
      return std::ranges::count(verdict.segments, use.segment.key) > 0 ||
             (has_more && verdict.tag == use.tag);
    });
  }
  return text;
}

std::string WhyProcess(const Course& course, const std::vector<Verdict>& verdicts, int pid) {
  const ProcessUse* use = FindProcess(course.last(), pid);
  if (use == nullptr) return "";
  struct Sum {
    std::uint64_t segments = 0;
    std::uint64_t bytes = 0;
    std::uint64_t charged = 0;
  };
  std::map<std::string, Sum> tags;
  for (const SegmentUse& segment : course.last().segments) {
    for (const Holder& holder : segment.holders) {
      if (&course.last().processes[holder.process] != use) continue;
      Sum& sum = tags[segment.tag];
      ++sum.segments;
      AddTo(sum.bytes, segment.bytes);
      AddTo(sum.charged, holder.charged);
    }
  }
  const Process& process = use->process;
  std::string text = fmt::format("{} holds {}; it pays {}, and {} would be free if it ended now.\n",
                                 Named(process), Counted(use->segments, "segment"),
                                 Human(use->charged), Human(use->unique));
  if (process.is_stopped) text += "It is stopped.\n";
  if (process.leader_is_dead) text += "Its first thread has ended, others go on.\n";
  if (!process.is_readable) text += "We may not look into it: there can be more.\n";
  text += RegistryText(course.last(), process.key);
  if (use->in_flight > 0) {
    text += fmt::format("{} lie in its sockets, not received.\n",
                        Counted(use->in_flight, "descriptor"));
  }
  for (const auto& [tag, sum] : tags) {
    text += fmt::format("  {}: {}, {}, it pays {}\n", Displayable(tag),
                        Counted(sum.segments, "segment"), Human(sum.bytes), Human(sum.charged));
  }
  return text + VerdictsIf(verdicts, [&](const Verdict& verdict) {
           return std::ranges::count(verdict.processes, process.key) > 0;
         });
}

}  // namespace memtrack
