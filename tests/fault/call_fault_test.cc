// Every system call of questions, of their answers and of closing fails once, with each error that
// it can give.
#include <thread>

#include "tests/fault/stage.h"
#include "tests/fault/sweep_errors.h"
#include "tests/process/calls_actors.h"
#include "tests/process/echo_actors.h"
#include "tests/process/sync_actors.h"
#include "tests/support/watchdog.h"

namespace baton::testing {
namespace {

using boost::system::error_code;

// Two ends, each bound to one of `parent` and `child`. What was bound is closed if the other fails.
template <class Parent, class Child>
bool BindBoth(Path path, const std::shared_ptr<Parent>& parent, boost::asio::io_context& parent_io,
              const std::shared_ptr<Child>& child, boost::asio::io_context& child_io) {
  const auto bind = [&]() -> Result<void> {
    std::pair<internal::EndpointParts, internal::EndpointParts> ends;
    if (path == Path::kInProcess) {
      ends = internal::CreateInProcessParts();
    } else {
      BATON_TRY(ends, internal::CreateEndpointParts());
    }
    const auto options = OptionsFor(path);
    BATON_CHECKED(
        internal::BindEndpoint(std::move(ends.first), parent, parent_io.get_executor(), options));
    return internal::BindEndpoint(std::move(ends.second), child, child_io.get_executor(), options);
  };
  const auto bound = bind();
  if (!bound) parent->Close();
  if (!bound) child->Close();
  return bound.has_value();
}

// Who was bound is told of the end once; the first of both may be bound and the second not.
template <class A>
void CheckEnds(const A& actor, bool are_both_bound) {
  CHECK(actor.destroyed <= 1);
  if (are_both_bound) CHECK(actor.destroyed == 1);
}

bool IsGoodEnd(const Actor& actor) {
  return !actor.close_error();
}

// --- Questions with answers ----------------------------------------------------------------------

// With a file and with memory in the answer, which is given later, or at once.
bool AskAndAnswer(Path path) {
  boost::asio::io_context io;
  const auto parent = std::make_shared<CallsParent>();
  const auto child = std::make_shared<CallsChild>();
  const bool is_bound = BindBoth(path, parent, io, child, io);
  Questions questions;
  const auto one = [&] {
    return [&, note = questions.One()](error_code error, const auto&... answer) mutable {
      note(error, answer...);
      if (questions.AreDone()) parent->Close();
    };
  };
  if (is_bound) {
    parent->SendEcho("hello", one());
    parent->SendOpen(false, one());
    parent->SendLend(one());
    if (auto memory = parent->AllocShmem(4096)) {
      parent->SendTransform(false, *std::move(memory), one());
    } else {
      parent->SendDrop(one());  // and so fails
    }
    parent->SendAnswerAll(one());
  }
  io.run();
  questions.Check();
  CheckEnds(*parent, is_bound);
  CHECK(TakeRecordedFailures().empty());
  return is_bound && !questions.last_error() && IsGoodEnd(*parent) && IsGoodEnd(*child);
}

TEST_CASE("faults: a question is completed once, whichever call of it or its answer fails") {
  const Path path = EachPath();
  const Watchdog watchdog;
  REQUIRE(AskAndAnswer(path));  // what Asio and the probes keep for good is there now
  SweepErrors([&] { return AskAndAnswer(path); });
}

// --- Sync questions ------------------------------------------------------------------------------

// The other side has a thread of its own: whoever asks blocks. An answer may be lost with the call
// that would have told of it, so the wait has a deadline of its own.
bool AskAndWait(Path path) {
  boost::asio::io_context io;
  boost::asio::io_context answering;
  const auto parent = std::make_shared<SyncParent>();
  parent->io = &answering;
  const auto child = std::make_shared<SyncChild>();
  const bool is_bound = BindBoth(path, parent, answering, child, io);
  std::thread thread([&] { answering.run(); });
  bool is_whole = is_bound;
  RoomEnds ends;
  const auto room = std::make_shared<SyncRoomChild>(ends);
  if (is_bound) {
    const auto number = child->SendAsk(1);
    is_whole = is_whole && number.has_value();
    if (number) CHECK(*number == 2);
    if (auto memory = child->AllocShmem(4096)) {
      is_whole = child->SendSwap(*std::move(memory), "hello").has_value() && is_whole;
    } else {
      is_whole = false;
    }
    const auto how = static_cast<std::uint32_t>(Room::kKnocks);
    is_whole = child->SendPSyncRoomConstructor(room, how).has_value() && is_whole;
    child->Close();
  }
  io.run();
  thread.join();
  CheckEnds(*child, is_bound);
  CHECK(ends.size() == (room->actor_id() == 0 ? 0u : 1u));
  CHECK(TakeRecordedFailures().empty());
  return is_whole && IsGoodEnd(*parent) && IsGoodEnd(*child);
}

TEST_CASE("faults: a sync question comes back, whichever call of it or its answer fails") {
  const Path path = EachPath();
  const Watchdog watchdog(4 * kPatience);
  REQUIRE(AskAndWait(path));
  SweepErrors([&] { return AskAndWait(path); }, false);
}

// --- Closing -------------------------------------------------------------------------------------

// Behind messages, a question and memory that are on their way, from both sides at once.
bool CloseBoth(Path path) {
  boost::asio::io_context io;
  const auto parent = std::make_shared<EchoParent>();
  const auto child = std::make_shared<EchoChild>();
  const bool is_bound = BindBoth(path, parent, io, child, io);
  Questions questions;
  bool is_sent = is_bound;
  if (is_bound) {
    auto memory = parent->AllocShmem(4096);
    is_sent = parent->SendCount(1).has_value() && memory &&
              parent->SendKeep(*std::move(memory)).has_value() &&
              parent->SendCloseYourself().has_value();
    parent->SendIgnore(questions.One());
    parent->Close();
  }
  io.run();
  questions.Check();
  CheckEnds(*parent, is_bound);
  return is_sent && child->destroyed == 1 && IsGoodEnd(*parent) && IsGoodEnd(*child);
}

TEST_CASE("faults: whichever call of closing fails, both sides end once and leave nothing") {
  const Path path = EachPath();
  const Watchdog watchdog;
  REQUIRE(CloseBoth(path));
  SweepErrors([&] { return CloseBoth(path); });
}

}  // namespace
}  // namespace baton::testing
