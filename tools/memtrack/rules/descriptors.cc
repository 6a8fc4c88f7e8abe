#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "tools/memtrack/model/words.h"
#include "tools/memtrack/rules/gathered.h"
#include "tools/memtrack/rules/rules.h"
#include "tools/memtrack/rules/samples.h"

namespace memtrack {
namespace {

const Holder* FindHolder(const Model& model, const Segment& segment, const ProcessKey& process) {
  const SegmentUse* use = FindSegment(model, segment.key);
  if (use == nullptr || !IsSameSegment(use->segment, segment)) return nullptr;
  const auto at = std::ranges::find_if(use->holders, [&](const Holder& holder) {
    return model.processes[holder.process].process.key == process;
  });
  return at == use->holders.end() ? nullptr : &*at;
}

std::vector<Sample> DescriptorsOf(const Course& course, const Segment& segment,
                                  const ProcessKey& process) {
  std::vector<Sample> samples = EmptySamples(course.models());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const Holder* holder = FindHolder(course.models()[i], segment, process);
    if (holder != nullptr) samples[i].value = static_cast<double>(holder->descriptors);
  }
  return samples;
}

std::string HowTheyCame(const Holder& holder) {
  if (holder.open_files == 0) return "whether they are duplicates could not be seen";
  if (holder.open_files == 1)
    return "they are duplicates of one open file: dup(), or received again";
  return fmt::format("there are {} open files behind them: it is opened anew", holder.open_files);
}

}  // namespace

std::vector<Verdict> FindMultiplied(const Course& course, const RuleOptions& options) {
  constexpr std::uint32_t kFew = 8;  // a descriptor for each of some threads or tasks
  std::vector<Verdict> verdicts;
  if (course.previous() == nullptr) return verdicts;
  for (const SegmentUse& use : course.last().segments) {
    for (const Holder& holder : use.holders) {
      if (holder.descriptors < kFew) continue;
      const ProcessKey& process = course.last().processes[holder.process].process.key;
      const auto samples = DescriptorsOf(course, use.segment, process);
      const auto growth =
          FindGrowth(samples, {options.least_samples, 0, static_cast<double>(kFew) / 2});
      const bool are_too_many = holder.descriptors >= options.descriptors_of_one &&
                                samples[samples.size() - 2].value >= options.descriptors_of_one;
      if (!growth && !are_too_many) continue;
      Verdict verdict;
      verdict.finding = Finding::kMultiplied;
      verdict.tag = use.tag;
      verdict.segments = {use.segment.key};
      verdict.processes = {process};
      verdict.evidence = {{"descriptors", static_cast<double>(holder.descriptors)},
                          {"open_files", static_cast<double>(holder.open_files)},
                          {"bytes", static_cast<double>(use.bytes)},
                          {"descriptors_per_minute", growth ? growth->per_minute : 0}};
      const std::string pace =
          growth ? fmt::format(", {:+.1f} a minute", growth->per_minute) : std::string();
      verdict.text = fmt::format("{} has {} descriptors for one segment of {} (inode {}, {}){}",
                                 Named(course.last(), process), holder.descriptors, use.tag,
                                 use.segment.key.inode, Human(use.bytes), pace);
      verdict.advice = HowTheyCame(holder) + "; memory is small, the table of descriptors runs out";
      verdicts.push_back(std::move(verdict));
    }
  }
  return verdicts;
}

std::vector<Verdict> FindInherited(const Course& course, const RuleOptions& options) {
  GatheredByTag found;  // by child and parent
  const auto parent_of = [](const Model& model, const Holder& holder) -> const ProcessUse* {
    const Process& child = model.processes[holder.process].process;
    const ProcessUse* parent = FindProcess(model, child.parent_pid);
    const bool has_run_exec = parent != nullptr && parent->process.command != child.command;
    return holder.inherited > 0 && has_run_exec ? parent : nullptr;
  };
  const auto holds = [&](const Model& model, const SegmentUse& use) {
    return std::ranges::any_of(
        use.holders, [&](const Holder& holder) { return parent_of(model, holder) != nullptr; });
  };
  course.ForEachTwice(holds, [&](const SegmentUse& use) {
    for (const Holder& holder : use.holders) {
      const ProcessUse* parent = parent_of(course.last(), holder);
      if (parent == nullptr) continue;
      const ProcessKey& child = course.last().processes[holder.process].process.key;
      found[{use.tag, {child, parent->process.key}}].Add(course, use);
    }
  });
  std::vector<Verdict> verdicts;
  for (const auto& entry : found) {
    Verdict verdict = VerdictAbout(Finding::kInherited, entry);
    const bool is_much =
        entry.second.segments >= options.many || entry.second.bytes >= options.many_bytes;
    verdict.severity = is_much ? Severity::kLeak : Severity::kRisk;
    const std::string child = Named(course.last(), verdict.processes[0]);
    const std::string parent = Named(course.last(), verdict.processes[1]);
    verdict.text = fmt::format("{} of {}, {}, came to {} from {} by exec",
                               Counted(entry.second.segments, "segment"), verdict.tag,
                               Human(entry.second.bytes), child, parent);
    verdict.advice = fmt::format(
        "{} opens them without O_CLOEXEC (memfd_create: MFD_CLOEXEC; recvmsg: MSG_CMSG_CLOEXEC); "
        "{} keeps them as long as it lives",
        parent, child);
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

}  // namespace memtrack
