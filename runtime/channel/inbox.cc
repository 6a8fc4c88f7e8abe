#include "runtime/channel/inbox.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace baton::internal {
namespace {

constexpr std::size_t kControl = static_cast<std::size_t>(Lane::kControl);
constexpr std::size_t kData = static_cast<std::size_t>(Lane::kData);

// What lies in a ring is dropped in turns, so that others have theirs.
constexpr int kMostDropped = 64;

}  // namespace

Inbox::Inbox(std::size_t max_message, platform::UnsealedMemory unsealed)
    : max_message_(max_message),
      unsealed_(unsealed),
      stream_(std::min(max_message, kMaxStreamPayload)) {}

Result<bool> Inbox::Next(bool stream_is_empty, Frame& frame) {
  if (ring_ && stream_.is_empty()) {
    BATON_TRY(const bool found, NextOfDataRing(frame));
    if (found) return true;
  }
  return NextOfAll(stream_is_empty, frame);
}

// The short way, for most of what comes.
Result<bool> Inbox::NextOfDataRing(Frame& frame) {
  BATON_TRY(const FrameHeader* const control, ring_->Head(Lane::kControl));
  if (control != nullptr) return false;
  BATON_TRY(const FrameHeader* const header, ring_->Head(Lane::kData));
  if (header == nullptr || header->sequence != sequence_[kData] + 1) return false;
  if (header->epoch != epoch_) return false;
  blocked_at_[kControl] = blocked_at_[kData] = 0;
  TakeFromRing(Lane::kData, *header, frame);
  return true;
}

// Who does not know its epoch yet says 0 in its HELLO, and nothing else before it knows.
bool Inbox::IsOfEpoch(const FrameHeader& header) const {
  if (header.epoch == epoch_) return true;
  const bool is_first = header.kind == FrameKind::kHello && sequence_[kControl] == 0;
  return is_first && header.epoch == 0;
}

Result<bool> Inbox::IsStale(const FrameHeader& header) {
  if (std::exchange(learns_epoch_, false)) epoch_ = header.epoch;
  if (IsOfEpoch(header)) return false;
  if (header.epoch > epoch_) return Fail(Rule::kEpoch);
  return true;
}

// kMore: the ring holds more of them, so nothing there is to be looked at yet.
Result<Inbox::Stale> Inbox::DropStale() {
  for (;;) {
    BATON_TRY(const FrameHeader* const header, stream_.Head());
    if (header == nullptr) break;
    BATON_TRY(const bool is_stale, IsStale(*header));
    if (!is_stale) break;
    (void)stream_.Take();
    ++stale_frames_;
  }
  if (!ring_) return Stale::kNone;
  for (const Lane lane : {Lane::kControl, Lane::kData}) {
    for (int dropped = 0;; ++dropped) {
      BATON_TRY(const FrameHeader* const header, ring_->Head(lane));
      if (header == nullptr) break;
      BATON_TRY(const bool is_stale, IsStale(*header));
      if (!is_stale) break;
      if (dropped == kMostDropped) return Stale::kMore;
      ring_bytes_ += kFrameHeaderSize + ring_->Take(lane).size();
      ++stale_frames_;
    }
  }
  return Stale::kNone;
}

Result<bool> Inbox::NextOfAll(bool stream_is_empty, Frame& frame) {
  BATON_TRY(const Stale stale, DropStale());
  if (stale == Stale::kMore) return false;
  std::uint64_t blocked_at[2] = {0, 0};
  // Control first, also in looking: what a control frame waits for was published before it.
  for (const Lane lane : {Lane::kControl, Lane::kData}) {
    BATON_TRY(const Where where, Find(lane, blocked_at[static_cast<std::size_t>(lane)]));
    if (where != Where::kInRing && where != Where::kInStream) continue;
    blocked_at_[kControl] = blocked_at_[kData] = 0;
    BATON_CHECKED(Take(lane, where, frame));
    return true;
  }
  // What blocked already before the stream was found empty can be waiting for nothing.
  for (const std::size_t lane : {kControl, kData}) {
    const bool still = blocked_at[lane] != 0 && blocked_at[lane] == blocked_at_[lane];
    if (stream_is_empty && still) return Fail(Rule::kSequence);
    blocked_at_[lane] = blocked_at[lane];
  }
  // A whole frame of the stream waits for the ring alone, which was looked at after it.
  BATON_TRY(const FrameHeader* const in_stream, stream_.Head());
  if (in_stream != nullptr && must_receive()) return Fail(Rule::kSequence);
  return false;
}

Result<bool> Inbox::NextControl(Frame& frame) {
  BATON_TRY(const Stale stale, DropStale());
  if (stale == Stale::kMore) return false;
  std::uint64_t blocked_at = 0;
  BATON_TRY(const Where where, Find(Lane::kControl, blocked_at));
  if (where != Where::kInRing && where != Where::kInStream) return false;
  BATON_CHECKED(Take(Lane::kControl, where, frame));
  return true;
}

Result<Inbox::Where> Inbox::Find(Lane lane, std::uint64_t& blocked_at) {
  BATON_TRY(const FrameHeader* const in_stream, stream_.Head());
  if (in_stream != nullptr && in_stream->lane == lane) {
    BATON_TRY(const bool is_next, IsNext(*in_stream));
    if (is_next) return Where::kInStream;
    blocked_at = in_stream->sequence;
  }
  if (!ring_) return blocked_at == 0 ? Where::kNowhere : Where::kBlocked;
  BATON_TRY(const FrameHeader* const in_ring, ring_->Head(lane));
  if (in_ring != nullptr) {
    BATON_TRY(const bool is_next, IsNext(*in_ring));
    if (is_next) return Where::kInRing;
    blocked_at = in_ring->sequence;
  }
  return blocked_at == 0 ? Where::kNowhere : Where::kBlocked;
}

// False: its turn will come, or it is dropped with the next look. Errors: it has been.
Result<bool> Inbox::IsNext(const FrameHeader& header) const {
  if (!IsOfEpoch(header)) return false;
  const std::uint64_t expected = sequence_[static_cast<std::size_t>(header.lane)] + 1;
  if (header.sequence < expected) return Fail(Rule::kSequence);
  return header.sequence == expected && header.after <= sequence_[kData];
}

Result<void> Inbox::Take(Lane lane, Where where, Frame& frame) {
  if (where == Where::kInRing) {
    BATON_TRY(const FrameHeader* const header, ring_->Head(lane));
    TakeFromRing(lane, *header, frame);
    return {};
  }
  ++sequence_[static_cast<std::size_t>(lane)];
  frame = stream_.Take();
  if ((frame.header.flags & kCarried) != 0) BATON_CHECKED(FetchCarried(frame));
  return {};
}

// A frame that was used before keeps nothing; most have nothing to drop.
void Inbox::TakeFromRing(Lane lane, const FrameHeader& header, Frame& frame) {
  ++sequence_[static_cast<std::size_t>(lane)];
  frame.header = header;
  if (!frame.handles.empty()) frame.handles.clear();
  if (!frame.carried.bytes().empty()) frame.carried = {};
  if (frame.shortage) frame.shortage.clear();
  frame.payload = ring_->Take(lane);
  frame.may_change = true;
  ++ring_frames_;
  ring_bytes_ += kFrameHeaderSize + frame.payload.size();
}

Result<void> Inbox::FetchCarried(Frame& frame) const {
  std::uint64_t size = 0;
  std::memcpy(&size, frame.payload.data(), sizeof(size));
  if (size > max_message_) return Fail(Rule::kFrameTooLarge);
  auto mapped = platform::FrozenMapping::Map(std::move(frame.handles.front()), size, unsealed_);
  frame.handles.erase(frame.handles.begin());
  if (mapped) {
    frame.carried = *std::move(mapped);
    frame.payload = frame.carried.bytes();
  } else if (mapped.error() == Cause::kPeerFault) {
    return Fail(mapped.error());
  } else {
    frame.shortage = mapped.error();
  }
  return {};
}

}  // namespace baton::internal
