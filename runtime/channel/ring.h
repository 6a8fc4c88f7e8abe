// Frames of one direction through shared memory: two rings, control and data, that one side writes
// and the other reads, without a system call.
//
// One piece of memory, made and sized by the writer, mapped by both:
//
//   offset 0         the words, each on a line of its own (ring_words.h): per lane how many bytes
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
// reads each byte of a record once, into private memory, before it looks at it.
//
// The sleep protocol, all of it in sequentially consistent operations: the reader sets its flag and
// looks at the written counts once more; the writer stores its counts and then looks at the flag.
// So at least one of them sees the other, and who of several exchanges the flag back rings the
// doorbell. Room is asked for in the same way, with the roles exchanged. tests/model/ring.pml
// proves it. Flags set or cleared by a hostile side cost it its own wake-ups and us one doorbell a
// call.
//
// Each object belongs to one thread at a time; the two sides of a ring run at once. An object that
// was moved from may only be destroyed.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <baton/base/result.h>

#include "runtime/channel/frame.h"

namespace baton::internal {

inline constexpr std::size_t kRingWordsSize = 4096;
inline constexpr std::size_t kRingAlignment = 128;
inline constexpr std::size_t kControlRingSize = std::size_t{16} << 10;
inline constexpr std::size_t kSmallestDataRing = std::size_t{64} << 10;
inline constexpr std::size_t kLargestDataRing = std::size_t{16} << 20;

// Payloads that the control ring carries, and that a data ring does at most: as much as a frame in
// the stream. A record of the largest fits into half of its ring.
inline constexpr std::size_t kMaxControlRingPayload = std::size_t{4} << 10;
inline constexpr std::size_t kMaxRingPayload = kMaxStreamPayload;

// What a data ring of this size carries; what is larger goes by the stream.
std::size_t MaxRingPayload(std::size_t data_bytes);

// A reader of many gives room back each so many frames, before the sender is out of it.
inline constexpr int kFramesPerRelease = 16;

struct RingWords;  // what lies at offset 0

// What memory for a data ring of `data_bytes` must measure. `data_bytes` is rounded up to the next
// power of two, and into the limits above.
std::size_t RingMemorySize(std::size_t data_bytes);

// Whether memory of this size can be a ring.
bool IsRingMemorySize(std::size_t bytes);

class RingWriter {
 public:
  // `memory` is zeroed, of a size for which IsRingMemorySize holds, begins at a multiple of
  // kRingAlignment, and outlives this. The reader counts as asleep from here on, until its Wake or
  // the first Publish.
  explicit RingWriter(std::span<std::byte> memory);
  RingWriter(RingWriter&&) = default;
  RingWriter& operator=(RingWriter&&) = default;

  // Copies one frame to the end of `lane`, to be seen by the reader after Publish. False: there is
  // no room for it now, nothing has changed. `payload` is `header.length` long and no larger than
  // the lane's limit, `header` names `lane` and no handles. Errors: Rule::kRing, the reader has
  // claimed to have read what was not written.
  Result<bool> Append(Lane lane, const FrameHeader& header, std::span<const std::byte> payload);

  // The largest payload that Append takes.
  std::size_t max_payload(Lane lane) const { return StateOf(lane).max_payload; }

  // Room for a payload of `size` bytes of the data lane, to be written in place, once and without
  // reading it back: the reader may write there, too. Empty when there is none in one piece, after
  // looking so often for the reader to make some. Commit makes it a frame, nothing else is needed
  // to give it back. Errors: as Append's.
  Result<std::span<std::byte>> Loan(std::size_t size, int looks = 1);

  // After Loan, with what it was for written: the frame, to be seen after Publish. `header` as
  // Append's.
  void Commit(const FrameHeader& header);

  // Shows the reader everything appended. True: the reader sleeps, and whoever calls must ring its
  // doorbell; of all calls since it fell asleep only one says so.
  [[nodiscard]] bool Publish();

  // Whether the reader has not read all that was published, as far as it says.
  bool has_unread() const;

  // After Append said false: asks the reader for a doorbell once at least half of `lane` is free.
  // False: there is room already, nothing was asked for. Publish() before waiting for that
  // doorbell: the reader makes no room of what it cannot see. It may ring early; ask again then.
  // Errors: Rule::kRing.
  Result<bool> AskForRoom(Lane lane);

 private:
  // What this side knows of one lane. Counts are of bytes since the beginning.
  struct LaneState {
    std::span<std::byte> ring;
    std::size_t max_payload = 0;
    std::uint64_t appended = 0;
    std::uint64_t published = 0;  // no more than appended
    std::uint64_t read = 0;       // last believed of the reader: no more than published

    std::uint64_t Free() const { return ring.size() - (appended - read); }
  };

  LaneState& StateOf(Lane lane) { return lanes_[static_cast<std::size_t>(lane)]; }
  const LaneState& StateOf(Lane lane) const { return lanes_[static_cast<std::size_t>(lane)]; }
  Result<bool> HasRoom(Lane lane, std::size_t record);
  Result<void> LookForRoom(Lane lane);

  RingWords* words_;
  std::array<LaneState, 2> lanes_;
};

class RingReader {
 public:
  // `memory` as for the writer, whose constructor may run before or after this one.
  explicit RingReader(std::span<std::byte> memory);

  // The header of the oldest frame of `lane` that was not taken, or nullptr when there is none. It
  // is copied and checked once, however often this is called, and valid until Take.
  // Errors: Rule::kRing, kHandleCount, those of DecodeHeader; the ring is of no more use then.
  Result<const FrameHeader*> Head(Lane lane) {
    const LaneState& state = lanes_[static_cast<std::size_t>(lane)];
    if (state.has_head) return &state.head;
    const bool has_more = state.written != state.taken;
    if (!has_more && std::atomic_ref(*state.written_word).load() == state.written) return nullptr;
    return ReadHead(lane);
  }

  // After Head has said that there is one: its payload, begins at a multiple of 8. Moves on to the
  // next frame. The payload lies in the ring, where the writer can still change it, unless it ran
  // over the end; valid until Release, or the next CopyOut. Read each byte once, or CopyOut first.
  std::span<const std::byte> Take(Lane lane);

  // A private copy of a payload that Take has returned; valid until the next one, or a Take.
  std::span<const std::byte> CopyOut(std::span<const std::byte> payload);

  // Enough was taken since the last Release for the writer to have use of the room.
  bool should_release() const {
    const LaneState& data = lanes_[static_cast<std::size_t>(Lane::kData)];
    return data.taken - data.released >= data.ring.size() / 8;
  }

  // Lets the writer have the room of what was taken. True: it waits for room, and whoever calls
  // must ring its doorbell.
  [[nodiscard]] bool Release();

  // Says that from now on a doorbell is needed. False: there is something to take, so the reader
  // stays awake. Release() first; private copies may go. `minds_data` false: what lies in the data
  // lane has to stay there, and wakes nobody. Errors: Rule::kRing.
  Result<bool> Sleep(bool minds_data = true);

  // No doorbell is needed any more. For who wakes up for another reason than the doorbell.
  void Wake();

 private:
  // What this side knows of one lane. Counts are of bytes since the beginning.
  struct LaneState {
    std::span<const std::byte> ring;
    std::uint64_t* written_word = nullptr;
    std::size_t max_payload = 0;
    std::uint64_t written = 0;  // last believed of the writer: no less than taken
    std::uint64_t taken = 0;
    std::uint64_t released = 0;  // no more than taken
    bool has_head = false;       // `head` is the frame at `taken`, which is there as a whole
    FrameHeader head;
  };

  Result<const FrameHeader*> ReadHead(Lane lane);
  Result<void> LookForMore(Lane lane);
  bool GrantRoom(Lane lane);

  std::byte* PrivateRoom(std::size_t size);

  RingWords* words_;
  std::array<LaneState, 2> lanes_;
  std::vector<std::uint64_t> private_;  // grows to the largest payload that needed it
};

}  // namespace baton::internal
