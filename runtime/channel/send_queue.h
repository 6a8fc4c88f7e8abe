// Frames on their way to the peer: two lanes, each in order and bounded, by ring or by stream.
//
// A frame goes by the ring when there is one, it has no handles and it is small enough; else by the
// stream. A frame leaves whole before the next of its lane begins, whatever its path: the receiver
// relies on that (inbox.h). Control goes first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include <baton/base/result.h>
#include <baton/platform/handle.h>

#include "runtime/channel/byte_queue.h"
#include "runtime/channel/frame.h"
#include "runtime/channel/ring.h"
#include "runtime/channel/stream.h"
#include "runtime/channel/way_of_waiting.h"
#include "runtime/shmem/travelling.h"

namespace baton::internal {

// What may wait in the data lane. Answers count by themselves, up to `answer_bytes` and again
// `handles`: whoever asks and does not read loses answers, not its messages.
struct SendLimits {
  std::size_t bytes;
  std::size_t frames;
  std::size_t handles;
  std::size_t answer_bytes = std::size_t{32} << 20;
};

// Frames about memory that may wait for a peer that does not read; the rest of the control lane's
// room is for what cannot wait (docs/wire-format.md, Lanes and order).
inline constexpr std::size_t kMostControlWaiting = 256;

class SendQueue {
 public:
  explicit SendQueue(const SendLimits& limits) : limits_(limits) {}

  // From now on small frames go by `ring`, which outlives this; also when others have left before.
  void AttachRing(RingWriter& ring) { ring_ = &ring; }

  // Whether a data frame of this size may be pushed. Errc::kWouldBlock if not; a queue that is
  // drained takes any.
  Result<void> Reserve(std::size_t payload, std::size_t handles) const;

  // The same for a REPLY. Errc::kOverQuota: the answers before it were not read.
  Result<void> ReserveAnswer(std::size_t payload, std::size_t handles) const;

  // Appends a frame to its lane; sets its length, handles and sequence. `travelling` is kept alive
  // until it has left. `carried`: how many bytes the first handle carries for it, counted like its
  // own.
  void Push(FrameHeader header, std::span<const std::byte> payload,
            std::vector<Travelling> travelling = {}, std::size_t carried = 0);

  // Whether the next data frame may go straight into the ring: nothing waits before it.
  bool CanLend() const {
    return ring_ != nullptr && Of(Lane::kData).frames.empty() && !holds_data_ && !ring_fault_;
  }

  // After CanLend: room in the ring for its payload, empty when there is none of that size; and the
  // frame, once the payload is written. What leaves so needs no Reserve, it never waits.
  std::span<std::byte> Loan(std::size_t payload);
  void Commit(FrameHeader header, std::size_t payload);

  // While on, Flush keeps data back, and control that must follow it. Off at first.
  void HoldData(bool on) {
    holds_data_ = on;
    if (!on) holds_all_ = false;
  }
  // The same, and all other control but HELLO, until HoldData(false).
  void HoldAllButHello() { holds_data_ = holds_all_ = true; }

  // What frames say of their epoch from now on, those as well that wait here, but for HELLO. None
  // of them has begun to leave. 0 at first.
  void SetEpoch(std::uint32_t epoch);

  // While on, the peer waits for an answer and has to keep what it reads before that. So little
  // data leaves by the stream that the answer gets through behind it. Off at first; each On begins
  // anew.
  void LimitStream(bool on) { stream_data_left_ = on ? kMostBeforeAnswer : kNoLimit; }

  // What keeps frames from leaving, after a Flush; nothing does when all are false.
  struct Waits {
    bool for_stream = false;      // its other end does not read
    bool for_ring = false;        // the reader has to make room
    bool for_the_system = false;  // short of handles in flight or buffers: try again later
  };

  // After a wait for the stream or the system has come to its end.
  void StreamMayTakeMore() { stream_is_full_ = system_is_short_ = false; }

  // A doorbell has come, or it is time to look again.
  void RingMayHaveRoom();

  // Shows the reader what lies in the ring. True: that was all there was to do, the reader is awake
  // and nothing waits; else Flush.
  bool IsSeen() {
    Publish();
    return empty() && !owes_doorbell_ && !ring_fault_;
  }

  // The reader is to look, whether it sleeps or not: with the next Flush.
  void RequestDoorbell() { owes_doorbell_ = true; }

  // Writes as much as goes, and shows it. `looks_again`: the caller will say RingMayHaveRoom soon
  // without a doorbell, and call AskForRoom before it stops doing so; otherwise a full ring's
  // reader is asked for one here. Errors: the peer is gone; Rule::kRing.
  Result<Waits> Flush(Stream& stream, bool looks_again = false);

  // Asks the reader for a doorbell once there is room, where frames wait for that. False: there is
  // room now, Flush instead. Errors: Rule::kRing.
  Result<bool> AskForRoom();

  bool empty() const { return lanes_[0].frames.empty() && lanes_[1].frames.empty(); }
  // True when at most half of what may wait does.
  bool is_drained() const;
  std::size_t data_bytes() const { return data_bytes_; }
  // REPLY, REJECT and UNMAPPED frames that have not left whole.
  std::size_t answers() const { return answers_; }
  // Of all data that was ever pushed, headers included.
  std::uint64_t accepted_bytes() const { return ring_bytes_ + data_bytes_ + answer_bytes_; }
  std::size_t control_frames() const { return lanes_[0].frames.size(); }
  std::uint64_t last_data_sequence() const { return last_sequence(Lane::kData); }
  std::uint64_t last_sequence(Lane lane) const { return Of(lane).pushed; }
  bool HasLeft(Lane lane, std::uint64_t sequence) const { return Of(lane).left >= sequence; }
  // Frames wait for room in the stream, or for the system.
  bool waits_for_stream() const { return !empty() && stream_is_full_; }
  bool waits_for_the_system() const { return system_is_short_; }
  void Clear();
  // Gives back memory that only a busy queue needs.
  void Shrink();

  // Since the beginning.
  std::uint64_t stream_bytes() const { return stream_bytes_; }
  std::uint64_t ring_bytes() const { return ring_bytes_; }
  std::uint64_t ring_frames() const { return ring_frames_; }
  std::uint64_t doorbells() const { return doorbells_; }
  std::size_t high_water() const { return high_water_; }  // most bytes that ever waited as data

 private:
  struct Queued {
    FrameHeader header;
    std::span<std::byte> bytes;  // header and payload
    std::vector<Travelling> travelling;
    std::size_t charge;  // what counts against the limit
    std::size_t written = 0;
    std::size_t handles_written = 0;
  };
  struct LaneQueue {
    std::deque<Queued> frames;
    ByteQueue bytes;
    std::uint64_t pushed = 0;           // sequence of the last frame
    std::uint64_t left = 0;             // sequence of the last frame that has left whole
    bool ring_is_full = false;          // for the front, as of the last look
    std::size_t pushed_since_full = 0;  // bytes
  };

  // One way of leaving, for the front of a lane or for what was never queued.
  bool IsHeld(const FrameHeader& header) const;
  bool GoesByRing(const FrameHeader& header) const;
  // The same for one that may have begun to leave by the stream, before there was a ring.
  bool GoesByRing(const Queued& queued) const {
    return queued.written == 0 && GoesByRing(queued.header);
  }
  bool PushIntoRing(const FrameHeader& header, std::span<const std::byte> payload);
  void CountInRing(const FrameHeader& header);
  bool CanLeave(Lane lane) const;
  Result<void> Step(Lane lane, Stream& stream, bool looks_again);
  Result<void> StepRing(LaneQueue& lane, bool looks_again);
  Result<void> StepStream(LaneQueue& lane, Stream& stream);
  Result<void> RingDoorbell(Stream& stream);
  void Publish();
  std::span<const std::byte> NextPiece(const LaneQueue& lane, std::size_t handles) const;
  void Count(const Queued& queued, bool is_pushed);
  void Advance(LaneQueue& lane, std::size_t written);
  void PopFront(LaneQueue& lane);
  LaneQueue& Of(Lane lane) { return lanes_[static_cast<std::size_t>(lane)]; }
  const LaneQueue& Of(Lane lane) const { return lanes_[static_cast<std::size_t>(lane)]; }

  static constexpr std::size_t kNoLimit = ~std::size_t{0};
  // With what the stream holds at most, less than a peer keeps.
  static constexpr std::size_t kMostBeforeAnswer = std::size_t{256} << 10;

  void LeavesByStream(const Queued& queued);

  const SendLimits limits_;
  RingWriter* ring_ = nullptr;
  LaneQueue lanes_[2];
  std::size_t data_bytes_ = 0;
  std::size_t data_frames_ = 0;
  std::size_t data_handles_ = 0;
  std::size_t answers_ = 0;
  std::size_t answer_bytes_ = 0;
  std::size_t answer_handles_ = 0;
  bool holds_data_ = false;
  bool holds_all_ = false;
  std::uint32_t epoch_ = 0;
  std::size_t stream_data_left_ = kNoLimit;
  bool stream_is_full_ = false;
  bool system_is_short_ = false;
  bool ring_is_unpublished_ = false;
  WayOfWaiting awaits_room_;  // of large payloads, while the reader takes them
  bool owes_doorbell_ = false;
  std::error_code ring_fault_;
  std::uint64_t stream_bytes_ = 0;
  std::uint64_t ring_bytes_ = 0;
  std::uint64_t ring_frames_ = 0;
  std::uint64_t doorbells_ = 0;
  std::size_t high_water_ = 0;
};

}  // namespace baton::internal
