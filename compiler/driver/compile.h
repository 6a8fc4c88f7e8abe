// The compiler is a few function calls: each stage takes the finished product of the one before.
//
// Stages that take Diagnostics may complain; Lower and Emit do not, so they cannot fail.
#pragma once

#include <string>
#include <vector>

#include "compiler/diag/diagnostic.h"
#include "compiler/emit/emit.h"
#include "compiler/source/source_map.h"

namespace batonc {

// All output for the files that were named, in the order they were named; nothing for files that
// were merely included. Empty when `diagnostics` has errors.
struct Generated {
  std::vector<OutputFile> files;
};

// `paths` as given on the command line.
Generated Compile(SourceMap& sources, const std::vector<std::string>& paths,
                  Diagnostics& diagnostics);

// The same without the output: everything up to the checked model.
void CheckOnly(SourceMap& sources, const std::vector<std::string>& paths,
               Diagnostics& diagnostics);

}  // namespace batonc
