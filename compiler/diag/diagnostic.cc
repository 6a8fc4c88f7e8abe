#include "compiler/diag/diagnostic.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace batonc {
namespace internal {

std::string Fill(std::string_view text, std::initializer_list<std::string> arguments) {
  std::string filled;
  for (const std::string& argument : arguments) {
    const std::size_t slot = text.find("{}");
    filled.append(text.substr(0, slot)).append(argument);
    text.remove_prefix(slot + 2);
  }
  return filled.append(text);
}

}  // namespace internal

namespace {

// What concerns no file comes first.
auto Order(const Diagnostic& diagnostic) {
  return std::make_tuple(diagnostic.span.file != kNoPlace.file, diagnostic.span.file,
                         diagnostic.span.begin, diagnostic.span.end, diagnostic.number,
                         std::string_view(diagnostic.text));
}

}  // namespace

Diagnostic& Diagnostics::Add(Diagnostic diagnostic) {
  const bool is_error = diagnostic.severity == Severity::kError;
  if (is_error) files_with_errors_.insert(diagnostic.span.file);
  const std::size_t kept = is_error ? all_.size() - warnings_kept_ : warnings_kept_;
  if (kept < kMaxKept) {
    if (!is_error) ++warnings_kept_;
    return all_.emplace_back(std::move(diagnostic));
  }
  ++dropped_;
  beyond_ = std::move(diagnostic);
  return beyond_;
}

std::vector<Diagnostic> Diagnostics::Sorted() const {
  std::vector<Diagnostic> sorted(all_.begin(), all_.end());
  std::ranges::stable_sort(sorted, {}, Order);
  const auto same = [](const Diagnostic& a, const Diagnostic& b) { return Order(a) == Order(b); };
  sorted.erase(std::unique(sorted.begin(), sorted.end(), same), sorted.end());
  return sorted;
}

}  // namespace batonc
