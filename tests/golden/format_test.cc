// format/NAME.in.idl becomes format/NAME.idl; the same for .ipdl. Formatting loses nothing, and
// what is formatted stays as it is.
#include <catch2/catch.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "compiler/format/format.h"
#include "compiler/format/pieces.h"
#include "compiler/lex/lexer.h"
#include "tests/support/golden.h"

namespace batonc {
namespace {

namespace fs = std::filesystem;
using baton::testing::ReadFile;

const fs::path kGoldens = BATON_SOURCE_DIR "/tests/golden";

std::vector<fs::path> FilesBelow(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string ending = entry.path().extension().string();
    if (ending.starts_with(".idl") || ending.starts_with(".ipdl")) files.push_back(entry.path());
  }
  return files;
}

std::optional<std::string> Formatted(const fs::path& path, const std::string& text) {
  Diagnostics diagnostics;
  return FormatSource(SourceFile(FileId{0}, path.filename().string(), text), diagnostics);
}

std::vector<std::string> PiecesOf(const std::string& text) {
  const SourceFile source(FileId{0}, "a.idl", text);
  Diagnostics diagnostics;
  std::vector<std::string> pieces;
  for (Piece& piece : CutIntoPieces(Lex(source, diagnostics))) pieces.push_back(piece.text);
  return pieces;
}

TEST_CASE("a careless file becomes a tidy one") {
  int count = 0;
  for (const fs::path& path : FilesBelow(kGoldens / "format")) {
    if (path.stem().extension() != ".in") continue;
    ++count;
    INFO(path);
    const std::optional<std::string> actual = Formatted(path, ReadFile(path));
    REQUIRE(actual.has_value());
    const fs::path name = path.stem().replace_extension(path.extension());
    baton::testing::CompareGolden(path.parent_path() / name, *actual);
  }
  CHECK(count == 2);
}

// Of all goldens, those that have no errors of grammar.
TEST_CASE("formatting keeps every token and comment, and twice is once") {
  int count = 0;
  for (const fs::path& path : FilesBelow(kGoldens)) {
    const std::string text = ReadFile(path);
    const std::optional<std::string> once = Formatted(path, text);
    if (!once) continue;
    ++count;
    INFO(path);
    CHECK(PiecesOf(*once) == PiecesOf(text));
    CHECK(Formatted(path, *once) == once);
  }
  CHECK(count > 50);
}

TEST_CASE("our own files are tidy") {
  int count = 0;
  for (const char* folder : {"idl", "samples", "tests/protocols"}) {
    for (const fs::path& path : FilesBelow(fs::path(BATON_SOURCE_DIR) / folder)) {
      ++count;
      INFO(path);
      const std::string text = ReadFile(path);
      CHECK(Formatted(path, text) == text);
    }
  }
  CHECK(count > 3);
}

}  // namespace
}  // namespace batonc
