// The files of a run: those that were named, and all that they include.
#pragma once

#include <string>
#include <vector>

#include "compiler/diag/diagnostic.h"
#include "compiler/parse/syntax.h"
#include "compiler/source/source_map.h"

namespace batonc {

struct Loaded {
  std::vector<FileId> named;      // in the order they were named, each once
  std::vector<SyntaxTree> trees;  // by FileId
};

// Reads, lexes and parses. What cannot be read is reported and left out; circles are harmless.
Loaded Load(SourceMap& sources, const std::vector<std::string>& paths, Diagnostics& diagnostics);

}  // namespace batonc
