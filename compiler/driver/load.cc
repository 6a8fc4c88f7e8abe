#include "compiler/driver/load.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "compiler/diag/problems.h"
#include "compiler/lex/lexer.h"
#include "compiler/parse/parser.h"

namespace batonc {
namespace {

// IPDL's own dialect is known, but not read yet.
bool HasOurEnding(const std::string& path, Span place, Diagnostics& diagnostics) {
  const auto ending = std::filesystem::path(path).extension();
  if (ending == ".idl" || ending == ".idlh") return true;
  if (ending == ".ipdl" || ending == ".ipdlh") {
    diagnostics.Report(kUnsupported, place, "the dialect of `" + path + "`");
  } else {
    diagnostics.Report(kWrongEnding, place, path);
  }
  return false;
}

void OpenNamed(SourceMap& sources, const std::string& path, Loaded& loaded,
               Diagnostics& diagnostics) {
  if (!HasOurEnding(path, kNoPlace, diagnostics)) return;
  const auto opened = sources.Open(path);
  if (!opened.has_value()) {
    diagnostics.Report(kCannotRead, kNoPlace, path, opened.error().message());
  } else if (std::ranges::count(loaded.named, *opened) == 0) {
    loaded.named.push_back(*opened);
  }
}

void OpenInclude(SourceMap& sources, IncludeSyntax& include, Diagnostics& diagnostics) {
  if (!HasOurEnding(include.path, include.span, diagnostics)) return;
  const auto opened = sources.OpenInclude(include.span.file, include.path);
  if (opened.has_value()) {
    include.target = *opened;
  } else if (opened.error() == std::errc::no_such_file_or_directory) {
    diagnostics.Report(kIncludeNotFound, include.span, include.path);
  } else {
    diagnostics.Report(kCannotRead, include.span, include.path, opened.error().message());
  }
}

}  // namespace

Loaded Load(SourceMap& sources, const std::vector<std::string>& paths, Diagnostics& diagnostics) {
  Loaded loaded;
  for (const std::string& path : paths) OpenNamed(sources, path, loaded, diagnostics);
  for (std::size_t i = 0; i < sources.size(); ++i) {  // grows while its includes are opened
    const SourceFile& source = sources.file(FileId{static_cast<std::uint32_t>(i)});
    const TokenBuffer tokens = Lex(source, diagnostics);
    SyntaxTree& tree = loaded.trees.emplace_back(Parse(tokens, diagnostics));
    for (IncludeSyntax& include : tree.includes) OpenInclude(sources, include, diagnostics);
  }
  return loaded;
}

}  // namespace batonc
