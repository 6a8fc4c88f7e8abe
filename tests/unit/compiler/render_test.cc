#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <string>

#include "compiler/diag/problems.h"
#include "compiler/diag/render.h"

namespace batonc {
namespace {

using Catch::EndsWith;

struct RenderSource {
  RenderSource() : reader({{"a.idl", std::string(5'000, 'x')}}), sources(reader, {}) {
    REQUIRE(sources.Open("a.idl").has_value());
  }

  // The n-th complaint stands at the n-th character.
  Diagnostic& Complain(const Problem<Words>& problem, std::uint32_t n) {
    return diagnostics.Report(problem, Span{FileId{0}, n, n + 1}, "x");
  }

  std::string Shown() const { return RenderAll(sources, diagnostics); }

  MemoryReader reader;
  SourceMap sources;
  Diagnostics diagnostics;
};

std::size_t Count(const std::string& text, const std::string& words) {
  std::size_t count = 0;
  for (std::size_t at = text.find(words); at != text.npos; at = text.find(words, at + 1)) ++count;
  return count;
}

TEST_CASE("render: fifty problems are shown, and of more how many") {
  RenderSource source;
  for (std::uint32_t n = 0; n < 50; ++n) source.Complain(kUnknownType, n);
  CHECK(Count(source.Shown(), "error[E0301]") == 50);
  CHECK(Count(source.Shown(), "more") == 0);

  source.Complain(kUnknownType, 50);
  CHECK(Count(source.Shown(), "error[E0301]") == 50);
  CHECK_THAT(source.Shown(), EndsWith("\n\nbatonc: and 1 more\n"));
}

TEST_CASE("render: what was not even kept is counted as well") {
  RenderSource source;
  for (std::uint32_t n = 0; n < 2'000; ++n) source.Complain(kUnknownType, n);
  CHECK_THAT(source.Shown(), EndsWith("\n\nbatonc: and 1950 more\n"));
}

TEST_CASE("render: warnings never hide an error") {
  RenderSource source;
  for (std::uint32_t n = 0; n < 2'000; ++n) source.Complain(kNoLeadingP, n);
  source.Complain(kUnknownType, 3'000);
  CHECK(source.Shown().starts_with("a.idl:1:3001: error[E0301]"));
  CHECK(Count(source.Shown(), "warning[E0403]") == 49);
  CHECK_THAT(source.Shown(), EndsWith("\n\nbatonc: and 1951 more\n"));
}

}  // namespace
}  // namespace batonc
