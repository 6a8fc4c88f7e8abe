// A stream of bytes and handles -> frames. Where the stream is split means nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include <baton/base/result.h>
#include <baton/platform/handle.h>

#include "runtime/channel/frame.h"

namespace baton::internal {

// Use: receive into Space(), tell Commit() how much came, then take frames with Next() until there
// is none. Memory is bounded by one frame of the largest size plus one receive.
class FrameReader {
 public:
  explicit FrameReader(std::size_t max_payload) : max_payload_(max_payload) {}

  // Room for the next receive, never empty. Invalidates payloads of earlier frames.
  std::span<std::byte> Space();

  // Where handles of the next receive are to be appended.
  std::vector<platform::Handle>& incoming_handles() { return handles_; }

  void Commit(std::size_t received) { end_ += received; }

  // The next whole frame, nullopt when more bytes are needed. Errors: those of DecodeHeader,
  // kSequence, kHandleCount. After an error the stream is of no more use.
  Result<std::optional<Frame>> Next();

  // True when the stream may end here: not inside a frame.
  bool AtBoundary() const { return begin_ == end_ && handles_.empty(); }

  // Of the last data frame that Next returned.
  std::uint64_t data_sequence() const { return sequence_[1]; }

 private:
  Result<std::optional<Frame>> Unfinished(std::size_t most_handles) const;
  Result<void> CheckOrder(const FrameHeader& header);

  const std::size_t max_payload_;
  std::vector<std::byte> buffer_;
  std::size_t begin_ = 0;  // first byte not yet consumed
  std::size_t end_ = 0;    // behind the last byte received
  std::vector<platform::Handle> handles_;
  std::uint64_t sequence_[2] = {0, 0};
};

}  // namespace baton::internal
