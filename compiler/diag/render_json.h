// Diagnostics for programs: docs/diagnostics-json.md.
#pragma once

#include <string>
#include <vector>

#include "compiler/diag/diagnostic.h"
#include "compiler/diag/render.h"

namespace batonc {

// One JSON object per line, for each of `sorted`; all of them, however many.
std::string RenderJsonLines(const FileLookup& files, const std::vector<Diagnostic>& sorted);

}  // namespace batonc
