// Diagnostics as text for people and editors.
//
//   camera.idl:8:15: error[E0301]: unknown type `Shmen`
//       8 |   async Start(Shmen pixels, uint32 stride);
//         |               ^^^^^
//     fix |   async Start(Shmem pixels, uint32 stride);
//
// Columns count characters. Tabs are shown as spaces, and what a terminal would act on (control
// characters, changes of direction, broken UTF-8) as U+FFFD, so that carets stand where they
// should.
#pragma once

#include <string>

#include "compiler/diag/diagnostic.h"
#include "compiler/source/source_map.h"

namespace batonc {

// One diagnostic with its notes and fixes; ends in a line break.
std::string Render(const SourceMap& sources, const Diagnostic& diagnostic);

// The first 50, with an empty line between two, and how many more there are. If there are more,
// then errors come before warnings.
std::string RenderAll(const SourceMap& sources, const Diagnostics& diagnostics);

}  // namespace batonc
