// Both sides of sync.idl as the tests use them.
#pragma once

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <csignal>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <baton/baton.h>

#include "syncChild.h"
#include "syncParent.h"
#include "tests/process/sync_rooms.h"
#include "tests/process/transport.h"
#include "tests/support/must.h"
#include "tests/support/peer.h"

namespace baton::testing {

using boost::asio::io_context;

// What PSyncParent::RecvDo does, in a peer as well as here.
enum class Action : std::uint32_t {
  kCountNotes,  // answers with how many have come
  kRefuse,      // std::errc::device_or_resource_busy
  kAccuse,      // says that the child broke a rule
  kClose,
  kDie,
  kMakePart,   // sends a constructor, which the answer overtakes
  kShowPart,   // the same, and names it in a nested question
  kTouchPart,  // asks the part itself
  kDiveDeep,   // asks back, as deep as it goes
  kThrow,
  kHoldBack,         // from now on
  kMakeRoom,         // and knocks there
  kMakeRoomRefused,  // answers with 1 when that has ended it here
  kMakePartAndRoom,  // the room's constructor overtakes the part's
  kAskWhenBound,     // in RecvTakeRoom, from now on
  kCountFailed,      // rooms that have ended here with kFailedConstructor
};

// As a number for AskPart: the manager asks back first.
inline constexpr std::uint64_t kAsksBack = 1'000;

class SyncPartParent : public ::testing::PSyncPartParent {
 protected:
  Result<AskPartReply> RecvAskPart(std::uint64_t number) override {
    if (number == kAsksBack) BATON_CHECKED(Manager()->SendDive(0));
    return number + 1;
  }
};

class SyncPartChild : public ::testing::PSyncPartChild {
 public:
  int touched = 0;

 protected:
  Result<void> RecvTouch() override {
    ++touched;
    return {};
  }
};

class SyncParent : public SyncRoomsParent {
 public:
  int destroyed = 0;
  ActorDestroyReason reason = {};
  std::vector<std::uint64_t> notes;
  std::uint64_t dives = 0;    // handled
  std::uint64_t crossed = 0;  // sent by Cross, and answered
  std::function<void()> on_dive = [] {};

 protected:
  Result<AskReply> RecvAsk(std::uint64_t number) override { return number + 1; }
  Result<HurryReply> RecvHurry(std::uint64_t number) override { return number + 1; }
  Result<void> RecvTell(std::string text) override {
    if (text.empty()) return Fail(Errc::kRejected);
    return {};
  }
  Result<ConfirmReply> RecvConfirm() override { return ConfirmReply{}; }
  Result<SwapReply> RecvSwap(Shmem memory, std::string text) override {
    for (std::byte& byte : memory.bytes()) byte = std::byte{7};
    return SwapReply{std::move(memory), text + " back"};
  }

  Result<FetchReply> RecvFetch(std::uint64_t pieces, std::uint32_t piece_size,
                               std::uint32_t size) override {
    const std::vector<std::byte> content(piece_size);
    std::uint64_t sent = 0;
    while (sent < pieces && SendPiece(sent + 1, content)) ++sent;
    return FetchReply{sent, std::vector<std::byte>(size, std::byte{9})};
  }

  Result<DoReply> RecvDo(std::uint32_t action) override;

  Result<NewPartReply> RecvNewPart() override {
    const auto part = std::make_shared<SyncPartParent>();
    BATON_CHECKED(SendPSyncPartConstructor(part));
    return NewPartReply(part);
  }

  Result<void> RecvNote(std::uint64_t number) override {
    notes.push_back(number);
    return {};
  }
  void RecvQuestion(std::uint64_t number, QuestionReplier reply) override { reply(number + 1); }

  Result<DiveReply> RecvDive(std::uint64_t depth) override {
    ++dives;
    on_dive();
    PEER_EXPECT(!is_crossing_);  // that one is handled first, over there
    if (depth == 0) return std::uint64_t{0};
    BATON_TRY(const std::uint64_t below, SendDive(depth - 1));
    return below + 1;
  }

  // Each one from the loop, so that what the child asks meanwhile gets its turn.
  Result<void> RecvCross(std::uint64_t count) override {
    if (count == 0) return {};
    is_crossing_ = true;
    const auto reached = SendDive(0);
    is_crossing_ = false;
    if (!reached) return Fail(reached.error());
    crossed += *reached + 1;
    boost::asio::post(*io, [self = shared_from_this(), this, count] { Continue(count - 1); });
    return {};
  }

  void ActorDestroy(ActorDestroyReason why) override {
    ++destroyed;
    reason = why;
    hold_back_.reset();
  }

 public:
  io_context* io = nullptr;

 private:
  Result<std::uint64_t> MakeRoom() {
    const auto room = std::make_shared<SyncRoomParent>(room_ends);
    BATON_CHECKED(SendPSyncRoomConstructor(room, static_cast<std::uint32_t>(Room::kOpen)));
    return room->SendKnock();
  }
  void Continue(std::uint64_t count) {
    if (!CanSend()) return;
    if (count == 0) return (void)SendPiece(crossed, {});
    PEER_EXPECT(RecvCross(count));
  }

  bool is_crossing_ = false;
  std::optional<HoldBack> hold_back_;
};

inline Result<std::uint64_t> SyncParent::RecvDo(std::uint32_t action) {
  switch (static_cast<Action>(action)) {
    case Action::kCountNotes: return notes.size();
    case Action::kRefuse: return Fail(std::make_error_code(std::errc::device_or_resource_busy));
    case Action::kAccuse: return PeerFault("a test");
    case Action::kClose: Close(); return std::uint64_t{0};
    case Action::kDie: (void)std::raise(SIGKILL); return std::uint64_t{0};
    case Action::kMakePart:
      BATON_CHECKED(SendPSyncPartConstructor(std::make_shared<SyncPartParent>()));
      return std::uint64_t{0};
    case Action::kShowPart:
    case Action::kTouchPart: {
      const auto part = std::make_shared<SyncPartParent>();
      BATON_CHECKED(SendPSyncPartConstructor(part));
      const bool shows = action == static_cast<std::uint32_t>(Action::kShowPart);
      BATON_CHECKED(shows ? SendShow(part) : part->SendTouch());
      return std::uint64_t{1};
    }
    case Action::kDiveDeep: return SendDive(1'000);
    case Action::kThrow: throw 1;
    case Action::kHoldBack: hold_back_.emplace(*this); return std::uint64_t{0};
    case Action::kMakePartAndRoom:
      BATON_CHECKED(SendPSyncPartConstructor(std::make_shared<SyncPartParent>()));
      return MakeRoom();
    case Action::kAskWhenBound: asks_when_bound = true; return std::uint64_t{0};
    case Action::kMakeRoom: return MakeRoom();
    case Action::kMakeRoomRefused: {
      const auto room = std::make_shared<SyncRoomParent>(room_ends);
      const auto made = SendPSyncRoomConstructor(room, static_cast<std::uint32_t>(Room::kRefused));
      return std::uint64_t{!made && !room->CanSend()};
    }
    case Action::kCountFailed:
      return static_cast<std::uint64_t>(
          std::ranges::count(room_ends, ActorDestroyReason::kFailedConstructor));
  }
  return Fail(Errc::kRejected);
}

class SyncChild : public SyncRoomsChild {
 public:
  int destroyed = 0;
  ActorDestroyReason reason = {};
  std::vector<std::uint64_t> pieces;
  std::vector<std::shared_ptr<SyncPartChild>> parts;
  std::uint64_t dives = 0;
  std::function<void()> on_piece = [] {};
  std::function<void()> on_dive = [] {};

 protected:
  Result<void> RecvPiece(std::uint64_t number, std::vector<std::byte>) override {
    pieces.push_back(number);
    on_piece();
    return {};
  }
  std::shared_ptr<::testing::PSyncPartChild> AllocPSyncPartChild() override {
    return parts.emplace_back(std::make_shared<SyncPartChild>());
  }
  Result<DiveReply> RecvDive(std::uint64_t depth) override {
    ++dives;
    on_dive();
    if (depth == 0) return std::uint64_t{0};
    BATON_TRY(const std::uint64_t below, SendDive(depth - 1));
    return below + 1;
  }
  Result<void> RecvShow(std::shared_ptr<::testing::PSyncPartChild>) override { return {}; }
  Result<void> RecvCross(std::uint64_t) override { return {}; }
  void ActorDestroy(ActorDestroyReason why) override {
    ++destroyed;
    reason = why;
  }
};

// The body of most peers: answers until the child goes.
inline void RunSyncParent(platform::Handle channel_end, std::size_t max_actors = 100) {
  io_context io;
  const auto parent = std::make_shared<SyncParent>();
  parent->io = &io;
  Link link = Accept(std::move(channel_end));
  link.options.max_actors = max_actors;
  Must(internal::BindEndpoint(std::move(link.parts), parent, io.get_executor(), link.options));
  for (bool has_thrown = true; has_thrown;) {
    has_thrown = false;
    try {
      io.run();
    } catch (int) {
      has_thrown = true;  // Action::kThrow
    }
  }
  PEER_EXPECT(parent->destroyed == 1);
}

// The test's own side, who asks.
struct AskingSide {
  AskingSide(Peer& peer, Transport transport) : AskingSide(Offer(peer, transport)) {}
  explicit AskingSide(Link link) {
    Must(internal::BindEndpoint(std::move(link.parts), actor, io.get_executor(), link.options));
  }

  Result<std::uint64_t> Do(Action action) {
    return actor->SendDo(static_cast<std::uint32_t>(action));
  }

  void CloseAndRun() {
    actor->Close();
    io.restart();
    io.run();
    CHECK(actor->destroyed == 1);
  }

  template <class Predicate>
  void RunUntil(Predicate done) {
    io.restart();
    while (!done() && io.run_one() > 0) {
    }
  }

  io_context io;
  std::shared_ptr<SyncChild> actor = std::make_shared<SyncChild>();
};

}  // namespace baton::testing
