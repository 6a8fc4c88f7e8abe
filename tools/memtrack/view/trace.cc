#include "tools/memtrack/view/trace.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tools/memtrack/model/saturating.h"

namespace memtrack {
namespace {

using Json = nlohmann::ordered_json;

// Of memtrack's own rows: no process has this number.
constexpr int kNoPid = 0;

std::string Line(const Json& event) {
  return event.dump(-1, ' ', true, Json::error_handler_t::replace) + ",\n";
}

std::string NameOf(int pid, const std::string& name) {
  return Line({{"ph", "M"}, {"name", "process_name"}, {"pid", pid}, {"args", {{"name", name}}}});
}

std::string Counter(const std::string& name, int pid, double time, Json values) {
  return Line(
      {{"ph", "C"}, {"name", name}, {"pid", pid}, {"ts", time}, {"args", std::move(values)}});
}

}  // namespace

// Where the clock on the wall was at first, and from there by one that nobody sets.
double TraceText::TimeOf(const Model& model) {
  if (!begin_) begin_.emplace(model.taken_at, model.clock);
  const std::int64_t passed = Difference(model.clock, begin_->second);
  return (static_cast<double>(begin_->first) + static_cast<double>(passed)) / 1000;
}

std::string TraceText::Counters(const Model& model) {
  const double time = TimeOf(model);
  std::string text;
  for (const TagUse& tag : model.tags) tags_.insert(tag.tag);
  for (const std::string& name : tags_) {
    const auto tag = std::ranges::find(model.tags, name, &TagUse::tag);
    const bool is_there = tag != model.tags.end();
    text += Counter("shm/" + name, kNoPid, time, {{"bytes", is_there ? tag->bytes : 0}});
    text += Counter("segments/" + name, kNoPid, time, {{"segments", is_there ? tag->segments : 0}});
  }
  text += Counter("ghosts", kNoPid, time, {{"bytes", model.machine.ghosts()}});
  for (const ProcessUse& use : model.processes) {
    const bool is_known = named_.contains(use.process.key);
    if (!is_known && use.segments == 0) continue;
    const int pid = use.process.key.pid;
    if (!is_known) text += NameOf(pid, use.process.command);
    named_.insert(use.process.key);
    text += Counter("shm", pid, time,
                    {{"charged", use.charged}, {"unique", use.unique}, {"held", use.held}});
  }
  return text;
}

std::string TraceText::EventsOf(const Model& model, const std::vector<Verdict>& verdicts) {
  std::string text;
  if (!begin_) text += "[\n" + NameOf(kNoPid, "memtrack");
  text += Counters(model);
  for (const Verdict& verdict : verdicts) {
    const bool is_told = std::ranges::any_of(
        told_, [&](const Verdict& told) { return IsSameMatter(told, verdict); });
    if (is_told) continue;
    told_.push_back(verdict);
    text += Line({{"ph", "i"},
                  {"s", "g"},
                  {"name", std::string(WordOf(verdict.severity)) + " " +
                               std::string(WordOf(verdict.finding)) + " " + verdict.tag},
                  {"pid", verdict.processes.empty() ? kNoPid : verdict.processes.front().pid},
                  {"tid", 0},
                  {"ts", TimeOf(model)},
                  {"args", {{"text", verdict.text}, {"advice", verdict.advice}}}});
  }
  return text;
}

}  // namespace memtrack
