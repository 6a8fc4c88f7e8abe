// A stream of bytes and handles -> frames. Where the stream is split means nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <baton/base/result.h>
#include <baton/platform/handle.h>

#include "runtime/channel/frame.h"

namespace baton::internal {

// Use: receive into Space(), tell Commit() how much came, then look at frames with Head() and take
// them until there is none. Memory is bounded by one frame of the largest size plus one receive.
class FrameReader {
 public:
  explicit FrameReader(std::size_t max_payload) : max_payload_(max_payload) {}

  // Room for the next receive, never empty. Invalidates payloads of earlier frames.
  std::span<std::byte> Space();

  // Where handles of the next receive are to be appended.
  std::vector<platform::Handle>& incoming_handles() { return handles_; }

  void Commit(std::size_t received) { end_ += received; }

  // The header of the next frame once that has arrived whole, else nullptr; valid until Take.
  // Doorbells in front of it are skipped. Errors: those of DecodeHeader; kHandleCount;
  // too_many_files_open, of a message that has brought more handles than one send takes, into the
  // last quarter of the files that this process may have, and is not whole. After an error the
  // stream is of no more use.
  Result<const FrameHeader*> Head();

  // The frame of which Head has told.
  Frame Take();

  // Nothing was received that was not taken.
  bool is_empty() const { return begin_ == end_; }

  // Head() has told of a frame that was not taken.
  bool has_frame() const { return head_.has_value(); }

  // True when the stream may end here: not inside a frame.
  bool AtBoundary() const { return begin_ == end_ && handles_.empty(); }

  // Doorbells so far.
  std::uint64_t doorbells() const { return doorbells_; }

  // Gives back memory that only a busy stream needs.
  void Shrink();

 private:
  Result<const FrameHeader*> Unfinished(std::size_t most_handles) const;
  void SkipDoorbells();

  const std::size_t max_payload_;
  std::vector<std::byte> buffer_;
  std::size_t begin_ = 0;  // first byte not yet consumed
  std::size_t end_ = 0;    // behind the last byte received
  std::vector<platform::Handle> handles_;
  std::optional<FrameHeader> head_;  // of the frame at begin_, once that is whole
  std::uint64_t doorbells_ = 0;
};

}  // namespace baton::internal
