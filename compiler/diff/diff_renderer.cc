#include "compiler/diff/diff_renderer.h"

#include <algorithm>
#include <string_view>
#include <tuple>

#include "compiler/diag/problems.h"

namespace batonc {
namespace {

Severity SeverityOf(Breaks breaks) {
  if (breaks == Breaks::kWire) return Severity::kError;
  return breaks == Breaks::kSource ? Severity::kWarning : Severity::kNote;
}

auto Order(const Diagnostic& change) {
  return std::make_tuple(change.span.file, change.span.begin, change.number,
                         std::string_view(change.text));
}

}  // namespace

std::vector<Diagnostic> DiffRenderer::DiagnosticsOf(const std::vector<Change>& changes) const {
  std::vector<Diagnostic> sorted;
  for (const Change& change : changes) sorted.push_back(DiagnosticOf(change));
  std::ranges::stable_sort(sorted, {}, Order);
  return sorted;
}

FileLookup DiffRenderer::Files() const {
  return [&older = older_, &newer = newer_](FileId id) -> const SourceFile& {
    const auto number = static_cast<std::size_t>(id);
    if (number < newer.size()) return newer.file(id);
    return older.file(FileId{static_cast<std::uint32_t>(number - newer.size())});
  };
}

Diagnostic DiffRenderer::DiagnosticOf(const Change& change) const {
  Diagnostic diagnostic{
      SeverityOf(change.breaks), change.number, SpanOf(change.place), change.text, {}, {}};
  if (change.other) {
    const bool is_older = change.other->edition == Edition::kOlder;
    diagnostic.Because(is_older ? kOlderIsHere : kNewerIsHere, SpanOf(*change.other));
  }
  return diagnostic;
}

Span DiffRenderer::SpanOf(const ChangePlace& place) const {
  Span span = place.span;
  if (place.edition == Edition::kOlder) {
    span.file =
        FileId{static_cast<std::uint32_t>(span.file) + static_cast<std::uint32_t>(newer_.size())};
  }
  return span;
}

}  // namespace batonc
