#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "tools/memtrack/model/words.h"
#include "tools/memtrack/view/tables.h"

namespace memtrack {
namespace {

constexpr std::size_t kLabelWidth = 30;    // of inode and tag
constexpr std::size_t kProcessWidth = 16;  // with the gap before it

Cell HoldCell(const SegmentUse& use, std::size_t process) {
  for (const Holder& holder : use.holders) {
    if (holder.process != process) continue;
    const std::string text =
        fmt::format("{}({}){}", holder.descriptors, holder.mappings, holder.is_revoked ? "r" : "");
    return {text, text, std::nullopt};
  }
  const bool is_in_flight = std::ranges::count(use.in_flight_to, process) > 0;
  const std::string text = is_in_flight ? "fly" : "";
  return {is_in_flight ? text : ".", text, std::nullopt};
}

std::string TitleOf(const Process& process) {
  const std::string pid = fmt::format("({})", process.key.pid);
  const std::size_t room = kProcessWidth - 2 - std::min<std::size_t>(pid.size(), 10);
  return std::string(FirstCharacters(Displayable(process.command), room)) + pid;
}

Table Block(const Model& model, const std::vector<const SegmentUse*>& segments,
            std::span<const std::size_t> processes) {
  Table table;
  table.columns = {{"INODE"}, {"TAG", false}};
  for (const std::size_t process : processes) {
    table.columns.push_back({TitleOf(model.processes[process].process)});
  }
  for (const SegmentUse* use : segments) {
    std::vector<Cell> row = {CountCell(use->segment.key.inode), TextCell(use->tag)};
    for (const std::size_t process : processes) row.push_back(HoldCell(*use, process));
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace

std::vector<Table> GridTables(const Model& model, const TableOptions& options, std::size_t width) {
  std::vector<const SegmentUse*> segments;
  std::set<std::size_t> concerned;
  for (const SegmentUse& use : model.segments) {
    if (!IsShown(model, use, options)) continue;
    segments.push_back(&use);
    for (const Holder& holder : use.holders) concerned.insert(holder.process);
    concerned.insert(use.in_flight_to.begin(), use.in_flight_to.end());
  }
  const std::vector<std::size_t> processes(concerned.begin(), concerned.end());
  std::size_t in_block = std::max<std::size_t>(processes.size(), 1);
  if (width > 0) {
    const std::size_t rest = width > kLabelWidth ? width - kLabelWidth : 0;
    in_block = std::max<std::size_t>(rest / kProcessWidth, 1);
  }
  std::vector<Table> tables;
  for (std::size_t at = 0; at < processes.size() || tables.empty(); at += in_block) {
    const std::size_t count = std::min(in_block, processes.size() - at);
    tables.push_back(Block(model, segments, std::span(processes).subspan(at, count)));
  }
  return tables;
}

}  // namespace memtrack
