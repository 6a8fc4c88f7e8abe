// The part of Channel that keeps received frames for later, and decides which of them runs next.
#include <utility>

#include "runtime/channel/channel.h"

namespace baton::internal {
namespace {

// A handler that runs the io_context lets others have their turn.
constexpr int kReceivesInside = 16;

// What one receive counts for: it may bring as much work as so many frames, and no frame.
constexpr int kFramesPerReceive = 16;

}  // namespace

// A question that waits is open, and counted as such, from here on. So is the number of an actor in
// use: a nested constructor may be dispatched before this one.
void Channel::Hold(Frame& frame) {
  if (MakesActor(frame.header) && !frame.has_waited && !IsNewIdRight(frame)) return;
  const bool asks = IsQuestion(frame.header);
  if (asks && !frame.has_waited) {
    if (const auto call = CheckCall(frame.header); !call) {
      return (void)Fault(call.error(), "a question that has to wait");
    }
  }
  if (asks) ++unanswered_;
  HeldFrame held(std::move(frame));
  held.frame().has_waited = true;
  backlog_.Push(std::move(held));
}

// Control is dispatched at once, as is what ends the channel. Receiving counts as well:
// doorbells without end are no frames.
Channel::Left Channel::ReadAhead(int& may_take, Keep& kept) {
  bool stream_is_empty = false;
  for (Frame frame; may_take > 0 && backlog_.has_room() && !MustPause();) {
    const auto has_frame = inbox_.Next(stream_is_empty, frame);
    if (!has_frame) {
      (void)Fault(has_frame.error(), "in the stream of frames");
      return Left::kEnded;
    }
    if (!*has_frame) {
      const bool is_all = stream_is_empty || (inbox_.ring() != nullptr && stream_is_empty_);
      if (is_all && !inbox_.must_receive()) return Left::kNothing;
      may_take -= kFramesPerReceive;
      const Received received = ReceiveOnce();
      if (received == Received::kEnd) return Left::kNothing;
      stream_is_empty = received == Received::kNothing;
      continue;
    }
    stream_is_empty = false;
    --may_take;
    if (kept.channel == nullptr) kept = KeepAlive();
    const bool is_data = frame.header.lane == Lane::kData;
    const bool waits = is_data && hello_received_ && phase_ == Phase::kOpen;
    waits ? Hold(frame) : OnFrame(frame);
    if (phase_ == Phase::kEnded) return Left::kEnded;
    const bool is_time = inbox_.ring() != nullptr && inbox_.ring()->should_release();
    if (is_time && ReleaseRing() == Left::kEnded) return Left::kEnded;
  }
  return Left::kMore;
}

// While data has to stay where it is.
Channel::Left Channel::ReadControl(Keep& kept) {
  Frame frame;
  for (int count = 0; count < Backlog::kMostAhead; ++count) {
    const auto has_frame = inbox_.NextControl(frame);
    if (!has_frame) {
      (void)Fault(has_frame.error(), "in the stream of frames");
      return Left::kEnded;
    }
    if (!*has_frame) return Left::kNothing;
    if (kept.channel == nullptr) kept = KeepAlive();
    OnFrame(frame);
    if (phase_ == Phase::kEnded) return Left::kEnded;
  }
  return Left::kMore;
}

// Nothing overtakes what makes or ends an actor: all before it has been dispatched when it is its
// turn, and only then is asked what comes behind it, whose actors are there by now.
std::optional<HeldFrame> Channel::TakeHeld() {
  if (!looks_ahead_) return backlog_.PopFirst();
  while (const HeldFrame* const next = backlog_.first_unranked()) {
    const Turn turn = TurnOf(next->header());
    if (turn.is_of_tree && backlog_.has_ranked()) break;
    if (turn.is_of_tree) return backlog_.PopFirst();
    auto older = backlog_.Rank(turn.queueing.priority, turn.queueing.compress);
    if (!older) continue;
    DropCompressed(*std::move(older), *turn.message);
    if (phase_ == Phase::kEnded) return std::nullopt;
  }
  return backlog_.PopNext();
}

Turn Channel::TurnOf(const FrameHeader& header) {
  Turn turn;
  switch (header.kind) {
    case FrameKind::kReply:
    case FrameKind::kReject:
      if (const auto found = calls_.find(header.call); found != calls_.end()) {
        turn.queueing.priority = found->second.message->queueing.reply_priority;
      }
      return turn;
    case FrameKind::kMessage: {
      const Actor* const actor = ActorOf(header.actor);
      if (actor == nullptr) return turn;
      const wire::Protocol& protocol = actor->protocol_;
      const bool is_parent = actor->side_ == Side::kParent;
      turn.message =
          queueing_rules_.Find(is_parent ? protocol.to_parent : protocol.to_child, header.message);
      if (turn.message == nullptr) return turn;
      turn.queueing = turn.message->queueing;
      turn.is_of_tree = turn.message->role == wire::MessageRole::kDestructor;
      return turn;
    }
    default: turn.is_of_tree = true; return turn;
  }
}

Channel::Left Channel::DispatchNextHeld(int& may_take, Keep& kept) {
  if (looks_ahead_ && ReadAhead(may_take, kept) == Left::kEnded) return Left::kEnded;
  if (kept.channel == nullptr && !backlog_.empty()) kept = KeepAlive();
  auto next = TakeHeld();
  if (phase_ == Phase::kEnded) return Left::kEnded;
  if (!next) return Left::kNothing;
  DispatchHeld(*std::move(next));
  return phase_ == Phase::kEnded ? Left::kEnded : Left::kMore;
}

void Channel::DispatchHeld(HeldFrame held) {
  if (IsQuestion(held.header())) --unanswered_;
  OnFrame(held.frame());
  if (goodbye_waits_ && backlog_.empty()) OnGoodbye();
}

// Taken apart like one that comes too late, so that whatever it owns is let go of.
void Channel::DropCompressed(HeldFrame held, const wire::Message& message) {
  const FrameHeader header = held.header();
  ++counts_.messages_received;
  ++counts_.messages_compressed;
  const bool asks = IsQuestion(header);
  if (asks) --unanswered_;
  Incoming incoming(*this, header.message, held.frame(), nullptr);
  if (!ActorOf(header.actor)->dispatch_(nullptr, incoming) || !asks) return;
  ++unanswered_;
  Reject(message, header.call, std::make_error_code(std::errc::operation_canceled), header.actor);
}

// --- In a handler that runs the io_context -------------------------------------------------------

// Nothing is dispatched in here, but news of room is heard: the handler may be waiting for it.
void Channel::ReadInside() {
  if (!queue_.empty()) FlushAgain();
  Keep kept;
  for (int turn = 0; turn < kReceivesInside && phase_ != Phase::kEnded; ++turn) {
    turn_is_over_ = false;
    int may_take = Backlog::kMostAhead;
    const Received received = ReceiveOnce();
    if (ReadAhead(may_take, kept) == Left::kEnded) return;
    if (!backlog_.has_room() && ReadControl(kept) == Left::kEnded) return;
    if (ReleaseRing() == Left::kEnded) return;
    // Data of the stream without room hides the doorbells behind it.
    if (received == Received::kEnd || (inbox_.has_frame() && !backlog_.has_room())) {
      deferred_read_ = KeepAlive();
      return;
    }
    if (stream_is_empty_ && may_take > 0) return WaitReadable();
  }
  if (phase_ != Phase::kEnded) PostReadable();
}

}  // namespace baton::internal
