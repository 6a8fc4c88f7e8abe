// What is seen. The screens are in screens/; BATONC_BLESS=1 rewrites them.
#include <catch2/catch.hpp>

#include <random>

#include "tests/support/golden.h"
#include "tests/unit/tools/memtrack/top/desk.h"
#include "tools/memtrack/top/listing.h"

namespace memtrack::testing {
namespace {

using top::Key;
using top::Look;

void Compare(const Desk& desk, const std::string& name) {
  baton::testing::CompareGolden(
      BATON_SOURCE_DIR "/tests/unit/tools/memtrack/top/screens/" + name + ".txt", desk.Text());
}

TEST_CASE("memtrack top: the screens") {
  Desk desk;
  Compare(desk, "tags");
  desk.Type("\t");
  Compare(desk, "processes");
  desk.Type("\t");
  Compare(desk, "segments");
  desk.Type("1/foot\n\n\n");
  Compare(desk, "holders");
  desk.Type("1v");
  Compare(desk, "verdicts");
  desk.Type("?");
  Compare(desk, "help");
}

TEST_CASE("memtrack top: a narrow window has fewer columns, and names that can be told apart") {
  Desk desk;
  desk.canvas = {.width = 60, .height = 10, .has_unicode = false};
  CHECK(desk.Shows("samples::PImage"));
  CHECK(desk.Shows("# wayland-cursor"));
  CHECK(desk.Shows("SIZE"));
  CHECK_FALSE(desk.Shows("PROCS"));
  desk.canvas.width = 50;
  desk.Type("3");
  CHECK(desk.Shows("INODE"));
  CHECK(desk.Shows("samples::PImage"));
  CHECK_FALSE(desk.Shows("SIZE"));
  CHECK_FALSE(desk.Shows("AGE"));
}

TEST_CASE("memtrack top: the page shows what is seen") {
  Desk desk;
  desk.canvas = {.width = 92, .height = 10, .has_unicode = true};
  const std::string page = baton::testing::ReadFile(BATON_SOURCE_DIR "/docs/memtrack-top.md");
  INFO(desk.Text());
  CHECK(page.find("```\n" + desk.Text() + "```\n") != std::string::npos);
}

// Every line fits, and what can be marked is seen.
void CheckFits(const Desk& desk) {
  const top::Picture picture = desk.picture();
  CHECK(picture.lines.size() <= desk.canvas.height);
  bool has_mark = false;
  for (const top::Line& line : picture.lines) {
    std::size_t cells = 0;
    for (const top::Span& span : line) {
      cells += top::CellsOf(span.text);
      has_mark |= span.look == Look::kSelected;
    }
    CHECK(cells <= desk.canvas.width);
  }
  const bool has_rows = !top::ListingOf(desk.state, desk.data()).rows.empty();
  CHECK(has_mark == (has_rows && desk.canvas.width > 0 && desk.canvas.height > 0));
}

TEST_CASE("memtrack top: a window of any size shows what fits, with the mark in it") {
  Desk desk;
  for (const char* const keys : {"1", "2", "3", "1\n", "1\n\n", "v"}) {
    desk.Type(keys);
    desk.Press(Key::kEnd);
    for (std::size_t width : {0, 1, 2, 5, 9, 20, 33, 64, 80, 200, 1000}) {
      for (std::size_t height : {0, 1, 2, 3, 4, 5, 6, 9, 13, 50, 300}) {
        CAPTURE(keys, width, height);
        desk.canvas.width = width;
        desk.canvas.height = height;
        CheckFits(desk);
      }
    }
  }
}

TEST_CASE("memtrack top: rows scroll with the mark, by lines and by pages") {
  Desk desk;
  desk.Type("3");
  const std::size_t seen = top::RowsSeen(desk.state, desk.data(), desk.canvas);
  REQUIRE(seen == 20);
  const std::string first = desk.Selected();
  for (std::size_t i = 0; i < seen; ++i) desk.Press(Key::kDown);
  CHECK(desk.state.place().first_row == 1);
  desk.Press(Key::kPageDown);
  CHECK(desk.state.place().selected_row == 2 * seen);
  desk.Press(Key::kEnd);
  CHECK(desk.state.place().selected_row == 70);
  CHECK(desk.state.place().first_row == 51);
  desk.Press(Key::kPageUp);
  desk.Press(Key::kHome);
  CHECK(desk.Selected() == first);
  CHECK(desk.state.place().first_row == 0);
}

TEST_CASE("memtrack top: nothing leaves an empty row at the end while there is one before") {
  CHECK(top::FirstRowSeen(0, 0, 10, 100) == 0);
  CHECK(top::FirstRowSeen(0, 10, 10, 100) == 1);
  CHECK(top::FirstRowSeen(50, 10, 10, 100) == 10);
  CHECK(top::FirstRowSeen(50, 55, 10, 100) == 50);
  CHECK(top::FirstRowSeen(95, 99, 10, 100) == 90);
  CHECK(top::FirstRowSeen(95, 3, 10, 4) == 0);
  CHECK(top::FirstRowSeen(5, 5, 0, 100) == 0);
}

TEST_CASE("memtrack top: names are shown so that a terminal obeys none of them") {
  MadeUp made_up;
  made_up.Runs(10, "\x1b]0;owned\a");
  made_up.Runs(11, "\xff\xfe");
  made_up.Has(100, "red\x1b[31m\n", 8192);
  made_up.Has(101, "\u202eevil", 4096);
  made_up.Has(102, "漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字", 2048);
  made_up.Has(103, "\x9b\x31m", 1024);
  for (std::uint64_t inode = 100; inode < 104; ++inode) {
    made_up.Maps(10, inode);
    made_up.Opens(11, inode);
  }
  Desk desk(FeedOf(RecordingLine(made_up.snapshot())), 1);
  for (const char* const keys : {"1", "\n", "\n", "2", "\n", "3", "1/\\x1b"}) {
    desk.Type(keys);
    CheckFits(desk);
    std::string text = desk.Text();
    for (std::string_view rest = text; !rest.empty();) {
      const char32_t character = top::TakeCharacter(rest);
      const bool is_harmless = character == U'\n' || (character >= 0x20 && character < 0x7f) ||
                               (character >= 0xa0 && character != 0x202e);
      CAPTURE(keys, static_cast<unsigned>(character));
      CHECK(is_harmless);
    }
  }
}

TEST_CASE("memtrack top: what was not seen is said, in a window that has room") {
  Snapshot snapshot = TellPass(0, 3);
  snapshot.coverage.denied = 3;
  Desk desk(FeedOf(RecordingLine(snapshot)), 1);
  CHECK(desk.Shows("seen: 7 of 10 processes, 3 denied"));
  desk.canvas.height = 7;
  CHECK_FALSE(desk.Shows("seen: "));
}

TEST_CASE("memtrack top: a machine without shared memory has a screen, too") {
  Desk desk(FeedOf(RecordingLine(MadeUp().snapshot())), 1);
  for (const char* const keys : {"1", "2", "3", "v"}) {
    desk.Type(keys);
    desk.Type("\njk");
    desk.Press(Key::kEnd);
    CHECK(desk.Shows("0 segments, 0 B"));
  }
}

TEST_CASE("memtrack top: whatever is typed, there is a picture that fits") {
  std::mt19937 random(7);
  Desk desk;
  const std::string_view keys = "qj k\n\n\n\x1b\b\t123v?/rp<>hx";
  for (int i = 0; i < 3000; ++i) {
    const auto pick = [&](std::size_t count) { return random() % count; };
    if (pick(3) == 0) {
      desk.Press(static_cast<Key>(pick(13)));
    } else {
      desk.Type(keys.substr(pick(keys.size()), 1));
    }
    desk.state.wants_end = false;
    desk.canvas.width = pick(150);
    desk.canvas.height = pick(60);
    const top::Picture picture = desk.picture();
    REQUIRE(picture.lines.size() <= desk.canvas.height);
    for (const top::Line& line : picture.lines) {
      std::size_t cells = 0;
      for (const top::Span& span : line) cells += top::CellsOf(span.text);
      REQUIRE(cells <= desk.canvas.width);
    }
  }
}

TEST_CASE("memtrack top: tags that leak, and verdicts, stand out") {
  Desk desk;
  bool has_leak = false;
  const top::Picture picture = desk.picture();
  for (const top::Line& line : picture.lines) {
    if (line.empty() || line.front().look != Look::kLeak) continue;
    has_leak |= line.front().text.find("wayland-cursor") != std::string::npos;
  }
  CHECK(has_leak);
  CHECK(picture.lines.back().front().look == Look::kLeak);
  const top::Line& titles = picture.lines[2];
  const auto decides = std::ranges::find(titles, Look::kSortedTitle, &top::Span::look);
  REQUIRE(decides != titles.end());
  CHECK(decides->text.find("RES") != std::string::npos);
}

}  // namespace
}  // namespace memtrack::testing
