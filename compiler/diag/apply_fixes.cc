#include "compiler/diag/apply_fixes.h"

#include <algorithm>

namespace batonc {
namespace {

using FixesOfFile = std::vector<const Fix*>;

// Insertions at one place do not commute, so they count as touching the same bytes.
bool Overlap(Span a, Span b) {
  if (a.begin == b.begin) return true;
  return a.begin < b.end && b.begin < a.end;
}

bool CollideAmongThemselves(const std::vector<Fix>& fixes) {
  for (std::size_t i = 0; i < fixes.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const bool same_file = fixes[i].span.file == fixes[j].span.file;
      if (same_file && Overlap(fixes[i].span, fixes[j].span)) return true;
    }
  }
  return false;
}

bool CollidesWith(const std::map<FileId, FixesOfFile>& chosen, const Fix& fix) {
  const auto file = chosen.find(fix.span.file);
  return file != chosen.end() && std::ranges::any_of(file->second, [&](const Fix* other) {
           return Overlap(other->span, fix.span);
         });
}

std::string Applied(std::string_view text, FixesOfFile fixes) {
  std::ranges::sort(fixes, {}, [](const Fix* fix) { return fix->span.begin; });
  std::string fixed;
  std::uint32_t at = 0;
  for (const Fix* fix : fixes) {
    fixed.append(text.substr(at, fix->span.begin - at)).append(fix->text);
    at = fix->span.end;
  }
  return fixed.append(text.substr(at));
}

}  // namespace

FixedFiles ApplyFixes(const FileLookup& files, const std::vector<Diagnostic>& sorted) {
  FixedFiles result;
  std::map<FileId, FixesOfFile> chosen;
  for (const Diagnostic& diagnostic : sorted) {
    const std::vector<Fix>& fixes = diagnostic.fixes;
    const bool collides =
        CollideAmongThemselves(fixes) ||
        std::ranges::any_of(fixes, [&](const Fix& fix) { return CollidesWith(chosen, fix); });
    if (fixes.empty() || collides) continue;
    for (const Fix& fix : diagnostic.fixes) chosen[fix.span.file].push_back(&fix);
    ++result.applied;
  }
  for (auto& [file, fixes] : chosen) {
    result.texts.emplace(file, Applied(files(file).text(), std::move(fixes)));
  }
  return result;
}

}  // namespace batonc
