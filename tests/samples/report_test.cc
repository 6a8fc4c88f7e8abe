#include "samples/decoder/report.h"

#include <catch2/catch.hpp>
#include <string>

#include "samples/decoder/terminal_text.h"

namespace samples {
namespace {

TEST_CASE("what a terminal could obey is printed as a number") {
  REQUIRE(Printable("Dune.jpg") == "Dune.jpg");
  REQUIRE(Printable("a\x1b[2J\nb\x7f") == "a\\x1b[2J\\x0ab\\x7f");
  REQUIRE(Printable("Sch\xc3\xb6n \xe2\x82\xac \xf0\x9f\x8e\xa8") ==
          "Sch\xc3\xb6n \xe2\x82\xac \xf0\x9f\x8e\xa8");
  REQUIRE(Printable("\xc2\x9b[2J") == "\\xc2\\x9b[2J");                   // an escape of 8 bits
  REQUIRE(Printable("\xe2\x80\xaegnp.exe") == "\\xe2\\x80\\xaegnp.exe");  // right to left
  REQUIRE(Printable("\xff\xc3") == "\\xff\\xc3");
  REQUIRE(Printable("\xc0\x9b\xed\xa0\x80") == "\\xc0\\x9b\\xed\\xa0\\x80");  // no UTF-8
}

TEST_CASE("columns are counted as a terminal shows them") {
  REQUIRE(ColumnsOf("") == 0);
  REQUIRE(ColumnsOf("Sch\xc3\xb6n") == 5);
  const std::string wide = "\xe6\x97\xa5\xe6\x9c\xac";  // two letters of Japanese
  REQUIRE(ColumnsOf(wide) == 4);
  REQUIRE(CutToColumns(wide, 4) == wide);
  REQUIRE(CutToColumns(wide, 3) == wide.substr(0, 3));
  REQUIRE(CutToColumns(wide, 1) == "");
}

TEST_CASE("progress is cut when its columns are used up") {
  REQUIRE(ProgressText(3, 18, "a.png", 80) == "[3/18] a.png");
  REQUIRE(ProgressText(3, 18, "a.png", 9) == "[3/18] a.");
  REQUIRE(ProgressText(3, 18, "\x1b\x1b\x1b", 14) == "[3/18] \\x1b\\x1");
  REQUIRE(ProgressText(3, 18, "\xf0\x9f\x8e\xa8\xf0\x9f\x8e\xa8", 10) == "[3/18] \xf0\x9f\x8e\xa8");
}

TEST_CASE("the table has a line for each row") {
  Row good = {.file = "a.png", .problem = {}, .figures = {}};
  good.figures = {.format = Format::kPng,
                  .size = {1600, 1200},
                  .decode_time = std::chrono::duration<double, std::milli>(12.34),
                  .bytes_handed_over = 1'234'567,
                  .bytes_copied = 0,
                  .bytes_in_messages = 96};
  const Row bad = {.file = "long\nname.jpg", .problem = "the picture is corrupt", .figures = {}};
  REQUIRE(FormatTable({good, bad}) ==
          "file              format  width x height  decode ms  handed over  copied  messages\n"
          "a.png             PNG        1600 x 1200       12.3    1,234,567       0        96\n"
          "long\\x0aname.jpg  error: the picture is corrupt\n");
}

}  // namespace
}  // namespace samples
