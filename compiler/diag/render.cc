#include "compiler/diag/render.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "compiler/diag/displayed_text.h"

namespace batonc {
namespace {

constexpr std::size_t kMaxBytesShown = 160;  // of one line, around what matters

constexpr std::size_t kMaxShown = 50;  // problems; whoever has more fixes those first

// A line of a file, or the part of it that is shown.
struct Excerpt {
  std::uint32_t begin = 0;  // offset in the file
  std::string_view text;
};

Excerpt ExcerptAt(const SourceFile& file, std::uint32_t offset) {
  Excerpt excerpt{file.LineBegin(offset), file.LineAt(offset)};
  if (excerpt.text.size() <= kMaxBytesShown) return excerpt;
  const std::size_t at = std::min<std::size_t>(offset - excerpt.begin, excerpt.text.size());
  const std::size_t skipped = at < kMaxBytesShown / 2 ? 0 : at - kMaxBytesShown / 2;
  return {excerpt.begin + static_cast<std::uint32_t>(skipped),
          excerpt.text.substr(skipped, kMaxBytesShown)};
}

void AppendExcerpt(std::string& out, const SourceFile& file, Span span, char underline) {
  const Excerpt excerpt = ExcerptAt(file, span.begin);
  const DisplayedText shown = DisplayLine(excerpt.text);
  const auto column = [&](std::uint32_t offset) {
    const std::size_t byte = std::min<std::size_t>(offset - excerpt.begin, excerpt.text.size());
    return shown.column_of[byte];
  };
  const std::size_t begin = column(span.begin);
  const std::size_t end = std::max(column(span.end), begin + 1);
  out += fmt::format("{:5} | {}\n", file.PlaceOf(span.begin).line, shown.text);
  out += fmt::format("      | {:{}}{}\n", "", begin, std::string(end - begin, underline));
}

// The line as it would be; a fix never spans lines.
void AppendFix(std::string& out, const SourceFile& file, const Fix& fix) {
  const Excerpt excerpt = ExcerptAt(file, fix.span.begin);
  const std::size_t begin =
      std::min<std::size_t>(fix.span.begin - excerpt.begin, excerpt.text.size());
  const std::size_t end = std::min<std::size_t>(fix.span.end - excerpt.begin, excerpt.text.size());
  std::string line(excerpt.text.substr(0, begin));
  line.append(fix.text).append(excerpt.text.substr(end));
  out += fmt::format("  fix | {}\n", Displayable(line));
}

void AppendPlace(std::string& out, const SourceMap& sources, Span span) {
  const SourceFile& file = sources.file(span.file);
  const Place place = file.PlaceOf(span.begin);
  out += fmt::format("{}:{}:{}: ", Displayable(file.path()), place.line, place.column);
}

}  // namespace

std::string Render(const SourceMap& sources, const Diagnostic& diagnostic) {
  const std::string_view word = diagnostic.severity == Severity::kError ? "error" : "warning";
  const std::string headline =
      fmt::format("{}[E{:04}]: {}\n", word, diagnostic.number, Displayable(diagnostic.text));
  if (diagnostic.span == kNoPlace) return "batonc: " + headline;

  std::string out;
  AppendPlace(out, sources, diagnostic.span);
  out += headline;
  AppendExcerpt(out, sources.file(diagnostic.span.file), diagnostic.span, '^');
  for (const Fix& fix : diagnostic.fixes) AppendFix(out, sources.file(fix.span.file), fix);
  for (const Note& note : diagnostic.notes) {
    AppendPlace(out, sources, note.span);
    out += fmt::format("note: {}\n", Displayable(note.text));
    AppendExcerpt(out, sources.file(note.span.file), note.span, '-');
  }
  return out;
}

std::string RenderAll(const SourceMap& sources, const Diagnostics& diagnostics) {
  std::vector<Diagnostic> shown = diagnostics.Sorted();
  std::size_t hidden = diagnostics.dropped();
  if (shown.size() > kMaxShown) {
    hidden += shown.size() - kMaxShown;
    std::stable_partition(shown.begin(), shown.end(), [](const Diagnostic& diagnostic) {
      return diagnostic.severity == Severity::kError;
    });
    shown.resize(kMaxShown);
  }
  std::string out;
  for (const Diagnostic& diagnostic : shown) {
    if (!out.empty()) out += '\n';
    out += Render(sources, diagnostic);
  }
  if (hidden > 0) out += fmt::format("\nbatonc: and {} more\n", hidden);
  return out;
}

}  // namespace batonc
