#include <fmt/format.h>

#include <algorithm>

#include <nlohmann/json.hpp>
#include <utility>

#include "tools/memtrack/cli/passes.h"
#include "tools/memtrack/cli/run.h"
#include "tools/memtrack/model/words.h"
#include "tools/memtrack/view/json_view.h"
#include "tools/memtrack/view/tables.h"
#include "tools/memtrack/view/verdict_text.h"

namespace memtrack {
namespace {

int ExitOf(const Model& model) {
  return model.coverage.is_partial() ? kExitPartial : kExitClean;
}

// What is missing is said beside a table, never in it.
void TellCoverage(const ViewOptions& view, const Model& model, Surroundings& surroundings) {
  if (view.format == Format::kText) surroundings.err << CoverageText(model);
}

bool Sort(const ViewOptions& view, Table& table, Surroundings& surroundings) {
  if (view.sort.empty()) {
    if (view.is_reversed) std::ranges::reverse(table.rows);
    return true;
  }
  if (SortBy(table, view.sort, view.is_reversed)) return true;
  surroundings.err << fmt::format("memtrack: there is no column `{}`; there are: {}\n",
                                  Displayable(view.sort), ColumnNames(table));
  return false;
}

int Show(const ViewOptions& view, Table table, const Model& model, Surroundings& surroundings) {
  if (!Sort(view, table, surroundings)) return kExitUsage;
  if (view.format == Format::kCsv) {
    surroundings.out << RenderCsv(table);
  } else {
    surroundings.out << RenderText(table, surroundings.width);
  }
  TellCoverage(view, model, surroundings);
  return ExitOf(model);
}

int Show(const nlohmann::ordered_json& json, const Model& model, Surroundings& surroundings) {
  surroundings.out << JsonText(json);
  return ExitOf(model);
}

}  // namespace

int Run(const ProcessesCommand& command, Surroundings& surroundings) {
  const ViewOptions& view = command.view;
  const auto model = ReadLast(command.source, view.share, surroundings);
  if (!model) return kExitUsage;
  if (view.format == Format::kJson) {
    return Show(ProcessesJson(*model, view.table), *model, surroundings);
  }
  return Show(view, ProcessTable(*model, view.table), *model, surroundings);
}

int Run(const SegmentsCommand& command, Surroundings& surroundings) {
  const ViewOptions& view = command.view;
  const auto model = ReadLast(command.source, view.share, surroundings);
  if (!model) return kExitUsage;
  if (view.format == Format::kJson) {
    return Show(SegmentsJson(*model, view.table), *model, surroundings);
  }
  return Show(view, SegmentTable(*model, view.table), *model, surroundings);
}

int Run(const TagsCommand& command, Surroundings& surroundings) {
  const ViewOptions& view = command.view;
  const auto series = ReadAll(command.source, view.share, surroundings);
  if (!series) return kExitUsage;
  const Model& last = series->models().back();
  if (view.format == Format::kJson) {
    return Show(TagsJson(series->models(), view.table), last, surroundings);
  }
  return Show(view, TagTable(series->models(), view.table), last, surroundings);
}

int Run(const GridCommand& command, Surroundings& surroundings) {
  const ViewOptions& view = command.view;
  const auto model = ReadLast(command.source, view.share, surroundings);
  if (!model) return kExitUsage;
  if (view.format == Format::kJson) {
    return Show(SegmentsJson(*model, view.table), *model, surroundings);
  }
  const bool is_text = view.format == Format::kText;
  const auto tables = GridTables(*model, view.table, is_text ? surroundings.width : 0);
  for (const Table& table : tables) {
    if (&table != &tables.front()) surroundings.out << "\n";
    surroundings.out << (is_text ? RenderText(table, surroundings.width) : RenderCsv(table));
  }
  TellCoverage(view, *model, surroundings);
  return ExitOf(*model);
}

int Run(const DiffCommand& command, Surroundings& surroundings) {
  const ViewOptions& view = command.view;
  SourceOptions source;
  source.recording = command.older;
  const auto older = ReadLast(source, view.share, surroundings);
  source.recording = command.newer;
  const auto newer = ReadLast(source, view.share, surroundings);
  if (!older || !newer) return kExitUsage;
  if (view.format == Format::kJson) {
    return Show(DiffJson(*older, *newer, view.table), *newer, surroundings);
  }
  return Show(view, DiffTable(*older, *newer, view.table), *newer, surroundings);
}

}  // namespace memtrack
