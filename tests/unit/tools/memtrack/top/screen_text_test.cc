// How wide text is on a terminal, and bars.
#include <catch2/catch.hpp>

#include <array>
#include <string>

#include "tools/memtrack/top/screen_text.h"
#include "tools/memtrack/top/sparkline.h"

namespace memtrack::top {
namespace {

TEST_CASE("memtrack top: text is cut by cells, not by bytes") {
  CHECK(CellsOf("weston") == 6);
  CHECK(CellsOf("größe") == 5);
  CHECK(CellsOf("漢字") == 4);
  CHECK(CellsOf("e\u0301") == 1);
  CHECK(CutEnd("weston-keymap", 8) == "westo...");
  CHECK(CutEnd("weston", 6) == "weston");
  CHECK(CutEnd("weston", 2) == "..");
  CHECK(CutEnd("weston", 0).empty());
  CHECK(CutEnd("漢字漢字", 6) == "漢...");
  CHECK(CutBegin("12345", 3) == "345");
  CHECK(CutBegin("漢字", 3) == "字");
  CHECK(PaddedBehind("漢字漢字", 6) == "漢... ");
  CHECK(PaddedBefore("漢", 4) == "  漢");
}

TEST_CASE("memtrack top: padded text is as wide as it is to be") {
  const std::string text = "aé漢e\u0301🦓z";
  for (std::size_t width = 0; width < 12; ++width) {
    CAPTURE(width);
    CHECK(CellsOf(PaddedBehind(text, width)) == width);
    CHECK(CellsOf(PaddedBefore(text, width)) == width);
    CHECK(CellsOf(CutBegin(text, width)) <= width);
  }
}

TEST_CASE("memtrack top: every character goes to UTF-8 and back") {
  for (const char32_t character : {U'a', U'\u00e9', U'\u6f22', U'\U0001f993', U'\U0010ffff'}) {
    const std::string text = Utf8Of(character);
    std::string_view rest = text;
    CHECK(TakeCharacter(rest) == character);
    CHECK(rest.empty());
  }
  CHECK(Utf8Of(0xd800).empty());
  CHECK(Utf8Of(0x110000).empty());
  std::string_view broken = "\xc3";
  CHECK(TakeCharacter(broken) == 0xc3);
  broken = "\xe6\x28\xa2";
  CHECK(TakeCharacter(broken) == 0xe6);
  CHECK(broken.size() == 2);
}

TEST_CASE("memtrack top: sentences are broken between words") {
  CHECK(Wrapped("one two three", 7) == std::vector<std::string>{"one two", "three"});
  CHECK(Wrapped("incomprehensibilities", 7) == std::vector<std::string>{"inco..."});
  CHECK(Wrapped("", 7).empty());
}

TEST_CASE("memtrack top: bars go from the lowest to the highest") {
  CHECK(Sparkline(std::array{1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0}, true) == "▁▂▃▄▅▆▇█");
  CHECK(Sparkline(std::array{0.0, 5.0, 5.0}, true) == " ▁▁");
  CHECK(Sparkline(std::array{1e15, 0.0, 2e15}, true) == "▁ █");
  CHECK(Sparkline(std::array{10.0, 17.0, 24.0}, false) == "_=#");
  CHECK(Sparkline({}, true).empty());
}

}  // namespace
}  // namespace memtrack::top
