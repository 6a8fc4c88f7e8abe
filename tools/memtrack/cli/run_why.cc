#include <fmt/format.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "tools/memtrack/cli/passes.h"
#include "tools/memtrack/cli/run.h"
#include "tools/memtrack/rules/rules.h"
#include "tools/memtrack/view/json_view.h"
#include "tools/memtrack/view/verdict_text.h"
#include "tools/memtrack/view/why.h"

namespace memtrack {
namespace {

int AsJson(const WhyCommand& command, const Series& series, const std::vector<Verdict>& verdicts,
           Surroundings& surroundings) {
  const Model& model = series.models().back();
  nlohmann::ordered_json json = VerdictsJson(series.models(), verdicts);
  json["view"] = "why";
  TableOptions options;
  if (command.may_be_process && command.number <= std::numeric_limits<int>::max()) {
    options.pid = static_cast<int>(command.number);
    json["processes"] = ProcessesJson(model, options)["processes"];
  }
  if (command.may_be_inode) {
    json["segments"] = nlohmann::ordered_json::array();
    auto all = SegmentsJson(model, {});
    for (auto& segment : all["segments"]) {
      if (segment["inode"] == command.number) json["segments"].push_back(std::move(segment));
    }
  }
  surroundings.out << JsonText(json);
  return model.coverage.is_partial() ? kExitPartial : kExitClean;
}

}  // namespace

int Run(const WhyCommand& command, Surroundings& surroundings) {
  const auto series = ReadAll(command.source, command.view.share, surroundings);
  if (!series) return kExitUsage;
  const Course course = series->course();
  const std::vector<Verdict> verdicts = Judge(course, {});
  std::string text;
  if (command.may_be_process && command.number <= std::numeric_limits<int>::max()) {
    text = WhyProcess(course, verdicts, static_cast<int>(command.number));
  }
  if (command.may_be_inode) {
    const std::string segment = WhySegment(course, verdicts, command.number);
    if (!text.empty() && !segment.empty()) text += "\n";
    text += segment;
  }
  if (text.empty()) {
    surroundings.err << fmt::format("memtrack: there is no process and no memory {}\n",
                                    command.number);
    return kExitUsage;
  }
  if (command.view.format == Format::kJson) return AsJson(command, *series, verdicts, surroundings);
  surroundings.out << text;
  surroundings.err << CoverageText(course.last());
  return course.last().coverage.is_partial() ? kExitPartial : kExitClean;
}

}  // namespace memtrack
