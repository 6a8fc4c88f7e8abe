// Frames of one direction through shared memory: two rings, control and data, that one side writes
// and the other reads, without a system call.
//
// One piece of memory, made and sized by the writer, mapped by both:
//
//   offset 0         the words, each on a line of its own (see ring.cc): per lane how many bytes
//                    were ever written and read; whether the reader sleeps; whether the writer
//                    waits for room
//   offset 4096      the control ring, 16 KiB
//   offset 20480     the data ring: the rest, a power of two
//
// A record is a frame (header and payload, docs/wire-format.md) padded with zeros to a multiple of
// 8; it may run over the end of its ring to the beginning.
//
// The other side may write anything anywhere at any time. So each side keeps what it knows in
// private memory, takes the other's words for hints that it checks against that (Rule::kRing), and
// copies a record out once before it looks at it.
//
// Each object belongs to one thread at a time; the two sides of a ring run at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <baton/base/result.h>

#include "runtime/channel/frame.h"

namespace baton::internal {

inline constexpr std::size_t kRingWordsSize = 4096;
inline constexpr std::size_t kControlRingSize = std::size_t{16} << 10;
inline constexpr std::size_t kSmallestDataRing = std::size_t{64} << 10;
inline constexpr std::size_t kLargestDataRing = std::size_t{16} << 20;

// Payloads that a ring carries; what is larger goes by the stream.
inline constexpr std::size_t kMaxRingPayload = std::size_t{16} << 10;
inline constexpr std::size_t kMaxControlRingPayload = std::size_t{4} << 10;

// What memory for a data ring of `data_bytes` must measure. `data_bytes` is rounded up to the next
// power of two, and into the limits above.
std::size_t RingMemorySize(std::size_t data_bytes);

// Whether memory of this size can be a ring.
bool IsRingMemorySize(std::size_t bytes);

class RingWriter {
 public:
  // `memory` is zeroed, of a size for which IsRingMemorySize holds, and outlives this. The reader
  // counts as asleep until it has looked for the first time.
  explicit RingWriter(std::span<std::byte> memory);

  // Copies one frame to the end of `lane`, to be seen by the reader after Publish. False: there is
  // no room for it now, nothing has changed. `payload` is no larger than the lane's limit.
  // Errors: Rule::kRing, the reader has claimed to have read what was not written.
  Result<bool> Append(Lane lane, const FrameHeader& header, std::span<const std::byte> payload);

  // Shows the reader everything appended. True: the reader sleeps, and whoever calls must ring its
  // doorbell; of all calls since it fell asleep only one says so.
  [[nodiscard]] bool Publish();

  // After Append said false: asks the reader for a doorbell once at least half of `lane` is free.
  // False: there is room already, nothing was asked for. Errors: Rule::kRing.
  Result<bool> AskForRoom(Lane lane);

 private:
  // (RING: yours)
};

class RingReader {
 public:
  explicit RingReader(std::span<std::byte> memory);

  // The header of the oldest frame of `lane` that was not taken, or nullptr when there is none. It
  // is copied and checked once, however often this is called, and valid until Take.
  // Errors: Rule::kRing, those of DecodeHeader; the ring is of no more use then.
  Result<const FrameHeader*> Head(Lane lane);

  // After Head has said that there is one: its payload, a private copy that is valid until the next
  // Take of any lane. Moves on to the next frame.
  Result<std::span<const std::byte>> Take(Lane lane);

  // Lets the writer have the room of what was taken. True: it waits for room, and whoever calls
  // must ring its doorbell.
  [[nodiscard]] bool Release();

  // Says that from now on a doorbell is needed. False: something has come meanwhile, so the reader
  // stays awake. Release() first. Errors: Rule::kRing.
  Result<bool> Sleep();

  // No doorbell is needed any more. For who wakes up for another reason than the doorbell.
  void Wake();

 private:
  // (RING: yours)
};

}  // namespace baton::internal
