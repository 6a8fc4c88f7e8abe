#include "tools/memtrack/model/saturating.h"
#include "tools/memtrack/view/tables.h"

namespace memtrack {
namespace {

void AddTotals(const Model& model, const std::vector<const ProcessUse*>& shown,
               const TableOptions& options, Table& table) {
  ProcessUse sum;
  for (const ProcessUse* use : shown) {
    AddTo(sum.charged, use->charged);
    AddTo(sum.proportional, use->proportional);
    AddTo(sum.unique, use->unique);
    AddTo(sum.in_flight, use->in_flight);
  }
  std::uint64_t segments = 0;
  for (const SegmentUse& use : model.segments) segments += IsShown(model, use, options) ? 1 : 0;
  const Cell none = {"", "", std::nullopt};
  table.totals = {none,
                  BytesCell(sum.charged, options.cells),
                  BytesCell(sum.proportional, options.cells),
                  BytesCell(sum.unique, options.cells),
                  none,  // each piece counts in every process that has it: no sum makes sense
                  none,
                  CountCell(sum.in_flight),
                  CountCell(segments),
                  TextCell("of all")};
}

}  // namespace

Table ProcessTable(const Model& model, const TableOptions& options) {
  Table table;
  table.columns = {{"PID"},    {"SHARE"}, {"PSS"},  {"USS"},           {"HELD"},
                   {"MAPPED"}, {"FLY"},   {"SEGS"}, {"COMMAND", false}};
  std::vector<const ProcessUse*> shown;
  for (const ProcessUse& use : model.processes) {
    if (use.segments == 0 && use.in_flight == 0) continue;
    if (options.pid && *options.pid != use.process.key.pid) continue;
    shown.push_back(&use);
    std::string command = use.process.command;
    if (use.process.is_stopped) command += " (stopped)";
    table.rows.push_back({CountCell(static_cast<std::uint64_t>(use.process.key.pid)),
                          BytesCell(use.charged, options.cells),
                          BytesCell(use.proportional, options.cells),
                          BytesCell(use.unique, options.cells),
                          BytesCell(use.held, options.cells),
                          BytesCell(use.mapped, options.cells),
                          CountCell(use.in_flight),
                          CountCell(use.segments),
                          {TextCell(command).text, use.process.command, std::nullopt}});
  }
  SortBy(table, "SHARE", false);
  if (options.has_totals) AddTotals(model, shown, options, table);
  return table;
}

}  // namespace memtrack
