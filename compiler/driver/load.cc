#include "compiler/driver/load.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>

#include "compiler/diag/problems.h"
#include "compiler/driver/prelude.h"
#include "compiler/lex/lexer.h"
#include "compiler/parse/parser.h"

namespace batonc {
namespace {

// In our dialect a typing error in an ending is not taken for a header.
bool IsCppHeader(const std::string& path) {
  constexpr std::array<std::string_view, 7> kEndings = {"",     ".h",   ".hh", ".hpp",
                                                        ".hxx", ".h++", ".inc"};
  const std::string ending = std::filesystem::path(path).extension().string();
  return std::ranges::count(kEndings, ending) != 0;
}

class Loader {
 public:
  Loader(SourceMap& sources, Diagnostics& diagnostics)
      : sources_(sources), diagnostics_(diagnostics) {}

  void AddNamed(const std::string& path);
  void AddPrelude(const std::string& prelude);
  void ParseAll();
  void ImplyGecko();
  Loaded Take() { return std::move(loaded_); }

 private:
  std::optional<FileId> Open(const std::string& path);
  void AddGecko(Prelude prelude);
  void OpenInclude(Dialect dialect, IncludeSyntax& include);

  SourceMap& sources_;
  Diagnostics& diagnostics_;
  Loaded loaded_;
  std::vector<std::pair<FileId, Prelude>> preludes_;
  bool has_gecko_ = false;
};

std::optional<FileId> Loader::Open(const std::string& path) {
  if (!HasKnownEnding(path)) {
    diagnostics_.Report(kWrongEnding, kNoPlace, path);
    return std::nullopt;
  }
  const auto opened = sources_.Open(path);
  if (opened.has_value()) return *opened;
  diagnostics_.Report(kCannotRead, kNoPlace, path, opened.error().message());
  return std::nullopt;
}

void Loader::AddNamed(const std::string& path) {
  const std::optional<FileId> opened = Open(path);
  if (opened && std::ranges::count(loaded_.named, *opened) == 0) loaded_.named.push_back(*opened);
}

void Loader::AddPrelude(const std::string& prelude) {
  if (prelude == kGeckoPrelude) return AddGecko(Prelude::kGiven);
  if (const auto opened = Open(prelude)) preludes_.emplace_back(*opened, Prelude::kGiven);
}

void Loader::AddGecko(Prelude prelude) {
  if (has_gecko_) return;
  has_gecko_ = true;
  preludes_.emplace_back(sources_.AddEmbedded("batonc/gecko.idlh", GeckoPreludeText()), prelude);
}

void Loader::ImplyGecko() {
  const auto is_ipdl = [](const SyntaxTree& tree) { return tree.dialect == Dialect::kIpdl; };
  if (std::ranges::any_of(loaded_.trees, is_ipdl)) AddGecko(Prelude::kImplied);
}

// Those not parsed yet, and what they bring in.
void Loader::ParseAll() {
  for (std::size_t i = loaded_.trees.size(); i < sources_.size(); ++i) {
    const SourceFile& source = sources_.file(FileId{static_cast<std::uint32_t>(i)});
    SyntaxTree& tree = loaded_.trees.emplace_back(Parse(Lex(source, diagnostics_), diagnostics_));
    for (IncludeSyntax& include : tree.includes) OpenInclude(tree.dialect, include);
  }
  for (const auto& [file, prelude] : preludes_) {
    loaded_.trees[static_cast<std::size_t>(file)].prelude = prelude;
  }
}

void Loader::OpenInclude(Dialect dialect, IncludeSyntax& include) {
  if (include.kind == IncludeSyntax::Kind::kCppHeader) {
    const std::string& path = include.candidates.front();
    const bool is_odd = dialect == Dialect::kBaton && !IsCppHeader(path);
    if (is_odd) diagnostics_.Report(kWrongEnding, include.span, path);
    return;
  }
  const IncludeOrder order =
      dialect == Dialect::kIpdl ? IncludeOrder::kRootsFirst : IncludeOrder::kFolderFirst;
  std::string tried;
  for (const std::string& candidate : include.candidates) {
    const auto opened = sources_.OpenInclude(include.span.file, candidate, order);
    if (opened.has_value()) {
      include.target = *opened;
      return;
    }
    if (opened.error() != std::errc::no_such_file_or_directory) {
      diagnostics_.Report(kCannotRead, include.span, candidate, opened.error().message());
      return;
    }
    tried += (tried.empty() ? "" : "` or `") + candidate;
  }
  diagnostics_.Report(kIncludeNotFound, include.span, tried);
}

}  // namespace

bool HasKnownEnding(std::string_view path) {
  return path.ends_with(".idl") || path.ends_with(".idlh") || path.ends_with(".ipdl") ||
         path.ends_with(".ipdlh");
}

Loaded Load(SourceMap& sources, const std::vector<std::string>& paths, Diagnostics& diagnostics,
            const std::vector<std::string>& preludes) {
  Loader loader(sources, diagnostics);
  for (const std::string& path : paths) loader.AddNamed(path);
  for (const std::string& prelude : preludes) loader.AddPrelude(prelude);
  loader.ParseAll();
  loader.ImplyGecko();
  loader.ParseAll();
  return loader.Take();
}

}  // namespace batonc
