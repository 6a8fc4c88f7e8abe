#include <fmt/format.h>

#include <algorithm>

#include "tools/memtrack/model/words.h"
#include "tools/memtrack/rules/gathered.h"
#include "tools/memtrack/rules/rules.h"

namespace memtrack {
namespace {

constexpr std::uint32_t kSealShrink = 2;  // F_SEAL_SHRINK of linux/fcntl.h
constexpr std::uint64_t kLargestPage = 64 << 10;

std::vector<ProcessKey> HoldersIf(const Model& model, const SegmentUse& use, auto condition) {
  std::vector<ProcessKey> keys;
  for (const Holder& holder : use.holders) {
    const Process& process = model.processes[holder.process].process;
    if (condition(holder, process)) keys.push_back(process.key);
  }
  return keys;
}

// One verdict for each tag and set of processes that `concerned` gives twice; none for an empty
// set.
std::vector<Verdict> RisksOf(const Course& course, Finding finding, auto concerned, auto words) {
  GatheredByTag found;
  const auto holds = [&](const Model& model, const SegmentUse& use) {
    return !concerned(model, use).empty();
  };
  course.ForEachTwice(holds, [&](const SegmentUse& use) {
    found[{use.tag, concerned(course.last(), use)}].Add(course, use);
  });
  std::vector<Verdict> verdicts;
  for (const auto& entry : found) {
    Verdict verdict = VerdictAbout(finding, entry);
    verdict.severity = Severity::kRisk;
    words(entry.second, verdict);
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

}  // namespace

std::vector<Verdict> FindSparse(const Course& course, const RuleOptions& options) {
  const auto concerned = [&](const Model& model, const SegmentUse& use) {
    const bool is_sparse = use.segment.size && use.segment.allocated &&
                           *use.segment.size >= options.sparse_from &&
                           *use.segment.size / options.sparse_ratio >= *use.segment.allocated;
    if (!is_sparse) return std::vector<ProcessKey>();
    return HoldersIf(model, use, [](const Holder&, const Process&) { return true; });
  };
  return RisksOf(
      course, Finding::kSparse, concerned, [&](const Gathered& gathered, Verdict& verdict) {
        std::uint64_t size = 0;
        for (const SegmentKey& key : gathered.examples) {
          size = std::max(size, FindSegment(course.last(), key)->segment.size.value_or(0));
        }
        verdict.evidence.push_back({"largest_size", static_cast<double>(size)});
        verdict.text =
            fmt::format("{} of {}: size up to {}, memory {} in all, held by {}",
                        Counted(gathered.segments, "segment"), verdict.tag, Human(size),
                        Human(gathered.bytes), NamedAll(course.last(), verdict.processes));
        verdict.advice =
            "their size says nothing about memory; whoever writes it all may run the "
            "machine out of it: fallocate() reserves, and can fail in time";
      });
}

std::vector<Verdict> FindPastEnd(const Course& course, const RuleOptions&) {
  const auto concerned = [](const Model& model, const SegmentUse& use) {
    // Baton reserves more addresses than there is memory, and lets nobody have them.
    if (use.baton || !use.segment.size) return std::vector<ProcessKey>();
    const std::uint64_t end = *use.segment.size;
    return HoldersIf(model, use, [&](const Holder& holder, const Process&) {
      return holder.farthest_byte > end && holder.farthest_byte - end >= kLargestPage;
    });
  };
  return RisksOf(
      course, Finding::kPastEnd, concerned, [&](const Gathered& gathered, Verdict& verdict) {
        const std::string holders = NamedAll(course.last(), verdict.processes);
        verdict.text = fmt::format("{} of {} are mapped beyond their end by {}",
                                   Counted(gathered.segments, "segment"), verdict.tag, holders);
        verdict.advice =
            "touching what lies beyond is SIGBUS: compare the size by fstat() before "
            "mapping, and ask for F_SEAL_SHRINK";
      });
}

std::vector<Verdict> FindUnsealed(const Course& course, const RuleOptions&) {
  const auto concerned = [](const Model& model, const SegmentUse& use) {
    const bool can_shrink = use.segment.seals && (*use.segment.seals & kSealShrink) == 0;
    if (!can_shrink || !use.segment.creator_uid) return std::vector<ProcessKey>();
    return HoldersIf(model, use, [&](const Holder& holder, const Process& process) {
      return holder.mappings > holder.private_mappings && process.uid != *use.segment.creator_uid;
    });
  };
  return RisksOf(
      course, Finding::kUnsealed, concerned, [&](const Gathered& gathered, Verdict& verdict) {
        const std::string holders = NamedAll(course.last(), verdict.processes);
        verdict.text =
            fmt::format("{} of {} belong to another user, who can shrink them while {} maps them",
                        Counted(gathered.segments, "segment"), verdict.tag, holders);
        verdict.advice =
            "the mapping then ends in SIGBUS: refuse memory without "
            "F_SEAL_SHRINK from whom you do not trust";
      });
}

}  // namespace memtrack
