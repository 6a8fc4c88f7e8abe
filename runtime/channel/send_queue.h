// Frames on their way to the peer: two lanes, each in order and bounded, control first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include <baton/base/result.h>
#include <baton/platform/handle.h>

#include "runtime/channel/frame.h"
#include "runtime/shmem/travelling.h"

namespace baton::internal {

class SendQueue {
 public:
  explicit SendQueue(std::size_t max_data_bytes) : max_data_bytes_(max_data_bytes) {}

  // Whether a data frame with a payload of this size may be pushed. Errc::kWouldBlock if not; an
  // empty queue takes any.
  Result<void> Reserve(std::size_t payload) const;

  // Appends a frame; sets its length, handles, lane and sequence. `travelling` is kept alive until
  // it has left.
  void Push(FrameHeader header, std::span<const std::byte> payload,
            std::vector<Travelling> travelling = {});

  // While on, Flush keeps data back, and control that must follow it. Off at first.
  void HoldData(bool on) { holds_data_ = on; }

  // Writes as much as the socket takes. True: all is written that is not held back. False: the
  // socket is full, or what handles need ran out (see `starved`); call again later. Errors: the
  // peer is gone.
  Result<bool> Flush(const platform::Handle& socket);

  // After Flush said false: true when the system is short of something (handles in flight,
  // buffers) and the socket's readiness will not tell when to try again.
  bool starved() const { return starved_; }

  bool empty() const { return lanes_[0].empty() && lanes_[1].empty(); }
  std::size_t data_bytes() const { return data_bytes_; }
  // REPLY and REJECT frames that have not left whole.
  std::size_t answers() const { return answers_; }
  std::size_t control_frames() const { return lanes_[0].size(); }
  std::uint64_t last_data_sequence() const { return sequence_[1]; }
  std::uint64_t bytes_written() const { return bytes_written_; }
  void Clear();

 private:
  struct Queued {
    std::vector<std::byte> bytes;  // header and payload
    std::vector<Travelling> travelling;
    std::uint64_t sequence;
    std::uint64_t after;
    bool is_answer;
    std::size_t written = 0;
  };

  bool HasNext() const;
  std::size_t NextLane() const;
  Result<bool> FlushFront(const platform::Handle& socket, std::size_t lane);

  const std::size_t max_data_bytes_;
  std::deque<Queued> lanes_[2];
  std::uint64_t sequence_[2] = {0, 0};  // last pushed
  std::uint64_t data_written_ = 0;      // sequence of the last data frame that left whole
  std::size_t data_bytes_ = 0;
  std::size_t answers_ = 0;
  std::uint64_t bytes_written_ = 0;
  bool starved_ = false;
  bool holds_data_ = false;
};

}  // namespace baton::internal
