// The files of a run: those that were named, its preludes, and all that they include.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compiler/diag/diagnostic.h"
#include "compiler/parse/syntax.h"
#include "compiler/source/source_map.h"

namespace batonc {

// .idl, .idlh, .ipdl, .ipdlh.
bool HasKnownEnding(std::string_view path);

struct Loaded {
  std::vector<FileId> named;      // in the order they were named, each once
  std::vector<SyntaxTree> trees;  // by FileId; each knows whether it is a prelude
};

// Reads, lexes and parses. What cannot be read is reported and left out; circles are harmless. C++
// headers are not opened.
//
// `preludes` are paths, or kGeckoPrelude. A run with a file of IPDL's own dialect has Gecko's in
// any case, as Prelude::kImplied unless it was asked for.
Loaded Load(SourceMap& sources, const std::vector<std::string>& paths, Diagnostics& diagnostics,
            const std::vector<std::string>& preludes = {});

}  // namespace batonc
