// Changes as diagnostics, which know how to be shown. What breaks the wire is an error, what breaks
// the source a warning, and the rest are notes.
#pragma once

#include <vector>

#include "compiler/diag/diagnostic.h"
#include "compiler/diag/render.h"
#include "compiler/diff/change.h"
#include "compiler/source/source_map.h"

namespace batonc {

class DiffRenderer {
 public:
  // Both must outlive this and what it returns.
  DiffRenderer(const SourceMap& older, const SourceMap& newer) : older_(older), newer_(newer) {}

  // By place, those in the newer state first. Their spans are for Files() only: the numbers of the
  // older state's files come after those of the newer one's.
  std::vector<Diagnostic> DiagnosticsOf(const std::vector<Change>& changes) const;

  FileLookup Files() const;

 private:
  Diagnostic DiagnosticOf(const Change& change) const;
  Span SpanOf(const ChangePlace& place) const;

  const SourceMap& older_;
  const SourceMap& newer_;
};

}  // namespace batonc
