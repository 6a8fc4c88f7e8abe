// Plays a story of two processes again and again, and at each of the state changes of one of them
// (platform::StatePoint) ends or stops that one. The other must come through: its own peer program
// checks that (stage.h).
//
//   const Story kStory = {"calls", &AsksCalls, &AnswersCalls};
//   SweepDeaths(kStory, Victim::kSecond);
//
// A sweep ends with the first run that is over before the victim has come that far.
#pragma once

#include <string>

#include "tests/support/peer.h"

namespace baton::testing {

enum class Victim { kFirst, kSecond };

struct Story {
  const char* name;
  const PeerProgram* first;
  // Both are launched here and get an end of one channel each; null: the first launches the other.
  const PeerProgram* second = nullptr;
  // What is said to both: where to meet, instead of a channel.
  std::string directions = {};
  // Whether a survivor waits for somebody who may never come, and is told that nobody will.
  bool tells_of_deaths = false;
  // How many points each of them has at least: fewer, and the sweep has not swept.
  long least_points = 20;
};

// Each dies at point 0, 1, 2, ...: the survivor ends in good order and leaves nothing behind.
void SweepDeaths(const Story& story, Victim victim);

// Each is stopped there. The other one, told to close, ends in good order while its peer stands
// still; then that goes on and ends in good order as well, or (every second one) is killed.
void SweepStalls(const Story& story, Victim victim);

// For stories in which the first launches the second, a child of its own. Waits until that has
// stopped, or ended (false), which is not reaped; it may have been.
bool AwaitStopOrEnd(int child);
// That was not the child's own idea.
void TellJudgeOfHit(const platform::Handle& control);

}  // namespace baton::testing
