// One side of a story, in a process of its own that may be ended or stopped at each of its state
// changes (kill_points.h), or has to survive that of the other side.
//
//   PEER(AnswersCalls) {
//     PlaySide(channel_end, [](Stage& stage) {
//       const auto child = std::make_shared<CallsChild>();
//       stage.Bind(child);
//       stage.WhenToldToEnd([&] { child->Close(); });
//       stage.RunUntil([&] { return child->destroyed == 1; });
//     });
//   }
//
// The peer fails if the side leaves anything behind: a descriptor, a mapping of shared memory, a
// child, a name, a block of the heap, or something that still waits in its io_context.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/system/error_code.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <baton/baton.h>

#include "tests/process/transport.h"
#include "tests/support/must.h"
#include "tests/support/peer.h"

namespace baton::testing {

// Where counting begins (BATON_POINTS_FROM).
inline constexpr const char* kFirstPoint = "test.begins";

// What a stalled peer costs, where nothing else says so. Builds with sanitizers get more.
inline constexpr std::chrono::milliseconds kStallDeadline =
    std::chrono::milliseconds(BATON_TEST_SLOWNESS > 1 ? 120 : 60);

// How the judge tells a side that it is a run in which somebody stalls.
inline constexpr const char* kDeadlinesVariable = "BATON_TEST_SHORT_DEADLINES";

// Questions, each of which must be completed exactly once, whatever with.
class Questions {
 public:
  // The handler of one more, of any type.
  auto One() {
    completions_.push_back(0);
    return [this, at = completions_.size() - 1](boost::system::error_code error, auto&&...) {
      ++completions_[at];
      if (error) last_error_ = error;
    };
  }

  bool AreDone() const;
  std::error_code last_error() const { return last_error_; }
  // None twice either.
  void Check() const;

 private:
  std::deque<int> completions_;
  std::error_code last_error_;
};

class Stage {
 public:
  // `control` is the judge's line to this process: it has sent the channel's end, and will say when
  // the other side has stalled, or, where the story needs that, died.
  explicit Stage(const platform::Handle& control);
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  // What came with the channel's end: where to meet.
  const std::string& directions() const { return directions_; }
  // For channels of the story's own.
  const ChannelOptions& options() const { return options_; }
  // Somebody stalls in this run: deadlines are what it may cost.
  bool has_short_deadlines() const { return has_short_deadlines_; }

  // To the channel that the judge has sent. Only shortages fail, and there are none.
  void Bind(const std::shared_ptr<Actor>& actor) { Bind(actor, options_); }
  void Bind(const std::shared_ptr<Actor>& actor, const ChannelOptions& options);

  // Once. For stories without a channel of the judge's nothing needs to be said.
  void WhenToldToEnd(std::function<void()> end) { end_ = std::move(end); }

  // Runs handlers until `done` holds.
  void RunUntil(const std::function<bool()>& done);
  void Settle(const Questions& questions) {
    RunUntil([&] { return questions.AreDone(); });
  }
  // Until nothing waits any more. The last call.
  void RunToTheEnd();

  boost::asio::io_context io;

 private:
  void AwaitWord();

  const bool has_short_deadlines_;
  ChannelOptions options_;
  std::string directions_;
  platform::Handle channel_;
  boost::asio::posix::stream_descriptor word_;  // watches, does not own
  std::function<void()> end_ = [] {};
};

using Scene = std::function<void(Stage&)>;

// The body of a peer. `control` stays open.
void PlaySide(const platform::Handle& control, const Scene& scene);

// The body of a process that was launched by a side: `channel` is what it was launched with.
void PlayLaunched(platform::Handle channel, const std::function<void(platform::Handle)>& scene);

// Of ours, for the process that a side launches: what the judge wants to happen there.
std::vector<std::string> EnvironmentOfChild();

// What EnvironmentOfChild hands on: "" or "BATON_DIE_AT=7".
inline constexpr const char* kChildVariable = "BATON_TEST_CHILD";

}  // namespace baton::testing
