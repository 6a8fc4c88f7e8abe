#include <catch2/catch.hpp>

#include "compiler/diag/displayed_text.h"

namespace batonc {
namespace {

TEST_CASE("displayed text: tabs become spaces up to the next stop") {
  const DisplayedText shown = DisplayLine("\ta\tb");
  CHECK(shown.text == "    a   b");
  CHECK(shown.column_of == std::vector<std::size_t>{0, 4, 5, 8, 9});
}

TEST_CASE("displayed text: wide characters take two columns, combining marks none") {
  const DisplayedText shown = DisplayLine("写é e\u0301x");
  CHECK(shown.text == "写é e\u0301x");
  CHECK(shown.column_of == std::vector<std::size_t>{0, 0, 0, 2, 2, 3, 4, 5, 5, 5, 6});
}

TEST_CASE("displayed text: nothing that a terminal would act on is shown") {
  CHECK(Displayable("a\x1b[31mb") == "a\uFFFD[31mb");
  CHECK(Displayable("a\xff\xc0\x80") == "a\uFFFD\uFFFD\uFFFD");
  CHECK(Displayable("a\u202e\u2066") == "a\uFFFD\uFFFD");
  CHECK(Displayable("\xe5\x86") == "\uFFFD\uFFFD");
  CHECK(Displayable("\xed\xa0\x80") == "\uFFFD\uFFFD\uFFFD");
}

}  // namespace
}  // namespace batonc
