// Frames as they arrive by two paths, the stream and the ring -> frames in the order in which they
// are to be dispatched.
//
// Nothing is put in order here: a sender lets a frame leave whole before the next one of its lane,
// so the next number of a lane is always the first that one of the paths has. Where that is not so,
// the peer has broken Rule::kSequence.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <baton/base/result.h>

#include "runtime/channel/frame.h"
#include "runtime/channel/frame_reader.h"
#include "runtime/channel/ring.h"

namespace baton::internal {

class Inbox {
 public:
  // `max_message` bounds what a carried payload may measure.
  explicit Inbox(std::size_t max_message,
                 platform::UnsealedMemory unsealed = platform::UnsealedMemory::kAsWeMake);

  // `ring` is memory that the peer has offered and that was checked; it outlives this.
  void AttachRing(std::span<std::byte> ring) { ring_.emplace(ring); }
  RingReader* ring() { return ring_ ? &*ring_ : nullptr; }
  // The epoch of this channel's frames; 0 at first. After LearnEpoch it is that of the first frame.
  void SetEpoch(std::uint32_t epoch) { epoch_ = epoch; }
  void LearnEpoch() { learns_epoch_ = true; }
  std::uint32_t epoch() const { return epoch_; }

  FrameReader& stream() { return stream_; }
  const FrameReader& stream() const { return stream_; }

  // Puts the next frame into `frame`, control before data; false when there is none for now. Frames
  // of earlier epochs are dropped and counted, as if they had not come.
  // `stream_is_empty`: the stream was asked after the last call and had nothing. Errors: a Rule,
  // after which this is of no more use.
  Result<bool> Next(bool stream_is_empty, Frame& frame);

  // The same for control alone, while data has to stay where it is: in front of control in the
  // stream it hides that, too.
  Result<bool> NextControl(Frame& frame);

  // Copies a payload that the peer can still change.
  void MakePrivate(Frame& frame) {
    if (frame.may_change) frame.payload = ring_->CopyOut(frame.payload);
    frame.may_change = false;
  }

  // After false: something is there that must not be dispatched yet. What comes before it is in
  // the stream already: receive, and ask again at once.
  bool must_receive() const { return blocked_at_[0] != 0 || blocked_at_[1] != 0; }

  // A whole frame of the stream has not been taken.
  bool has_frame() const { return stream_.has_frame(); }

  // Taken so far.
  std::uint64_t frames() const { return sequence_[0] + sequence_[1]; }
  std::uint64_t stale_frames() const { return stale_frames_; }
  std::uint64_t ring_frames() const { return ring_frames_; }
  std::uint64_t ring_bytes() const { return ring_bytes_; }

 private:
  enum class Where { kNowhere, kInRing, kInStream, kBlocked };

  enum class Stale { kNone, kMore };

  bool IsOfEpoch(const FrameHeader& header) const;
  Result<bool> IsStale(const FrameHeader& header);
  Result<Stale> DropStale();
  Result<bool> NextOfDataRing(Frame& frame);
  Result<bool> NextOfAll(bool stream_is_empty, Frame& frame);
  Result<Where> Find(Lane lane, std::uint64_t& blocked_at);
  Result<bool> IsNext(const FrameHeader& header) const;
  Result<void> Take(Lane lane, Where where, Frame& frame);
  void TakeFromRing(Lane lane, const FrameHeader& header, Frame& frame);
  Result<void> FetchCarried(Frame& frame) const;

  const std::size_t max_message_;
  const platform::UnsealedMemory unsealed_;  // that carries messages
  FrameReader stream_;
  std::optional<RingReader> ring_;
  std::uint64_t sequence_[2] = {0, 0};    // of the last frame taken
  std::uint64_t blocked_at_[2] = {0, 0};  // number of the frame that waits for another, or 0
  std::uint32_t epoch_ = 0;
  bool learns_epoch_ = false;
  std::uint64_t stale_frames_ = 0;
  std::uint64_t ring_frames_ = 0;
  std::uint64_t ring_bytes_ = 0;
};

}  // namespace baton::internal
