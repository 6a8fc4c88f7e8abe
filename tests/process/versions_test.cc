// Two builds of one protocol in two processes: each version of PJournal against each other, with
// the older one on either side. The programs are in tests/process/versions.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/guarded.h"
#include "tests/support/run_program.h"

namespace baton::testing {
namespace {

using Lines = std::vector<std::string>;

const std::map<int, std::string> kPrograms = {{1, JOURNAL_V1}, {2, JOURNAL_V2}, {3, JOURNAL_V3}};

const std::string kTooOld = " not sent: the peer's version of the protocol is too old";
const std::string kGone = " not sent: the value may not be sent";

// What both sides have printed, in any order: which of two processes speaks first is chance.
Lines Run(const std::string& parent, const std::string& child, const std::string& scenario) {
  const auto end = RunProgram({.program = parent, .arguments = {"parent", scenario, child}});
  INFO(end.errors);
  CHECK(end.errors.empty());
  CHECK(end.signal == 0);
  CHECK(end.exit_code == 0);
  Lines lines;
  std::istringstream output(end.output);
  for (std::string line; std::getline(output, line);) lines.push_back(line);
  std::ranges::sort(lines);
  return lines;
}

// One direction of a conversation: what is to be printed for it on either side.
class Direction {
 public:
  Direction(std::string sender, int sends, std::string receiver, int receives)
      : sender_(std::move(sender)),
        sends_(sends),
        receiver_(std::move(receiver)),
        receives_(receives),
        spoken_(std::min(sends, receives)) {}

  Lines Expected() {
    Received("Write " + NoteAs("write"));
    ExpectMoods();
    ExpectMarks();
    Received("Keep Note(" + NoteAs("item") + ")");
    Received(spoken_ < 3 ? "Hand with a file, pages 3" : "Hand without a file, pages 3");
    spoken_ < 3 ? Received("Old 1") : Sent("Old" + kGone);
    Received("Ask 1");
    if (sends_ > 1) ExpectReset();
    if (sender_ == "parent ") ExpectActors();
    return std::move(lines_);
  }

  // What the receiver answers.
  Lines ExpectedAnswer() {
    Received("Ask " + NoteAs("reply") + " kCalm");
    return std::move(lines_);
  }

 private:
  void Sent(const std::string& line) { lines_.push_back(sender_ + line); }
  void Received(const std::string& line) { lines_.push_back(receiver_ + line); }

  // The fields of the version that is spoken, and of the others what a new one holds.
  std::string NoteAs(const std::string& text) const {
    std::string note = "{text: \"" + text + "\", level: " + (spoken_ < 3 ? "9" : "2");
    if (receives_ >= 2) note += std::string(", stars: ") + (spoken_ >= 2 ? "1" : "5");
    if (receives_ >= 2) note += ", picture: none";
    if (receives_ >= 3)
      note += std::string(", author: ") + (spoken_ >= 3 ? "\"Ada\"" : "\"nobody\"");
    return note + "}";
  }

  void ExpectMood(const std::string& mood, const std::string& problem) {
    if (problem.empty()) {
      Received("Feel " + mood + " 0");
      Received("Feel kCalm kCalm " + mood + " 0");
    } else {
      Sent("Feel " + mood + problem + " (mood)");
      Sent("Feel others " + mood + problem + " (others[1])");
    }
  }
  void ExpectMoods() {
    ExpectMood("kCalm", "");
    ExpectMood("kBusy", spoken_ < 3 ? "" : kGone);
    if (sends_ >= 2) ExpectMood("kWild", spoken_ >= 2 ? "" : kTooOld);
  }

  // All that the sender has: one bit came with version 2, another one went with version 3.
  void ExpectMarks() {
    if (sends_ == 1) return Received("Feel kCalm 3");
    if (spoken_ == 2) return Received("Feel kCalm 7");
    Sent("Feel marks" + (spoken_ == 1 ? kTooOld : kGone) + " (marks)");
  }

  void ExpectReset() {
    if (spoken_ == 1) return Sent("Reset: the peer's version of the protocol is too old");
    Received("Reset all");
    Sent("Reset 42");
  }

  void ExpectActors() {
    Received("PPage " + NoteAs("page"));
    Received("page turns to 3");
    if (sends_ == 1) return;
    if (spoken_ == 1) return Sent("PTag" + kTooOld);
    Received("PTag blue");
    Received("tag sticks on 7");
  }

  const std::string sender_;
  const int sends_;
  const std::string receiver_;
  const int receives_;
  const int spoken_;
  Lines lines_;
};

TEST_CASE("versions: each build of a protocol talks to each other one, and says what both know") {
  const Guarded guarded;
  const int parent = GENERATE(1, 2, 3);
  const int child = GENERATE(1, 2, 3);
  CAPTURE(parent, child);
  Lines expected = {"child end", "parent end"};
  const auto add = [&](const Lines& lines) {
    expected.insert(expected.end(), lines.begin(), lines.end());
  };
  add(Direction("parent ", parent, "child ", child).Expected());
  add(Direction("child ", child, "parent ", parent).Expected());
  add(Direction("parent ", parent, "child ", child).ExpectedAnswer());
  add(Direction("child ", child, "parent ", parent).ExpectedAnswer());
  std::ranges::sort(expected);
  CHECK(Run(kPrograms.at(parent), kPrograms.at(child), "all") == expected);
}

bool Has(const Lines& lines, const std::string& line) {
  return std::ranges::find(lines, line) != lines.end();
}

TEST_CASE("versions: what was sent before the older peer was known ends the channel, unread") {
  const Guarded guarded;
  const std::string what =
      GENERATE("early message", "early enumerator", "early flag", "early memory", "early actor");
  const bool is_newer_parent = what == "early actor" || GENERATE(true, false);
  const int newer = GENERATE(2, 3);
  const std::string newer_side = is_newer_parent ? "parent " : "child ";
  const std::string older_side = is_newer_parent ? "child " : "parent ";
  CAPTURE(what, newer, newer_side);
  const int parent = is_newer_parent ? newer : 1;
  const int child = is_newer_parent ? 1 : newer;
  const Lines lines = Run(kPrograms.at(parent), kPrograms.at(child), what);
  CHECK(Has(lines, newer_side +
                       "end: testing::PJournal: version 1 there, and something of version 2 was "
                       "sent before that was known"));
  CHECK(Has(lines, older_side + "end: the peer is gone, between two messages"));
  CHECK(lines.size() == (what == "early message" ? 3 : 2));  // the question is told, too
}

TEST_CASE("versions: a file that a version 3 has left out before it knew of a version 2") {
  const Guarded guarded;
  const Lines lines = Run(JOURNAL_V3, JOURNAL_V2, "early removal");
  CHECK(lines == Lines{"child end: the peer is gone, between two messages",
                       "parent end: testing::PJournal: version 2 there, and something of version 3 "
                       "was sent before that was known"});
}

TEST_CASE("versions: a number in a newer field was sent early, and an older peer does not see it") {
  const Guarded guarded;
  CHECK(Run(JOURNAL_V2, JOURNAL_V1, "early number") ==
        Lines{"child Write {text: \"early\", level: 2}", "child end", "parent end"});
}

TEST_CASE("versions: what was sent early arrives at a peer of the same version") {
  const Guarded guarded;
  CHECK(Run(JOURNAL_V2, JOURNAL_V2, "early enumerator") ==
        Lines{"child Feel kWild 1", "child end", "parent Feel kWild 1", "parent end"});
  CHECK(Run(JOURNAL_V2, JOURNAL_V2, "early actor") ==
        Lines{"child PTag blue", "child end", "child tag sticks on 7", "parent end"});
}

TEST_CASE("versions: another text of the same version is refused, and both hashes are named") {
  const Guarded guarded;
  const bool is_other_child = GENERATE(true, false);
  const Lines lines = is_other_child ? Run(JOURNAL_V1, JOURNAL_OTHER, "all")
                                     : Run(JOURNAL_OTHER, JOURNAL_V2, "all");
  REQUIRE(lines.size() == 2);
  const std::string& told = lines[is_other_child ? 1 : 0];  // by the newer one, or by either
  CAPTURE(lines);
  CHECK_THAT(told, Catch::Contains("end: testing::PJournal: version ") &&
                       Catch::Contains("schema hash ") && Catch::Contains(" here, version 1, ") &&
                       Catch::Contains(" there (another version of the protocol's text)"));
}

}  // namespace
}  // namespace baton::testing
