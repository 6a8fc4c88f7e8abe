// The part of Channel that says what it has taken, has memory kept by the peer, and parts from it.
//
// Who closes says what it has taken, then GOODBYE, and takes nothing from there on. Who hears that
// says the same, and ends when it has left. So each knows of every piece under way whether the
// other has it (docs/wire-format.md, section 6).
#include <span>
#include <utility>

#include <baton/platform/state_point.h>

#include "runtime/channel/channel.h"
#include "runtime/channel/control_messages.h"

namespace baton::internal {

void Channel::QueueTransfer(FrameKind kind, const ShmemTransfer& transfer) {
  const void* const values[] = {&transfer.id.high, &transfer.id.low, &transfer.transfers,
                                &transfer.keeps_mapping};
  const wire::Table& table = transfer.keeps_mapping ? kReturnTable : kReleaseTable;
  QueueControl(kind, &table, std::span(values).first(table.rows.size()));
}

// A few at a time: a peer that sends memory and reads nothing must not fill our queue with the news
// that we have it, or have freed it. The rest waits in the table, where it is bounded.
void Channel::QueueTransfers() {
  if (phase_ != Phase::kOpen || !(memory_->has_releases() || memory_->has_untold())) return;
  const auto room = [&] { return kMostControlWaiting - queue_.control_frames(); };
  if (queue_.control_frames() >= kMostControlWaiting) return;
  for (const ShmemTransfer& freed : memory_->TakeReleases(room())) {
    QueueTransfer(FrameKind::kRelease, freed);
    platform::StatePoint("release.queued");
  }
  for (const ShmemTransfer& taken : memory_->TakeUntold(room())) {
    QueueTransfer(FrameKind::kTaken, taken);
    platform::StatePoint("taken.queued");
  }
}

// Ends when all has left, or at the deadline.
void Channel::StartClosing(std::uint64_t after) {
  platform::StatePoint("channel.closing");
  phase_ = Phase::kClosing;
  deadline_->expires_after(options_.close_deadline);
  deadline_->async_wait([this, keep = KeepAlive()](boost::system::error_code error) {
    if (error) return;
    if (parting_ == Parting::kInOrder) return EndAsAgreed();
    const auto late = std::make_error_code(std::errc::timed_out);
    End(ActorDestroyReason::kNormalShutdown, late, "the peer did not take all that was sent",
        Errc::kClosed);
  });
  // All of it, however much: it is bounded by what the peer has handed over.
  for (const ShmemTransfer& freed : memory_->TakeReleases(kMaxUnreleased)) {
    QueueTransfer(FrameKind::kRelease, freed);
  }
  for (const ShmemTransfer& taken : memory_->TakeAllUntold()) {
    QueueTransfer(FrameKind::kTaken, taken);
  }
  FrameHeader header;
  header.kind = FrameKind::kGoodbye;
  header.after = after;
  queue_.Push(header, {});
  Flush();
}

// What the peer, who takes nothing any more, still hears: data is not waited for.
void Channel::OnGoodbye() {
  parting_ = Parting::kInOrder;
  if (phase_ != Phase::kOpen || write_broken_) return EndAsAgreed();
  StartClosing(0);
}

// The peer closed first, or has answered.
void Channel::EndAsAgreed() {
  End(ActorDestroyReason::kNormalShutdown, {}, {}, Errc::kPeerClosed);
}

void Channel::OnTransfer(Frame& frame) {
  const bool is_release = frame.header.kind == FrameKind::kRelease;
  ShmemTransfer transfer = {};
  void* const values[] = {&transfer.id.high, &transfer.id.low, &transfer.transfers,
                          &transfer.keeps_mapping};
  const wire::Table& table = is_release ? kReturnTable : kReleaseTable;
  const auto decoded = Decode(frame, table, std::span(values).first(table.rows.size()));
  if (!decoded) return (void)Fault(decoded.error(), is_release ? "RELEASE" : "TAKEN");
  const auto done = is_release ? memory_->PeerReleased(transfer) : memory_->PeerTook(transfer);
  if (!done) (void)Fault(done.error(), is_release ? "RELEASE" : "TAKEN");
}

// --- Memory that the peer keeps ------------------------------------------------------------------

void Channel::OnKeep(Frame& frame) {
  ShmemId id;
  std::uint64_t size = 0;
  void* const values[] = {&id.high, &id.low, &size};
  const auto decoded = Decode(frame, kKeepTable, values);
  if (!decoded) return (void)Fault(decoded.error(), "KEEP");
  const auto kept = memory_->ArriveKept(id, size, std::move(frame.handles.front()));
  if (kept) return;
  if (kept.error() == Cause::kPeerFault) return (void)Fault(kept.error(), "KEEP");
  ++counts_.messages_refused;
}

}  // namespace baton::internal
