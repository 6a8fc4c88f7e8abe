#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include <string>

#include "compiler/diag/problems.h"
#include "compiler/diag/render_json.h"
#include "compiler/source/file_reader.h"

namespace batonc {
namespace {

using nlohmann::json;

TEST_CASE("json diagnostics: a problem with its place, notes and fixes") {
  MemoryReader reader(std::map<std::string, std::string>{{"a.idl", "\xc3\xa9\n Shmen x;\n"}});
  SourceMap sources(reader, {});
  REQUIRE(sources.Open("a.idl").has_value());
  Diagnostics diagnostics;
  const Span span{FileId{0}, 4, 9};
  diagnostics.Report(kUnknownType, span, "Shmen")
      .Because(kFirstDeclaredHere, {FileId{0}, 0, 2})
      .Suggest(span, "Shmem");
  CHECK(json::parse(RenderJsonLines(FilesOf(sources), diagnostics.Sorted())) == json::parse(R"({
    "severity": "error", "code": "E0301", "text": "unknown type `Shmen`",
    "file": "a.idl", "line": 2, "column": 2, "offset": 4,
    "end": {"line": 2, "column": 7, "offset": 9},
    "notes": [{"text": "first declared here", "file": "a.idl", "line": 1, "column": 1, "offset": 0,
               "end": {"line": 1, "column": 2, "offset": 2}}],
    "fixes": [{"replacement": "Shmem", "file": "a.idl", "line": 2, "column": 2, "offset": 4,
               "end": {"line": 2, "column": 7, "offset": 9}}]})"));
}

TEST_CASE("json diagnostics: one line each, without a place where there is none") {
  MemoryReader reader(std::map<std::string, std::string>{});
  const SourceMap sources(reader, {});
  Diagnostics diagnostics;
  diagnostics.Report(kCannotRead, kNoPlace, "\xff.idl", "gone");
  diagnostics.Report(kCannotRead, kNoPlace, "b.idl", "gone");
  const std::string lines = RenderJsonLines(FilesOf(sources), diagnostics.Sorted());
  CHECK(std::count(lines.begin(), lines.end(), '\n') == 2);
  const json first = json::parse(lines.substr(0, lines.find('\n')));
  CHECK(first["severity"] == "error");
  CHECK_FALSE(first.contains("file"));
}

TEST_CASE("render: colours can be taken out again") {
  MemoryReader reader(std::map<std::string, std::string>{{"a.idl", "Shmen x;\n"}});
  SourceMap sources(reader, {});
  REQUIRE(sources.Open("a.idl").has_value());
  Diagnostics diagnostics;
  diagnostics.Report(kUnknownType, {FileId{0}, 0, 5}, "\x1b[31mShmen");
  const FileLookup files = FilesOf(sources);
  const std::string coloured = RenderAll(files, diagnostics.Sorted(), 0, Colour::kAlways);
  const std::string plain = RenderAll(files, diagnostics.Sorted(), 0, Colour::kNever);
  CHECK(coloured.find('\x1b') != std::string::npos);
  CHECK(plain.find('\x1b') == std::string::npos);
  CHECK(WithoutColour(coloured) == plain);
}

}  // namespace
}  // namespace batonc
