// `batonc format`: one look for all .idl and .ipdl files.
//
// Tokens and comments stay as they are and in their order; only the space between them changes. At
// most one empty line is kept where there were some. Formatting twice changes nothing.
#pragma once

#include <optional>
#include <string>

#include "compiler/diag/diagnostic.h"
#include "compiler/source/source_file.h"

namespace batonc {

// The new text. Nothing if the file has errors of characters or grammar: they have been reported.
std::optional<std::string> FormatSource(const SourceFile& source, Diagnostics& diagnostics);

}  // namespace batonc
