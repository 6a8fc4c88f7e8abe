// Two checked models, and what it means for peers and for users to go from one to the other.
//
// Declarations are the same when their full names are. What has another name counts as renamed when
// it stands where the old one stood, on the wire or as the type of something. docs/compatibility.md
// has the rules.
#pragma once

#include <vector>

#include "compiler/check/model.h"
#include "compiler/diff/change.h"

namespace batonc {

struct DiffSettings {
  // Whether a declaration that moved to another file is worth a word: false when two single files
  // are compared, which may be called anything.
  bool files_matter = true;
};

// Both are without errors. In no particular order.
std::vector<Change> Diff(const Model& older, const Model& newer, const DiffSettings& settings);

}  // namespace batonc
