#include <fmt/format.h>

#include <algorithm>

#include "tools/memtrack/model/saturating.h"
#include "tools/memtrack/model/words.h"
#include "tools/memtrack/rules/rules.h"

namespace memtrack {
namespace {

const InFlightHold* FindSocket(const Model& model, const InFlightHold& wanted) {
  const auto at = std::ranges::find_if(model.in_flight, [&](const InFlightHold& hold) {
    return hold.socket_inode == wanted.socket_inode && hold.receiver == wanted.receiver;
  });
  return at != model.in_flight.end() && at->descriptors > 0 ? &*at : nullptr;
}

bool IsStopped(const Model& model, const ProcessKey& key) {
  const ProcessUse* use = FindProcess(model, key);
  return use != nullptr && use->process.is_stopped;
}

// The same socket in each of the last passes, oldest first; empty if it was empty in one of them.
std::vector<const InFlightHold*> PassesOf(const Course& course, const InFlightHold& hold,
                                          std::size_t passes) {
  std::vector<const InFlightHold*> found;
  if (course.models().size() < passes) return found;
  for (const Model& model : course.models().last(passes)) {
    const InFlightHold* seen = FindSocket(model, hold);
    if (seen == nullptr) return {};
    found.push_back(seen);
  }
  return found;
}

}  // namespace

std::vector<Verdict> FindStuckInFlight(const Course& course, const RuleOptions& options) {
  std::vector<Verdict> verdicts;
  const std::size_t count = std::max<std::size_t>(options.passes_in_flight, 2);
  for (const InFlightHold& hold : course.last().in_flight) {
    const auto passes = PassesOf(course, hold, count);
    if (passes.empty()) continue;
    // A queue that is never empty may still move: then its head changes, or it shrinks.
    const bool shows_head = std::ranges::none_of(
        passes, [](const InFlightHold* pass) { return pass->segments.empty(); });
    const bool is_same_head = shows_head && std::ranges::all_of(passes, [&](const auto* pass) {
                                return pass->segments == passes.front()->segments;
                              });
    if (shows_head && !is_same_head) continue;
    if (!std::ranges::is_sorted(passes, {}, &InFlightHold::descriptors)) continue;
    const bool is_stopped = IsStopped(course.last(), hold.receiver);
    const Model& first = course.models()[course.models().size() - count];
    const std::int64_t nanos = Difference(course.last().clock, first.clock);
    Verdict verdict;
    verdict.finding = Finding::kInFlight;
    verdict.severity = is_same_head || is_stopped ? Severity::kLeak : Severity::kRisk;
    if (!hold.segments.empty()) {
      const SegmentUse* head = FindSegment(course.last(), hold.segments.front());
      if (head != nullptr) verdict.tag = head->tag;
    }
    verdict.segments = hold.segments;
    verdict.segments.resize(std::min(verdict.segments.size(), kMostExamples));
    verdict.processes = {hold.receiver};
    verdict.evidence = {{"descriptors", static_cast<double>(hold.descriptors)},
                        {"passes", static_cast<double>(count)},
                        {"seconds", static_cast<double>(nanos) / 1e9},
                        {"receiver_is_stopped", is_stopped ? 1.0 : 0.0}};
    const std::string receiver = Named(course.last(), hold.receiver);
    verdict.text = fmt::format("{} lie in socket {} of {} and are not received, for {} or longer{}",
                               Counted(hold.descriptors, "descriptor"), hold.socket_descriptor,
                               receiver, Lasting(nanos), is_stopped ? ": it is stopped" : "");
    verdict.advice =
        is_stopped ? fmt::format(
                         "continue it (kill -CONT {}) or end it; until then neither side owns them",
                         hold.receiver.pid)
                   : fmt::format("{} does not read this socket: look at what its thread waits for",
                                 receiver);
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

}  // namespace memtrack
