// The compiler is a few function calls: each stage takes the finished product of the one before.
//
// Stages that take Diagnostics may complain; Lower and Emit do not, so they cannot fail.
#pragma once

#include <string>
#include <vector>

#include "compiler/diag/diagnostic.h"
#include "compiler/driver/options.h"
#include "compiler/emit/emit.h"
#include "compiler/source/source_map.h"

namespace batonc {

// All output for the files that `input` names, in that order; nothing for files that are merely
// included. Empty when `diagnostics` has errors. `input.roots` are those of `sources` already.
std::vector<OutputFile> Compile(SourceMap& sources, const InputOptions& input,
                                Diagnostics& diagnostics);
std::vector<OutputFile> Compile(SourceMap& sources, const std::vector<std::string>& paths,
                                Diagnostics& diagnostics);

// The same without the output.
void CheckOnly(SourceMap& sources, const std::vector<std::string>& paths, Diagnostics& diagnostics);

}  // namespace batonc
