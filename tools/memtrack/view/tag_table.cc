#include "tools/memtrack/rules/samples.h"
#include "tools/memtrack/view/tables.h"

namespace memtrack {
namespace {

SamplesBy<std::string> SamplesOf(std::span<const Model> models) {
  SamplesBy<std::string> tags(models);
  for (std::size_t i = 0; i < models.size(); ++i) {
    for (const TagUse& tag : models[i].tags) {
      tags.Add(tag.tag, i, tag.segments, static_cast<double>(tag.bytes));
    }
  }
  return tags;
}

}  // namespace

Table TagTable(std::span<const Model> models, const TableOptions& options) {
  Table table;
  table.columns = {{"SEGS"}, {"SIZE"}, {"RES"}, {"PROCS"}};
  const bool has_changes = models.size() > 1;
  if (has_changes) {
    table.columns.push_back({"SEGS/MIN"});
    table.columns.push_back({"RES/MIN"});
  }
  table.columns.push_back({"TAG", false});
  const SamplesBy<std::string> samples = SamplesOf(models);
  TagUse sum;
  for (const TagUse& tag : models.back().tags) {
    if (!options.tag.empty() && options.tag != tag.tag) continue;
    AddTo(sum.segments, tag.segments);
    AddTo(sum.size, tag.size);
    AddTo(sum.bytes, tag.bytes);
    std::vector<Cell> row = {CountCell(tag.segments), BytesCell(tag.size, options.cells),
                             BytesCell(tag.bytes, options.cells), CountCell(tag.processes)};
    if (has_changes) {
      const Samples& course = samples.all().at(tag.tag);
      row.push_back(CountChangeCell(TheilSenSlope(course.counts)));
      row.push_back(ByteChangeCell(TheilSenSlope(course.bytes), options.cells));
    }
    row.push_back(TextCell(tag.tag));
    table.rows.push_back(std::move(row));
  }
  SortBy(table, "RES", false);
  if (options.has_totals) {
    table.totals = {CountCell(sum.segments), BytesCell(sum.size, options.cells),
                    BytesCell(sum.bytes, options.cells)};
    table.totals.resize(table.columns.size() - 1);
    table.totals.push_back(TextCell("of all"));
  }
  return table;
}

}  // namespace memtrack
