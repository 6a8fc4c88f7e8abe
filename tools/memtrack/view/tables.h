// The tables of memtrack: one function for each.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tools/memtrack/model/model.h"
#include "tools/memtrack/view/cells.h"
#include "tools/memtrack/view/table.h"

namespace memtrack {

struct TableOptions {
  CellOptions cells;
  bool has_totals = false;
  std::string tag;         // only of this one; empty: all
  std::optional<int> pid;  // only what this process holds
};

// Whether a segment is one of those that are asked for.
bool IsShown(const Model& model, const SegmentUse& use, const TableOptions& options);

// PID SHARE PSS USS HELD MAPPED FLY SEGS COMMAND, largest share first; processes that hold nothing
// are left out.
Table ProcessTable(const Model& model, const TableOptions& options);

// INODE KIND TAG SIZE RES AGE FDS MAPS FLY OWNER HOLDERS, largest first.
Table SegmentTable(const Model& model, const TableOptions& options);

// TAG SEGS SIZE RES PROCS, and the changes per minute over all models when there are several.
Table TagTable(std::span<const Model> models, const TableOptions& options);

// Segments by processes; each cell is `descriptors(mappings)`, with `r` where Baton has revoked it.
// Several tables one below the other when the processes do not fit `width`; 0: one.
std::vector<Table> GridTables(const Model& model, const TableOptions& options, std::size_t width);

// TAG SEGS +SEGS RES +RES NEW GONE: by tag, only those that differ.
Table DiffTable(const Model& older, const Model& newer, const TableOptions& options);

}  // namespace memtrack
