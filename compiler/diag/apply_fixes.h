// What the fixes of some diagnostics make of a file.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "compiler/diag/diagnostic.h"
#include "compiler/diag/render.h"

namespace batonc {

struct FixedFiles {
  std::map<FileId, std::string> texts;  // of the files that change, whole
  std::size_t applied = 0;              // diagnostics whose fixes are in there
};

// The fixes of one diagnostic belong together: all of them, or none. Of two that touch the same
// bytes the first one wins; the other is for another round.
FixedFiles ApplyFixes(const FileLookup& files, const std::vector<Diagnostic>& sorted);

}  // namespace batonc
