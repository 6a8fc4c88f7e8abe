// What the two sides do wrong: each mistake is an error of its own, and changes nothing.
#include <string>
#include <utility>

#include "tests/process/ownership_session.h"

namespace baton::testing {

void OwnershipSession::SendWhatMustNot(int side) {
  std::vector<Shmem> pieces = TakeSome(side, 2);
  auto& sent_before = HandsOf(side).sent;
  const std::size_t good = pieces.size();
  std::string text = "wrong";
  std::error_code expected = Errc::kEmptyShmem;
  const bool has_sent = Below(2) == 0 && !sent_before.empty();
  if (has_sent) {
    pieces.push_back(std::move(sent_before.back()));
    sent_before.pop_back();
    expected = Errc::kAlreadySent;
  } else {
    pieces.emplace_back();
  }
  if (Below(3) == 0) {
    text = "\xff";
    expected = Errc::kInvalidValue;
  }
  if (model_.end(side) != End::kOpen) expected = Errc::kClosed;
  const auto sent = ActorOf(side).SendMessage(ownership::kGive, {&text, &pieces});
  REQUIRE(sent.has_error());
  REQUIRE(sent.error() == expected);
  if (expected != Errc::kClosed) {
    Note(text == "\xff" ? "sends with a text that is none"
         : has_sent     ? "sends what was sent"
                        : "sends nothing");
  }
  REQUIRE(pieces.back().state() == (has_sent ? ShmemState::kSent : ShmemState::kEmpty));
  pieces.resize(good);
  PutBack(side, std::move(pieces));
}

void OwnershipSession::Misuse(int side) {
  const bool is_ended = model_.end(side) == End::kEnded;
  OwnershipActor& actor = ActorOf(side);
  for (Shmem& memory : HandsOf(side).sent) {
    REQUIRE(actor.DeallocShmem(memory).error() == (is_ended ? Errc::kClosed : Errc::kAlreadySent));
    REQUIRE(ShmemSlice::Of(std::move(memory), 0, 0).error() == Errc::kAlreadySent);
    REQUIRE(memory.state() == ShmemState::kSent);
    Note("gives what it has sent to DeallocShmem");
  }
  for (auto& [id, memory] : HandsOf(side).owned) {
    const bool is_other_ended = model_.end(Other(side)) == End::kEnded;
    REQUIRE(ActorOf(Other(side)).DeallocShmem(memory).error() ==
            (is_other_ended ? Errc::kClosed : Errc::kWrongChannel));
    REQUIRE(ShmemSlice::Of(std::move(memory), 1, memory.size()).error() == Errc::kSliceBounds);
    REQUIRE(memory.state() == ShmemState::kOwned);
    if (!is_other_ended) Note("gives its own to the other's DeallocShmem");
    if (model_.pieces().at(id).channel == model_.channel()) continue;
    std::vector<Shmem> foreign;
    foreign.push_back(std::move(memory));
    const std::string text = "foreign";
    REQUIRE(actor.SendMessage(ownership::kGive, {&text, &foreign}).error() ==
            (model_.end(side) == End::kOpen ? Errc::kWrongChannel : Errc::kClosed));
    if (model_.end(side) == End::kOpen) Note("sends what is of another channel");
    memory = std::move(foreign[0]);
    REQUIRE(memory.state() == ShmemState::kOwned);
    REQUIRE(actor.DeallocShmem(foreign[0]).error() ==
            (is_ended ? Errc::kClosed : Errc::kEmptyShmem));
  }
}

}  // namespace baton::testing
