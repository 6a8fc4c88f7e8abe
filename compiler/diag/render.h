// Diagnostics as text for people and editors.
//
//   camera.idl:8:15: error[E0301]: unknown type `Shmen`
//       8 |   async Start(Shmen pixels, uint32 stride);
//         |               ^^^^^
//     fix |   async Start(Shmem pixels, uint32 stride);
//
// Columns count characters. Tabs are shown as spaces, and what a terminal would act on (control
// characters, changes of direction, broken UTF-8) as U+FFFD, so that carets stand where they
// should. Colours are the only escape sequences in what comes out.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/diag/diagnostic.h"
#include "compiler/source/source_map.h"

namespace batonc {

enum class Colour : bool { kNever, kAlways };

// Whose spans the diagnostics have. Of a SourceMap, or of several.
using FileLookup = std::function<const SourceFile&(FileId)>;

// `sources` must outlive the result.
FileLookup FilesOf(const SourceMap& sources);

// One diagnostic with its notes and fixes; ends in a line break.
std::string Render(const SourceMap& sources, const Diagnostic& diagnostic);

// The first 50, with an empty line between two, and how many more there are. If there are more,
// then errors come before warnings.
std::string RenderAll(const SourceMap& sources, const Diagnostics& diagnostics);

// The same of some that are sorted, `dropped` of which have not been kept.
std::string RenderAll(const FileLookup& files, std::vector<Diagnostic> sorted, std::size_t dropped,
                      Colour colour);

// Text that has been rendered in colour, without it.
std::string WithoutColour(std::string_view rendered);

// "error", "warning", "note"
std::string_view WordOf(Severity severity);

// "E0301"
std::string CodeOf(const Diagnostic& diagnostic);

}  // namespace batonc
