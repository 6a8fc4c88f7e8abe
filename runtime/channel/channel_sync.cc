// The part of Channel that waits for an answer on its caller's stack: to a sync message, or to a
// request for memory (channel_loans.cc), in whose wait no question is dispatched.
//
//   Ask: send -> Await [ take what has come -> spin -> sleep ] -> the answer, or why there is none
//
// No io_context is run meanwhile. Control is acted upon as always, and that is how the answer
// comes. Data is held in the backlog, in its order, for after the wait; nested questions pass it
// by. Once the backlog is full, data stays where it is.
#include <algorithm>
#include <thread>
#include <utility>

#include <baton/platform/processor.h>
#include <baton/platform/state_point.h>

#include "runtime/channel/channel_guarded.h"

namespace baton::internal {
namespace {

constexpr int kFramesPerTake = 64;
constexpr int kLooksPerStreamLook = 16;
constexpr int kYields = 8;

// When the doorbell cannot be heard, behind data that there is no room for; or the system is short
// of something.
constexpr std::chrono::milliseconds kLookAgain{1};

}  // namespace

// --- Asking --------------------------------------------------------------------------------------

std::uint32_t Channel::FlagsOf(const wire::Message& message) const {
  if (!message.is_sync) return 0;
  return kSync | (message.is_nested ? kNested : 0) | (handled_ != SyncLevel::kNone ? kInside : 0);
}

SyncLevel Channel::BeginSync(const wire::Message& message) {
  queue_.LimitStream(true);
  return std::exchange(handled_, message.is_nested ? SyncLevel::kNested : SyncLevel::kSync);
}

void Channel::EndSync(SyncLevel before) {
  handled_ = before;
  queue_.LimitStream(before != SyncLevel::kNone);
  if (phase_ != Phase::kEnded && !queue_.empty()) FlushUnlessHeldBack();
}

// Whoever waits for a handler of ours would not look at a question that is less deep than its own.
Result<void> Channel::CheckAsk(const wire::Message& message) const {
  const bool is_less_deep = handled_ == SyncLevel::kNested && !message.is_nested;
  const bool is_too_deep = wait_ != nullptr && wait_->depth >= kMaxSyncWaits;
  if (!is_less_deep && !is_too_deep) return {};
  return Fail(std::make_error_code(std::errc::resource_deadlock_would_occur));
}

Result<void> Channel::Ask(const wire::Message& message, std::span<const void* const> values,
                          const std::shared_ptr<SyncCallBase>& call, std::uint32_t actor,
                          std::chrono::microseconds deadline) {
  return AskBy(message, call, deadline, [&]() -> Result<std::uint64_t> {
    BATON_CHECKED(Send(message, values, call, actor));
    return last_call_;
  });
}

Result<void> Channel::AskToConstruct(const wire::Message& message,
                                     std::span<const void* const> values, Actor& manager,
                                     const std::shared_ptr<Actor>& actor,
                                     const std::shared_ptr<SyncCallBase>& call,
                                     std::chrono::microseconds deadline) {
  return AskBy(message, call, deadline, [&]() -> Result<std::uint64_t> {
    BATON_TRY(const std::uint32_t id, Construct(message, values, manager, actor, call));
    return kConstructorCall | id;
  });
}

// `send` returns the question's number.
template <class F>
Result<void> Channel::AskBy(const wire::Message& message, const std::shared_ptr<SyncCallBase>& call,
                            std::chrono::microseconds deadline, F send) {
  BATON_CHECKED(CheckSend());
  BATON_CHECKED(CheckAsk(message));
  if (deadline == kSyncDeadline) deadline = options_.sync_deadline;
  deadline = std::clamp<std::chrono::microseconds>(deadline, {}, kLongestWait);
  const Keep keep = KeepAlive();
  SyncWait wait(wait_, *call, Clock::now() + deadline);
  BATON_TRY(const std::uint64_t number, send());
  queue_.LimitStream(false);  // the question is data, behind other
  return AwaitAnswer(wait, number, call);
}

Result<void> Channel::AwaitAnswer(SyncWait& wait, std::uint64_t number,
                                  const std::shared_ptr<SyncCallBase>& call) {
  Flush();  // also what was held back: the peer answers when it has handled that
  platform::StatePoint("sync.waiting");
  Guarded([&] { Await(wait); });
  platform::StatePoint("sync.over");
  // Whoever reads otherwise takes over. In the poller's list, that is the poller.
  if (phase_ != Phase::kEnded && (!is_awake_ || must_rest_)) PostReadable();
  const std::error_code why_not = wait.end ? wait.end : std::error_code(Errc::kClosed);
  if (!call->finished()) GiveUpCall(number, why_not);
  call->Finish(why_not);  // where the channel has forgotten it
  if (call->error()) return Fail(call->error());
  return {};
}

// --- Waiting -------------------------------------------------------------------------------------

bool Channel::IsOver(const SyncWait& wait) const {
  return wait.call.finished() || wait.end || phase_ != Phase::kOpen;
}

void Channel::Await(SyncWait& wait) {
  spin_.BeginWaiting(Clock::now());
  for (;;) {
    if (std::exchange(wait.looks_at_held, false)) DispatchHeldNested(wait);
    if (!queue_.empty()) FlushAgain();
    const bool has_found = !IsOver(wait) && TakeInWait(wait, true);
    if (phase_ == Phase::kClosing) wait.end = Errc::kClosed;
    if (goodbye_waits_ || parting_ == Parting::kInOrder) wait.end = Errc::kPeerClosed;
    if (IsOver(wait)) return;
    if (Clock::now() >= wait.until) wait.end = std::make_error_code(std::errc::timed_out);
    if (wait.end) return;
    if (has_found || SpinInWait(wait)) continue;
    SleepInWait(wait);
  }
}

// As the poller does. True when something came.
bool Channel::SpinInWait(SyncWait& wait) {
  if (inbox_.ring() == nullptr || IsOver(wait)) return IsOver(wait);
  const Clock::time_point begin = Clock::now();
  Clock::time_point now = begin;
  for (int look = 1; now - begin < spin_.to_spin(); ++look) {
    if (!queue_.empty()) FlushAgain();
    const bool looks_at_stream = look % kLooksPerStreamLook == 0;
    if (looks_at_stream) now = Clock::now();
    if (IsOver(wait) || TakeInWait(wait, looks_at_stream)) {
      spin_.NoteMessage(Clock::now(), SpinBudget::Found::kSpinning);
      return true;
    }
    platform::Relax();
  }
  for (int yields = 0; spin_.yields() && yields < kYields; ++yields) {
    std::this_thread::yield();
    if (!TakeInWait(wait, true)) continue;
    spin_.NoteMessage(Clock::now(), SpinBudget::Found::kYielding);
    return true;
  }
  return false;
}

// The sleep protocol of ring.h, on this stack.
void Channel::SleepInWait(SyncWait& wait) {
  RingReader* const ring = inbox_.ring();
  if (ReleaseRing() == Left::kEnded || !AwaitRoom() || IsOver(wait)) return;
  if (ring != nullptr) {
    const auto asleep = ring->Sleep(backlog_.has_room());
    if (!asleep) return (void)Fault(asleep.error(), "the incoming ring");
    if (!*asleep) return;
    ++counts_.sleeps;
  }
  Stream::Wanted wanted;
  wanted.readable = !wait.is_stuck;
  wanted.writable = queue_.waits_for_stream();
  if (!peer_gone_) wanted.also = peer_death().get();
  wanted.until = wait.until;
  const bool looks_again = wait.is_stuck || queue_.waits_for_the_system();
  if (looks_again) wanted.until = std::min(wanted.until, Clock::now() + kLookAgain);
  const Stream::Events events = stream_->Block(wanted);
  if (ring != nullptr) {
    ring->Wake();
    spin_.NoteMessage(Clock::now(), SpinBudget::Found::kAsleep);
  }
  wait.has_hung_up = wait.has_hung_up || events.has_ended;
  if (events.also && !peer_gone_) PeerIsGone();
  if (!wanted.writable && !looks_again) return;
  queue_.StreamMayTakeMore();
  Flush();  // a doorbell may be all that is owed
}

// --- Taking --------------------------------------------------------------------------------------

// Takes what is there, a fair share of it: receiving counts as well, for doorbells without end are
// no frames. True when that was anything, or when the wait is over.
bool Channel::TakeInWait(SyncWait& wait, bool looks_at_stream) {
  bool has_found = false;
  bool stream_is_empty = false;  // since the last look into the inbox
  Frame frame;
  turn_is_over_ = false;
  const auto is_done = [&] { return IsOver(wait) || wait.looks_at_held || MustPause(); };
  for (int count = 0; count < kFramesPerTake && !is_done();) {
    const bool takes_data = backlog_.has_room();
    const auto has_frame =
        takes_data ? inbox_.Next(stream_is_empty, frame) : inbox_.NextControl(frame);
    if (!has_frame) {
      (void)Fault(has_frame.error(), "in the stream of frames");
      return true;
    }
    if (*has_frame) {
      has_found = true;
      stream_is_empty = false;
      OnFrameInWait(frame);
      if (++count % kFramesPerRelease == 0) (void)ReleaseRing();
      continue;
    }
    wait.is_stuck = inbox_.has_frame();
    const bool must_receive = takes_data && inbox_.must_receive();
    if (!must_receive && (!looks_at_stream || stream_is_empty)) break;
    ++count;
    if (!ReceiveInWait(wait, stream_is_empty)) break;
  }
  return ReleaseRing() == Left::kEnded || has_found || IsOver(wait);
}

// False: there is no sense in another look into the inbox.
bool Channel::ReceiveInWait(SyncWait& wait, bool& stream_is_empty) {
  const bool is_gone = wait.is_stuck && (peer_gone_ || wait.has_hung_up);
  const Received received = wait.is_stuck ? Received::kNothing : ReceiveOnce();
  if (is_gone || (received == Received::kEnd && wait.has_ended)) wait.end = Errc::kPeerDied;
  // Before the end counts the ring is looked at once more: what was said last is in there.
  wait.has_ended = received == Received::kEnd;
  stream_is_empty = received == Received::kNothing;
  return !wait.end && !wait.is_stuck;
}

void Channel::OnFrameInWait(Frame& frame) {
  if (frame.header.lane == Lane::kControl || !hello_received_) return OnFrame(frame);
  if (!wait_->nests || !MayNest(frame.header)) return Hold(frame);
  frame.is_early = !backlog_.empty();
  OnNested(frame);
  frame.is_early = false;
}

// Both sides may ask at the same time: then the child handles the parent's question first.
bool Channel::MayNest(const FrameHeader& header) const {
  if ((header.flags & kNested) == 0) return false;
  return actor_->side_ == Side::kChild || (header.flags & kInside) != 0;
}

void Channel::OnNested(Frame& frame) {
  const bool constructs = frame.header.kind == FrameKind::kConstruct;
  if (frame.header.actor == 0 && !constructs) return OnFrame(frame);
  ++counts_.messages_received;
  if (!constructs) return OnManaged(frame);
  if (MayMake(frame)) OnConstruct(frame);
}

// Those that had come before anybody waited.
void Channel::DispatchHeldNested(const SyncWait& wait) {
  const auto may_nest = [&](const FrameHeader& header) { return MayNest(header); };
  while (wait.nests && !IsOver(wait) && !goodbye_waits_) {
    auto held = backlog_.PopFirst(may_nest);
    if (!held) return;
    --unanswered_;
    held->frame().is_early = true;
    OnNested(held->frame());
  }
}

}  // namespace baton::internal
