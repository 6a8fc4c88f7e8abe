#include <cmath>
#include <map>

#include "tools/memtrack/model/saturating.h"
#include "tools/memtrack/view/tables.h"

namespace memtrack {
namespace {

struct Sides {
  TagUse older;
  TagUse newer;
  std::uint64_t came = 0;
  std::uint64_t went = 0;
};

bool Has(const Model& model, const SegmentUse& use) {
  const SegmentUse* found = FindSegment(model, use.segment.key);
  return found != nullptr && IsSameSegment(found->segment, use.segment);
}

double Change(std::uint64_t older, std::uint64_t newer) {
  return static_cast<double>(newer) - static_cast<double>(older);
}

}  // namespace

Table DiffTable(const Model& older, const Model& newer, const TableOptions& options) {
  std::map<std::string, Sides> tags;
  for (const TagUse& tag : older.tags) tags[tag.tag].older = tag;
  for (const TagUse& tag : newer.tags) tags[tag.tag].newer = tag;
  for (const SegmentUse& use : older.segments) tags[use.tag].went += Has(newer, use) ? 0 : 1;
  for (const SegmentUse& use : newer.segments) tags[use.tag].came += Has(older, use) ? 0 : 1;
  Table table;
  table.columns = {{"SEGS"}, {"+SEGS"}, {"NEW"}, {"GONE"}, {"RES"}, {"+RES"}, {"TAG", false}};
  Sides sum;
  for (const auto& [name, sides] : tags) {
    if (!options.tag.empty() && options.tag != name) continue;
    AddTo(sum.older.segments, sides.older.segments);
    AddTo(sum.newer.segments, sides.newer.segments);
    AddTo(sum.older.bytes, sides.older.bytes);
    AddTo(sum.newer.bytes, sides.newer.bytes);
    sum.came += sides.came;
    sum.went += sides.went;
    if (sides.came + sides.went == 0 && sides.older.bytes == sides.newer.bytes) continue;
    table.rows.push_back(
        {CountCell(sides.newer.segments),
         CountChangeCell(Change(sides.older.segments, sides.newer.segments)), CountCell(sides.came),
         CountCell(sides.went), BytesCell(sides.newer.bytes, options.cells),
         ByteChangeCell(Change(sides.older.bytes, sides.newer.bytes), options.cells),
         TextCell(name)});
  }
  SortBy(table, "+RES", false);
  if (options.has_totals) {
    table.totals = {CountCell(sum.newer.segments),
                    CountChangeCell(Change(sum.older.segments, sum.newer.segments)),
                    CountCell(sum.came),
                    CountCell(sum.went),
                    BytesCell(sum.newer.bytes, options.cells),
                    ByteChangeCell(Change(sum.older.bytes, sum.newer.bytes), options.cells),
                    TextCell("of all")};
  }
  return table;
}

}  // namespace memtrack
