#include "compiler/diag/render.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
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

// The standard colours of a terminal: they follow its own scheme, light or dark.
constexpr std::string_view kPlain = "\x1b[0m";
constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kCyan = "\x1b[36m";
constexpr std::string_view kGreen = "\x1b[32m";

std::string_view ColourOf(Severity severity) {
  constexpr std::string_view kRed = "\x1b[1;31m";
  constexpr std::string_view kMagenta = "\x1b[1;35m";
  constexpr std::string_view kBoldCyan = "\x1b[1;36m";
  if (severity == Severity::kError) return kRed;
  return severity == Severity::kWarning ? kMagenta : kBoldCyan;
}

class Renderer {
 public:
  Renderer(const FileLookup& files, Colour colour) : files_(files), colour_(colour) {}

  void Add(const Diagnostic& diagnostic);
  std::string Take() { return std::move(out_); }

 private:
  void AddHeadline(const Diagnostic& diagnostic);
  void AddExcerpt(const SourceFile& file, Span span, char underline, std::string_view colour);
  void AddFix(const Fix& fix);
  void AddPlace(Span span);
  void Paint(std::string_view colour, std::string_view text);

  const FileLookup& files_;
  Colour colour_;
  std::string out_;
};

void Renderer::Paint(std::string_view colour, std::string_view text) {
  if (colour_ == Colour::kNever) {
    out_ += text;
  } else {
    out_.append(colour).append(text).append(kPlain);
  }
}

void Renderer::AddExcerpt(const SourceFile& file, Span span, char underline,
                          std::string_view colour) {
  const Excerpt excerpt = ExcerptAt(file, span.begin);
  const DisplayedText shown = DisplayLine(excerpt.text);
  const auto column = [&](std::uint32_t offset) {
    const std::size_t byte = std::min<std::size_t>(offset - excerpt.begin, excerpt.text.size());
    return shown.column_of[byte];
  };
  const std::size_t begin = column(span.begin);
  const std::size_t end = std::max(column(span.end), begin + 1);
  out_ += fmt::format("{:5} | {}\n", file.PlaceOf(span.begin).line, shown.text);
  out_ += fmt::format("      | {:{}}", "", begin);
  Paint(colour, std::string(end - begin, underline));
  out_ += '\n';
}

// The line as it would be; a fix never spans lines.
void Renderer::AddFix(const Fix& fix) {
  const Excerpt excerpt = ExcerptAt(files_(fix.span.file), fix.span.begin);
  const std::size_t begin =
      std::min<std::size_t>(fix.span.begin - excerpt.begin, excerpt.text.size());
  const std::size_t end = std::min<std::size_t>(fix.span.end - excerpt.begin, excerpt.text.size());
  std::string line(excerpt.text.substr(0, begin));
  line.append(fix.text).append(excerpt.text.substr(end));
  out_ += "  fix | ";
  Paint(kGreen, Displayable(line));
  out_ += '\n';
}

void Renderer::AddPlace(Span span) {
  const SourceFile& file = files_(span.file);
  const Place place = file.PlaceOf(span.begin);
  Paint(kBold, fmt::format("{}:{}:{}:", Displayable(file.path()), place.line, place.column));
  out_ += ' ';
}

void Renderer::AddHeadline(const Diagnostic& diagnostic) {
  Paint(ColourOf(diagnostic.severity),
        fmt::format("{}[{}]:", WordOf(diagnostic.severity), CodeOf(diagnostic)));
  out_ += ' ';
  Paint(kBold, Displayable(diagnostic.text));
  out_ += '\n';
}

void Renderer::Add(const Diagnostic& diagnostic) {
  if (diagnostic.span == kNoPlace) {
    out_ += "batonc: ";
    return AddHeadline(diagnostic);
  }
  AddPlace(diagnostic.span);
  AddHeadline(diagnostic);
  AddExcerpt(files_(diagnostic.span.file), diagnostic.span, '^', ColourOf(diagnostic.severity));
  for (const Fix& fix : diagnostic.fixes) AddFix(fix);
  for (const Note& note : diagnostic.notes) {
    AddPlace(note.span);
    out_ += fmt::format("note: {}\n", Displayable(note.text));
    AddExcerpt(files_(note.span.file), note.span, '-', kCyan);
  }
}

}  // namespace

FileLookup FilesOf(const SourceMap& sources) {
  return [&sources](FileId id) -> const SourceFile& { return sources.file(id); };
}

std::string_view WordOf(Severity severity) {
  if (severity == Severity::kError) return "error";
  return severity == Severity::kWarning ? "warning" : "note";
}

std::string CodeOf(const Diagnostic& diagnostic) {
  return fmt::format("E{:04}", diagnostic.number);
}

std::string WithoutColour(std::string_view rendered) {
  std::string plain;
  while (!rendered.empty()) {
    const std::size_t escape = rendered.find('\x1b');
    plain += rendered.substr(0, escape);
    if (escape == rendered.npos) break;
    const std::size_t end = rendered.find('m', escape);
    rendered.remove_prefix(end == rendered.npos ? rendered.size() : end + 1);
  }
  return plain;
}

std::string Render(const SourceMap& sources, const Diagnostic& diagnostic) {
  const FileLookup files = FilesOf(sources);
  Renderer renderer(files, Colour::kNever);
  renderer.Add(diagnostic);
  return renderer.Take();
}

std::string RenderAll(const SourceMap& sources, const Diagnostics& diagnostics) {
  return RenderAll(FilesOf(sources), diagnostics.Sorted(), diagnostics.dropped(), Colour::kNever);
}

std::string RenderAll(const FileLookup& files, std::vector<Diagnostic> sorted, std::size_t dropped,
                      Colour colour) {
  std::vector<Diagnostic>& shown = sorted;
  std::size_t hidden = dropped;
  if (shown.size() > kMaxShown) {
    hidden += shown.size() - kMaxShown;
    std::ranges::stable_sort(shown, {}, &Diagnostic::severity);
    shown.resize(kMaxShown);
  }
  std::string out;
  for (const Diagnostic& diagnostic : shown) {
    if (!out.empty()) out += '\n';
    Renderer renderer(files, colour);
    renderer.Add(diagnostic);
    out += renderer.Take();
  }
  if (hidden > 0) out += fmt::format("\nbatonc: and {} more\n", hidden);
  return out;
}

}  // namespace batonc
