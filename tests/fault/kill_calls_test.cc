// A process ends, or stops, at each state change while questions are asked and answered.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include "tests/fault/kill_points.h"
#include "tests/fault/stage.h"
#include "tests/process/calls_actors.h"
#include "tests/process/sync_actors.h"

namespace baton::testing {
namespace {

// --- Async ---------------------------------------------------------------------------------------

PEER(AnswersCalls) {
  PlaySide(channel_end, [](Stage& stage) {
    const auto child = std::make_shared<CallsChild>();
    stage.Bind(child);
    stage.WhenToldToEnd([&] { child->Close(); });
    stage.RunUntil([&] { return child->destroyed > 0; });
    stage.RunToTheEnd();
    CHECK(child->destroyed == 1);
  });
}

// With an answer, an error of the protocol's, a refusal, a deadline, a cancellation, and never.
void PlayAsker(Stage& stage) {
  const auto parent = std::make_shared<CallsParent>();
  stage.Bind(parent);
  stage.WhenToldToEnd([&] { parent->Close(); });
  Questions questions;
  boost::asio::cancellation_signal cancel;
  parent->SendEcho("hello", questions.One());
  parent->SendOpen(false, questions.One());
  parent->SendCheck(2, questions.One());
  parent->SendDrop(questions.One());
  parent->SendWaitShortly(questions.One());
  stage.Settle(questions);
  if (auto memory = parent->AllocShmem(4096)) {
    parent->SendTransform(true, *std::move(memory), questions.One());
  }
  parent->SendLend(questions.One());  // memory of the child's making
  parent->SendWait(boost::asio::bind_cancellation_slot(cancel.slot(), questions.One()));
  cancel.emit(boost::asio::cancellation_type::terminal);
  parent->SendWait(questions.One());
  parent->SendAnswerAll(questions.One());
  stage.Settle(questions);
  parent->SendWaitLong(questions.One());
  parent->Close();
  stage.RunUntil([&] { return parent->destroyed > 0; });
  stage.RunToTheEnd();
  CHECK(parent->destroyed == 1);
  questions.Check();
}

PEER(AsksCalls) {
  PlaySide(channel_end, PlayAsker);
}

const Story kCalls = {.name = "calls", .first = &AsksCalls, .second = &AnswersCalls};

TEST_CASE("kill points: who asks dies") {
  SweepDeaths(kCalls, Victim::kFirst);
}
TEST_CASE("kill points: who answers dies") {
  SweepDeaths(kCalls, Victim::kSecond);
}
TEST_CASE("kill points: who asks stalls") {
  SweepStalls(kCalls, Victim::kFirst);
}
TEST_CASE("kill points: who answers stalls") {
  SweepStalls(kCalls, Victim::kSecond);
}

// --- Sync ----------------------------------------------------------------------------------------

PEER(AnswersSync) {
  PlaySide(channel_end, [](Stage& stage) {
    const auto parent = std::make_shared<SyncParent>();
    parent->io = &stage.io;
    stage.Bind(parent);
    stage.WhenToldToEnd([&] { parent->Close(); });
    stage.RunUntil([&] { return parent->destroyed > 0; });
    stage.RunToTheEnd();
    CHECK(parent->destroyed == 1);
    CHECK(parent->room_ends.size() >= parent->rooms.size());
  });
}

// What each says when the other is gone is up to the moment; that it comes back is not.
void PlaySyncAsker(Stage& stage) {
  const auto child = std::make_shared<SyncChild>();
  stage.Bind(child);
  stage.WhenToldToEnd([&] { child->Close(); });
  const auto ask = [&](Action action) { return child->SendDo(static_cast<std::uint32_t>(action)); };
  const auto number = child->SendAsk(1);
  if (number) CHECK(*number == 2);
  (void)child->SendNote(1);
  if (auto memory = child->AllocShmem(4096)) {
    const auto swapped = child->SendSwap(*std::move(memory), "hello");
    if (swapped) CHECK(swapped->memory_back.bytes()[4095] == std::byte{7});
  }
  (void)ask(Action::kMakeRoom);  // nested
  (void)child->SendDive(2);
  RoomEnds ends;
  const auto room = std::make_shared<SyncRoomChild>(ends);
  const bool has_room =
      child->SendPSyncRoomConstructor(room, static_cast<std::uint32_t>(Room::kKnocks)).has_value();
  if (has_room) (void)room->SendKnock();
  if (has_room) (void)room->Send__delete__();
  if (!stage.has_short_deadlines()) {  // that message has a long one of its own
    (void)child->SendPSyncVaultConstructor(std::make_shared<SyncVaultChild>(), "vault");
  }
  (void)child->SendConfirm();
  child->Close();
  stage.RunUntil([&] { return child->destroyed > 0; });
  stage.RunToTheEnd();
  CHECK(child->destroyed == 1);
  CHECK(ends.size() == (room->actor_id() == 0 ? 0u : 1u));
  CHECK(child->room_ends.size() == child->rooms.size());
}

PEER(AsksSync) {
  PlaySide(channel_end, PlaySyncAsker);
}

const Story kSync = {.name = "sync", .first = &AnswersSync, .second = &AsksSync};

TEST_CASE("kill points: who answers sync questions dies") {
  SweepDeaths(kSync, Victim::kFirst);
}
TEST_CASE("kill points: who asks sync questions dies") {
  SweepDeaths(kSync, Victim::kSecond);
}
TEST_CASE("kill points: who answers sync questions stalls") {
  SweepStalls(kSync, Victim::kFirst);
}
TEST_CASE("kill points: who asks sync questions stalls") {
  SweepStalls(kSync, Victim::kSecond);
}

}  // namespace
}  // namespace baton::testing
