// Keys, and what they change.
#include <catch2/catch.hpp>

#include "tests/unit/tools/memtrack/top/desk.h"

namespace memtrack::testing {
namespace {

using top::Key;
using top::Screen;

TEST_CASE("memtrack top: from a tag to its segments, to their holders, and back") {
  Desk desk;
  CHECK(desk.Selected().find("samples::PImage") != std::string::npos);
  desk.Type("j\n");
  CHECK(desk.Shows("Tags > wayland-cursor  by RES"));
  CHECK(desk.Shows("weston (812) and gtk3-demo (901)"));
  CHECK_FALSE(desk.Shows("foot-wayland"));
  desk.Press(Key::kEnd);
  desk.Type("\n");
  CHECK(desk.Shows("Tags > wayland-cursor > memfd "));
  CHECK(desk.Shows("mapping   weston"));
  CHECK(desk.Shows("mapping   gtk3-demo"));
  desk.Type("\x1b");
  CHECK(desk.Selected().find("wayland-cursor") != std::string::npos);
  desk.Type("\b");
  CHECK(desk.LineAt(1).starts_with("Tags  by RES"));
  CHECK(desk.Selected().find("wayland-cursor") != std::string::npos);
  desk.Type("\b\x1b");
  CHECK(desk.LineAt(1).starts_with("Tags"));
}

TEST_CASE("memtrack top: from a process to what it holds, what lies in its sockets included") {
  Desk desk;
  desk.Type("2/stopped\n");
  CHECK(desk.Shows("1 of 7 with `stopped`"));
  desk.Type("\n");
  CHECK(desk.Shows("Processes > weston-desktop- (820)"));
  CHECK(desk.Shows("panel-icons"));
  desk.Type("\n");
  CHECK(desk.Shows("in flight"));
  desk.Type("/weston-d\n\n");  // and on, to what that one holds
  CHECK(desk.Shows("memfd 26 > weston-desktop- (820)"));
}

TEST_CASE("memtrack top: one goes down no deeper than there is to see") {
  Desk desk;
  desk.Type("2");
  for (int i = 0; i < 100; ++i) desk.Type("\n");
  CHECK(desk.state.places.size() == 16);
  desk.Type("v");
  CHECK(desk.state.place().screen != Screen::kVerdicts);
  for (int i = 0; i < 100; ++i) desk.Type("\x1b");
  CHECK(desk.LineAt(1).starts_with("Processes"));
}

TEST_CASE("memtrack top: any column decides about the order, either way") {
  Desk desk;
  desk.Type("2");
  CHECK(desk.Shows("by SHARE"));
  CHECK(desk.LineAt(3).find("decoder") != std::string::npos);
  desk.Type("<");
  CHECK(desk.Shows("by PID"));
  CHECK(desk.LineAt(3).find("1002") != std::string::npos);
  desk.Type("r");
  CHECK(desk.Shows("by PID, reversed"));
  CHECK(desk.LineAt(3).find("812") != std::string::npos);
  desk.Type("<<<");
  CHECK(desk.Shows("by PID, reversed"));
  desk.Type("r>>>>>>>>>>>>>>");
  CHECK(desk.Shows("by COMMAND"));
  CHECK(desk.LineAt(3).find("bash") != std::string::npos);
  desk.Type("12");
  CHECK(desk.Shows("by COMMAND"));  // each screen keeps its order
}

TEST_CASE("memtrack top: the mark stays on what it marks when the order changes") {
  Desk desk;
  desk.Type("2j");
  REQUIRE(desk.Selected().find("weston") != std::string::npos);
  desk.Type("<r");
  CHECK(desk.Selected().find("weston") != std::string::npos);
  CHECK(desk.LineAt(3).find("weston") != std::string::npos);
}

TEST_CASE("memtrack top: the mark goes to the neighbour of what is gone") {
  std::string text;
  for (const int left : {3, 2}) {
    MadeUp made_up(3 - left);
    made_up.Runs(10, "client");
    for (int i = 0; i < left; ++i) {
      const auto inode = static_cast<std::uint64_t>(100 + i);
      made_up.Has(inode, std::string(1, static_cast<char>('a' + i)) + "x",
                  static_cast<std::uint64_t>(40960 - 4096 * i));
      made_up.Maps(10, inode);
    }
    text += RecordingLine(made_up.snapshot());
  }
  Desk desk(FeedOf(text), 1);
  desk.Press(Key::kEnd);
  CHECK(desk.Selected().find("cx") != std::string::npos);
  desk.Press(Key::kRight);
  CHECK(desk.Selected().find("bx") != std::string::npos);
}

TEST_CASE("memtrack top: a filter is typed, corrected, kept and given up") {
  Desk desk;
  desk.Type("/WAYLANDx");
  CHECK(desk.LineAt(23) == "/WAYLANDx_");
  CHECK(desk.Shows("0 of 6 with `WAYLANDx`"));
  desk.Type("q\b\b");  // a letter like any other
  CHECK_FALSE(desk.state.wants_end);
  CHECK(desk.Shows("2 of 6 with `WAYLAND`"));
  desk.Type("\n");
  CHECK(desk.Shows("wayland-cursor"));
  CHECK_FALSE(desk.Shows("weston-keymap  "));
  desk.Type("\x1b");
  CHECK_FALSE(desk.Shows(" with "));
  desk.Type("/é漢\b\b\b\b");
  CHECK(desk.state.place().filter.empty());
  desk.Press({Key::kCharacter, 0x9b});  // begins a command of some terminals
  desk.Press({Key::kCharacter, 7});
  desk.Press({Key::kCharacter, 0xd800});
  CHECK(desk.state.place().filter.empty());
  desk.Type(std::string(10'000, 'x'));
  CHECK(desk.state.place().filter.size() == 200);
  desk.Type("\x1b");
  CHECK(desk.state.place().filter.empty());
}

TEST_CASE("memtrack top: Tab and numbers go to the three screens") {
  Desk desk;
  desk.Type("\t");
  CHECK(desk.LineAt(1).starts_with("Processes"));
  desk.Type("\n\t");
  CHECK(desk.LineAt(1).starts_with("Segments"));
  desk.Type("\t");
  CHECK(desk.LineAt(1).starts_with("Tags"));
  desk.Type("3");
  CHECK(desk.LineAt(1).starts_with("Segments"));
}

TEST_CASE("memtrack top: verdicts are listed, and lead to what they are about") {
  Desk desk;
  CHECK(desk.LineAt(23).starts_with("v: 3 leaks, 2 risks: leak shared-growth: wayland-cursor"));
  desk.Type("v");
  CHECK(desk.LineAt(1).starts_with("Tags > Verdicts"));
  CHECK(desk.Shows("leak     shared-growth"));
  CHECK(desk.Shows("look for the missing destroy"));
  desk.Type("v\n");
  CHECK(desk.Shows("Verdicts > wayland-cursor"));
  desk.Type("\x1b");
  for (const char* const tag : {"Verdicts > samples::PImage", "Verdicts > panel-icons"}) {
    desk.Type("j\n");
    CHECK(desk.Shows(tag));
    desk.Type("\x1b");
  }
}

TEST_CASE("memtrack top: a recording goes back and on, and stays at its ends") {
  Desk desk(StoryFeed(), 1);
  CHECK(desk.Shows("snapshot 1 of 14"));
  CHECK(desk.Shows("too early for verdicts"));
  desk.Press(Key::kRight);
  CHECK(desk.Shows("snapshot 2 of 14  PAUSED"));
  for (int i = 0; i < 20; ++i) desk.Press(Key::kRight);
  CHECK(desk.Shows("snapshot 14 of 14"));
  const std::string last = desk.Text();
  desk.Press(Key::kLeft);
  CHECK(desk.Shows("snapshot 13 of 14"));
  CHECK(desk.data().history.BytesOf("wayland-cursor").size() == 13);
  desk.Press(Key::kRight);
  CHECK(desk.Text() == last);
  for (int i = 0; i < 20; ++i) desk.Press(Key::kLeft);
  CHECK(desk.Shows("snapshot 1 of 14"));
}

TEST_CASE("memtrack top: pause, help and the end") {
  Desk desk;
  desk.Type("p");
  CHECK(desk.state.is_paused);
  desk.Type("p");
  CHECK_FALSE(desk.state.is_paused);
  desk.Type("?");
  CHECK(desk.Shows("sort by the column"));
  desk.Type("2");
  CHECK(desk.LineAt(1).starts_with("Tags"));  // it only closed the help
  desk.Type("q");
  CHECK(desk.state.wants_end);
}

TEST_CASE("memtrack top: a long recording is thinned evenly") {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += RecordingLine(MadeUp(i).snapshot());
  Desk desk(FeedOf(text), 1);
  CHECK(desk.Shows("snapshot 1 of 125"));
  desk.Press(Key::kRight);
  CHECK(desk.data().model.taken_at == kBegin + 8 * kSecond);
}

TEST_CASE("memtrack top: an empty recording is said") {
  auto reader = baton::testing::Must(
      RecordingReader::From(std::make_unique<std::istringstream>(RecordingHeader())));
  const auto feed = top::ReplayFeed::Read(reader, Share::kOwner);
  REQUIRE_FALSE(feed);
  CHECK(feed.error() == RecordingErrc::kNothing);
}

}  // namespace
}  // namespace memtrack::testing
