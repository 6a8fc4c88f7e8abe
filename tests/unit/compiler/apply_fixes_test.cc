#include <catch2/catch.hpp>

#include <string>

#include "compiler/diag/apply_fixes.h"
#include "compiler/diag/problems.h"
#include "compiler/source/file_reader.h"

namespace batonc {
namespace {

// One file, and fixes in it by byte.
struct Source {
  Source()
      : reader(std::map<std::string, std::string>{{"a.idl", "one two three"}}),
        sources(reader, {}) {
    REQUIRE(sources.Open("a.idl").has_value());
  }

  static Span At(std::uint32_t begin, std::uint32_t end) { return {FileId{0}, begin, end}; }

  Diagnostic& Complain(std::uint32_t begin, std::uint32_t end) {
    return diagnostics.Report(kUnknownType, At(begin, end), "x");
  }

  FixedFiles Fixed() const { return ApplyFixes(FilesOf(sources), diagnostics.Sorted()); }
  std::string Text() const {
    const FixedFiles fixed = Fixed();
    return fixed.texts.empty() ? "" : fixed.texts.begin()->second;
  }

  MemoryReader reader;
  SourceMap sources;
  Diagnostics diagnostics;
};

TEST_CASE("fixes: all that do not touch each other are made") {
  Source source;
  source.Complain(8, 13).Suggest(Source::At(8, 13), "3");
  source.Complain(0, 3).Suggest(Source::At(0, 3), "1").Suggest(Source::At(4, 4), "and ");
  CHECK(source.Text() == "1 and two 3");
  CHECK(source.Fixed().applied == 2);
}

TEST_CASE("fixes: of two that touch the same bytes the first is made") {
  Source source;
  source.Complain(0, 3).Suggest(Source::At(0, 7), "1");
  source.Complain(4, 7).Suggest(Source::At(4, 7), "2");
  CHECK(source.Text() == "1 three");
  CHECK(source.Fixed().applied == 1);
}

TEST_CASE("fixes: those of one problem are made together or not at all") {
  Source source;
  source.Complain(0, 3).Suggest(Source::At(0, 3), "1");
  source.Complain(4, 7).Suggest(Source::At(0, 3), "I").Suggest(Source::At(4, 7), "2");
  CHECK(source.Text() == "1 two three");
}

TEST_CASE("fixes: two insertions at one place wait for each other") {
  Source source;
  source.Complain(0, 3).Suggest(Source::At(4, 4), "a ");
  source.Complain(4, 7).Suggest(Source::At(4, 4), "b ");
  CHECK(source.Text() == "one a two three");
}

TEST_CASE("fixes: without any, no file changes") {
  Source source;
  source.Complain(0, 3);
  CHECK(source.Fixed().texts.empty());
  CHECK(source.Fixed().applied == 0);
}

}  // namespace
}  // namespace batonc
