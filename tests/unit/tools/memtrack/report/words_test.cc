// Numbers and names before they are shown.
#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

#include "tests/unit/tools/memtrack/report/made_up.h"
#include "tools/memtrack/model/saturating.h"
#include "tools/memtrack/model/words.h"

namespace memtrack::testing {
namespace {

TEST_CASE("memtrack: numbers that have no place become the nearest") {
  constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  CHECK(Difference(5, 7) == -2);
  CHECK(Difference(kMost, kLeast) == kMost);
  CHECK(Difference(kLeast, 1) == kLeast);
  CHECK(Difference(0, kLeast) == kMost);
  CHECK(Sum(std::uint32_t{1}, ~std::uint32_t{0}) == ~std::uint32_t{0});
  CHECK(WholeNumber<std::int64_t>(-2.9) == -2);
  CHECK(WholeNumber<std::int64_t>(1e300) == kMost);
  CHECK(WholeNumber<std::int64_t>(-1e300) == kLeast);
  CHECK(WholeNumber<std::uint64_t>(-1) == 0);
  CHECK(WholeNumber<std::uint64_t>(std::nan("")) == 0);
  CHECK(Signed(~std::uint64_t{0}) == kMost);
  CHECK(StartOf({1, ~std::uint64_t{0}}) > 0);
  CHECK(StartOf({1, 250}) == 2'500'000'000);
  SegmentUse use;
  use.segment.born = kLeast;
  CHECK(use.AgeAt(kBegin) == kMost);
}

TEST_CASE("memtrack: the first characters of a text are whole") {
  CHECK(FirstCharacters("abc", 2) == "ab");
  CHECK(FirstCharacters("abc", 5) == "abc");
  CHECK(FirstCharacters("\xc3\xa4\xc3\xb6x", 1) == "\xc3\xa4");
  CHECK(FirstCharacters("\xc3\xa4\xc3\xb6x", 0).empty());
}

TEST_CASE("memtrack: amounts, times and names read like this") {
  CHECK(Human(0) == "0 B");
  CHECK(Human(1023) == "1023 B");
  CHECK(Human(1536) == "1.5 KiB");
  CHECK(Human(std::uint64_t{1} << 40) == "1.0 TiB");
  CHECK(HumanChange(-2048) == "-2.0 KiB");
  CHECK(Lasting(1'500'000) == "1 ms");
  CHECK(Lasting(119 * kSecond) == "119 s");
  CHECK(Lasting(3600 * kSecond) == "60 min");
  CHECK(ClockTime(kBegin) == "19:34:50Z");
  CHECK(Counted(1, "segment") == "1 segment");
  CHECK(Displayable("plain \"quotes\" \\ stay") == "plain \"quotes\" \\ stay");
  CHECK(Displayable("red \x1b[31m") == "red \\x1b[31m");
  CHECK(Displayable("\xff\xfe") == "\\xff\\xfe");
}

}  // namespace
}  // namespace memtrack::testing
