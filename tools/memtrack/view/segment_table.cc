#include <fmt/format.h>

#include <algorithm>

#include "tools/memtrack/model/build_model.h"
#include "tools/memtrack/model/saturating.h"
#include "tools/memtrack/model/tag.h"
#include "tools/memtrack/model/words.h"
#include "tools/memtrack/view/tables.h"

namespace memtrack {
namespace {

// "weston(812) fd+map, gtk3-demo(901) map"
std::string HoldersText(const Model& model, const SegmentUse& use) {
  std::string text;
  for (const Holder& holder : use.holders) {
    const Process& process = model.processes[holder.process].process;
    const char* how = holder.is_revoked                            ? "revoked"
                      : holder.has_only_descriptors()              ? "fd"
                      : holder.mappings == holder.private_mappings ? "private"
                      : holder.descriptors > 0                     ? "fd+map"
                                                                   : "map";
    text +=
        fmt::format("{}{}({}) {}", text.empty() ? "" : ", ", process.command, process.key.pid, how);
  }
  for (const std::size_t receiver : use.in_flight_to) {
    const Process& process = model.processes[receiver].process;
    text += fmt::format("{}to {}({})", text.empty() ? "" : ", ", process.command, process.key.pid);
  }
  return text.empty() ? "nobody" : text;
}

// Who pays for all of it; "" where that are several, or nobody.
std::string OwnerText(const Model& model, const SegmentUse& use) {
  for (const Holder& holder : use.holders) {
    if (use.bytes > 0 && holder.charged == use.bytes) {
      return std::to_string(model.processes[holder.process].process.key.pid);
    }
  }
  return "";
}

void AddTotals(const Model& model, const TableOptions& options, Table& table) {
  std::uint64_t size = 0;
  std::uint64_t bytes = 0;
  for (const SegmentUse& use : model.segments) {
    if (!IsShown(model, use, options)) continue;
    AddTo(size, std::min(use.segment.size.value_or(use.bytes), kMostBytes));
    AddTo(bytes, use.bytes);
  }
  const Cell none = {"", "", std::nullopt};
  table.totals = {none,
                  none,
                  TextCell("of all"),
                  BytesCell(size, options.cells),
                  BytesCell(bytes, options.cells),
                  none,
                  none,
                  none,
                  none,
                  none,
                  TextCell(Counted(table.rows.size(), "segment"))};
}

}  // namespace

bool IsShown(const Model& model, const SegmentUse& use, const TableOptions& options) {
  if (!options.tag.empty() && options.tag != use.tag) return false;
  if (!options.pid) return true;
  return std::ranges::any_of(use.holders, [&](const Holder& holder) {
    return model.processes[holder.process].process.key.pid == *options.pid;
  });
}

Table SegmentTable(const Model& model, const TableOptions& options) {
  Table table;
  table.columns = {{"INODE"}, {"KIND", false}, {"TAG", false},    {"SIZE"},
                   {"RES"},   {"AGE"},         {"FDS"},           {"MAPS"},
                   {"FLY"},   {"OWNER"},       {"HOLDERS", false}};
  for (const SegmentUse& use : model.segments) {
    if (!IsShown(model, use, options)) continue;
    std::uint64_t descriptors = 0;
    std::uint64_t mappings = 0;
    for (const Holder& holder : use.holders) {
      descriptors += holder.descriptors;
      mappings += holder.mappings;
    }
    const std::string owner = OwnerText(model, use);
    table.rows.push_back({CountCell(use.segment.key.inode),
                          TextCell(WordOf(use.segment.key.kind)),
                          TextCell(use.tag),
                          BytesCell(use.segment.size, false, options.cells),
                          BytesCell(use.bytes, use.is_estimated, options.cells),
                          AgeCell(use.AgeAt(model.taken_at)),
                          CountCell(descriptors),
                          CountCell(mappings),
                          CountCell(use.in_flight_to.size()),
                          {owner.empty() ? "-" : owner, owner, std::nullopt},
                          TextCell(HoldersText(model, use))});
  }
  SortBy(table, "RES", false);
  if (options.has_totals) AddTotals(model, options, table);
  return table;
}

}  // namespace memtrack
