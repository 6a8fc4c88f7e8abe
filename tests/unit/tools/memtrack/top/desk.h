// The desktop of tests/golden/memtrack/story.h on a screen, with somebody at the keys.
#pragma once

#include <catch2/catch.hpp>

#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

#include "tests/golden/memtrack/story.h"
#include "tests/support/must.h"
#include "tools/memtrack/record/recording_writer.h"
#include "tools/memtrack/top/draw.h"
#include "tools/memtrack/top/keys.h"
#include "tools/memtrack/top/replay_feed.h"
#include "tools/memtrack/top/screen_text.h"

namespace memtrack::testing {

inline top::ReplayFeed FeedOf(const std::string& recording) {
  auto reader = baton::testing::Must(
      RecordingReader::From(std::make_unique<std::istringstream>(RecordingHeader() + recording)));
  return baton::testing::Must(top::ReplayFeed::Read(reader, Share::kOwner));
}

inline top::ReplayFeed StoryFeed() {
  std::string text;
  for (int pass = 0; pass < 14; ++pass) text += RecordingLine(TellPass(pass, 11 + pass * 4));
  return FeedOf(text);
}

class Desk {
 public:
  explicit Desk(top::ReplayFeed feed = StoryFeed(), int snapshot = 14) : feed_(std::move(feed)) {
    feed_.Step(snapshot);
  }

  // Characters, but: "\n" Enter, "\x1b" Escape, "\b" Backspace, "\t" Tab.
  void Type(std::string_view text) {
    while (!text.empty()) {
      const char32_t character = top::TakeCharacter(text);
      switch (character) {
        case U'\n': Press(top::Key::kEnter); break;
        case U'\x1b': Press(top::Key::kEscape); break;
        case U'\b': Press(top::Key::kBackspace); break;
        case U'\t': Press(top::Key::kTab); break;
        default: Press({top::Key::kCharacter, character});
      }
    }
  }
  void Press(top::Key key) { Press(top::KeyPress{key}); }
  void Press(const top::KeyPress& key) {
    state = top::After(std::move(state), key, feed_.data(), canvas);
    feed_.Step(std::exchange(state.wants_step, 0));
  }

  top::Picture picture() const { return top::Draw(state, feed_.data(), canvas); }
  std::string Text() const { return top::TextOf(picture()); }
  std::string LineAt(std::size_t number) const {
    std::istringstream lines(Text());
    std::string line;
    for (std::size_t i = 0; i <= number; ++i) std::getline(lines, line);
    return line;
  }
  // Without looks; of the row that is marked.
  std::string Selected() const {
    const top::Picture shown = picture();
    for (const top::Line& line : shown.lines) {
      if (!line.empty() && line.front().look == top::Look::kSelected) return line.front().text;
    }
    return "";
  }
  bool Shows(std::string_view text) const { return Text().find(text) != std::string::npos; }
  top::Data data() const { return feed_.data(); }

  top::State state;
  top::Canvas canvas = {.width = 100, .height = 24, .has_unicode = true};

 private:
  top::ReplayFeed feed_;
};

}  // namespace memtrack::testing
