#include "runtime/channel/ring.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>

#include <baton/base/check.h>
#include <baton/platform/processor.h>

#include "runtime/channel/ring_words.h"

namespace baton::internal {
namespace {

constexpr std::size_t kRecordAlignment = 8;
constexpr std::size_t kFirstPrivateWords = 512;
constexpr Lane kLanes[] = {Lane::kControl, Lane::kData};

constexpr std::size_t Index(Lane lane) {
  return static_cast<std::size_t>(lane);
}

// The room that a frame takes in a ring. No overflow: callers have compared with MaxPayload.
constexpr std::size_t RecordSize(std::size_t payload) {
  return (kFrameHeaderSize + payload + kRecordAlignment - 1) & ~(kRecordAlignment - 1);
}

// Half of a ring is what a writer waits for: then the record that did not fit does.
static_assert(RecordSize(kMaxControlRingPayload) <= kControlRingSize / 2);

std::size_t MaxPayload(std::span<const std::byte> ring, Lane lane) {
  return lane == Lane::kControl ? kMaxControlRingPayload : MaxRingPayload(ring.size());
}

std::atomic_ref<std::uint64_t> Shared(RingWords::Count& count) {
  return std::atomic_ref(count.bytes);
}

std::atomic_ref<std::uint32_t> Shared(RingWords::Flag& flag) {
  return std::atomic_ref(flag.set);
}

RingWords* WordsOf(std::span<std::byte> memory) {
  BATON_CHECK(IsRingMemorySize(memory.size()));
  BATON_CHECK(reinterpret_cast<std::uintptr_t>(memory.data()) % kRingAlignment == 0);
  return reinterpret_cast<RingWords*>(memory.data());
}

std::span<std::byte> RingOf(std::span<std::byte> memory, Lane lane) {
  const auto rings = memory.subspan(kRingWordsSize);
  return lane == Lane::kControl ? rings.first(kControlRingSize) : rings.subspan(kControlRingSize);
}

// Where in a ring the byte lies that is the `count`th ever written. Sizes are powers of two.
template <class Byte>
std::size_t OffsetOf(std::span<Byte> ring, std::uint64_t count) {
  return static_cast<std::size_t>(count) & (ring.size() - 1);
}

// Word by word: a record begins at a word, so no word runs over the end.
void CopyHeaderIn(std::span<std::byte> ring, std::uint64_t at, const HeaderWords& words) {
  for (const std::uint64_t word : words) {
    std::memcpy(ring.data() + OffsetOf(ring, at), &word, sizeof(word));
    at += sizeof(word);
  }
}

void CopyIn(std::span<std::byte> ring, std::uint64_t at, const std::byte* from, std::size_t size) {
  const std::size_t offset = OffsetOf(ring, at);
  const std::size_t first = std::min(size, ring.size() - offset);
  std::memcpy(ring.data() + offset, from, first);
  if (first < size) std::memcpy(ring.data(), from + first, size - first);
}

// The compiler may not read a byte again instead of keeping the copy: the bytes can have changed.
void CopyOutOnce(std::span<const std::byte> ring, std::uint64_t at, std::byte* to,
                 std::size_t size) {
  const std::size_t offset = OffsetOf(ring, at);
  const std::size_t first = std::min(size, ring.size() - offset);
  std::memcpy(to, ring.data() + offset, first);
  if (first < size) std::memcpy(to + first, ring.data(), size - first);
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

HeaderWords CopyHeaderOnce(std::span<const std::byte> ring, std::uint64_t at) {
  HeaderWords words;
  if (OffsetOf(ring, at) <= ring.size() - sizeof(words)) {
    std::memcpy(words.data(), ring.data() + OffsetOf(ring, at), sizeof(words));
  } else {
    for (std::uint64_t& word : words) {
      std::memcpy(&word, ring.data() + OffsetOf(ring, at), sizeof(word));
      at += sizeof(word);
    }
  }
  std::atomic_signal_fence(std::memory_order_seq_cst);
  return words;
}

// Whether a count of the other side can be: it never goes back from what was believed before, nor
// beyond `most`, and counts whole records.
bool IsPossible(std::uint64_t count, std::uint64_t before, std::uint64_t most) {
  return count - before <= most - before && count % kRecordAlignment == 0;
}

}  // namespace

std::size_t RingMemorySize(std::size_t data_bytes) {
  const std::size_t data = std::clamp(data_bytes, kSmallestDataRing, kLargestDataRing);
  return kRingWordsSize + kControlRingSize + std::bit_ceil(data);
}

bool IsRingMemorySize(std::size_t bytes) {
  constexpr std::size_t kFixed = kRingWordsSize + kControlRingSize;
  if (bytes < kFixed + kSmallestDataRing || bytes > kFixed + kLargestDataRing) return false;
  return std::has_single_bit(bytes - kFixed);
}

std::size_t MaxRingPayload(std::size_t data_bytes) {
  return std::min(kMaxRingPayload, data_bytes / 2 - kFrameHeaderSize);
}

RingWriter::RingWriter(std::span<std::byte> memory) : words_(WordsOf(memory)) {
  for (const Lane lane : kLanes) {
    StateOf(lane).ring = RingOf(memory, lane);
    StateOf(lane).max_payload = MaxPayload(StateOf(lane).ring, lane);
  }
  Shared(words_->reader_sleeps).store(1);
}

Result<bool> RingWriter::Append(Lane lane, const FrameHeader& header,
                                std::span<const std::byte> payload) {
  LaneState& state = StateOf(lane);
  BATON_CHECK(payload.size() <= state.max_payload && payload.size() == header.length);
  BATON_CHECK(header.lane == lane && header.handles == 0);
  const std::size_t size = RecordSize(payload.size());
  BATON_TRY(const bool has_room, HasRoom(lane, size));
  if (!has_room) return false;
  // The padding first: it lies in the last 8 bytes, which never run over the end.
  constexpr std::uint64_t kZero = 0;
  const std::uint64_t last = state.appended + size - sizeof(kZero);
  std::memcpy(state.ring.data() + OffsetOf(state.ring, last), &kZero, sizeof(kZero));
  CopyHeaderIn(state.ring, state.appended, EncodeHeaderWords(header));
  if (!payload.empty()) {
    CopyIn(state.ring, state.appended + kFrameHeaderSize, payload.data(), payload.size());
  }
  state.appended += size;
  return true;
}

Result<bool> RingWriter::HasRoom(Lane lane, std::size_t record) {
  LaneState& state = StateOf(lane);
  if (record <= state.Free()) return true;
  BATON_CHECKED(LookForRoom(lane));
  return record <= state.Free();
}

Result<std::span<std::byte>> RingWriter::Loan(std::size_t size, int looks) {
  LaneState& state = StateOf(Lane::kData);
  if (size > state.max_payload) return std::span<std::byte>();
  const std::size_t record = RecordSize(size);
  const std::size_t offset = OffsetOf(state.ring, state.appended);
  if (record > state.ring.size() - offset) return std::span<std::byte>();
  for (bool has_room = false; !has_room;) {
    BATON_TRY(has_room, HasRoom(Lane::kData, record));
    if (has_room) break;
    if (--looks <= 0) return std::span<std::byte>();
    platform::Relax();
  }
  std::byte* const at = state.ring.data() + offset;
  constexpr std::uint64_t kZero = 0;
  std::memcpy(at + record - sizeof(kZero), &kZero, sizeof(kZero));  // the padding
  return std::span(at + kFrameHeaderSize, size);
}

void RingWriter::Commit(const FrameHeader& header) {
  LaneState& state = StateOf(Lane::kData);
  const HeaderWords words = EncodeHeaderWords(header);
  std::memcpy(state.ring.data() + OffsetOf(state.ring, state.appended), words.data(),
              sizeof(words));
  state.appended += RecordSize(header.length);
}

// Data first: who sees a control frame must see the data that it waits for.
bool RingWriter::Publish() {
  bool news = false;
  for (const Lane lane : {Lane::kData, Lane::kControl}) {
    LaneState& state = lanes_[Index(lane)];
    if (state.published == state.appended) continue;
    state.published = state.appended;
    Shared(words_->written[Index(lane)]).store(state.published);
    news = true;
  }
  const auto sleeps = Shared(words_->reader_sleeps);
  return news && sleeps.load() != 0 && sleeps.exchange(0) != 0;
}

bool RingWriter::has_unread() const {
  return std::ranges::any_of(kLanes, [&](Lane lane) {
    return Shared(words_->read[Index(lane)]).load() != StateOf(lane).published;
  });
}

Result<bool> RingWriter::AskForRoom(Lane lane) {
  const LaneState& state = lanes_[Index(lane)];
  const auto waits = Shared(words_->writer_waits[Index(lane)]);
  waits.exchange(1);
  BATON_CHECKED(LookForRoom(lane));
  if (state.Free() < state.ring.size() / 2) return true;
  waits.store(0);
  return false;
}

Result<void> RingWriter::LookForRoom(Lane lane) {
  LaneState& state = lanes_[Index(lane)];
  const std::uint64_t read = Shared(words_->read[Index(lane)]).load();
  if (!IsPossible(read, state.read, state.published)) return Fail(Rule::kRing);
  state.read = read;
  return {};
}

RingReader::RingReader(std::span<std::byte> memory) : words_(WordsOf(memory)) {
  for (const Lane lane : kLanes) {
    lanes_[Index(lane)].ring = RingOf(memory, lane);
    lanes_[Index(lane)].written_word = &words_->written[Index(lane)].bytes;
    lanes_[Index(lane)].max_payload = MaxPayload(lanes_[Index(lane)].ring, lane);
  }
}

Result<const FrameHeader*> RingReader::ReadHead(Lane lane) {
  LaneState& state = lanes_[Index(lane)];
  if (state.written == state.taken) BATON_CHECKED(LookForMore(lane));
  if (state.written == state.taken) return nullptr;
  const std::uint64_t available = state.written - state.taken;
  if (available < kFrameHeaderSize) return Fail(Rule::kRing);
  const HeaderWords words = CopyHeaderOnce(state.ring, state.taken);
  if (!DecodePlainMessage(words, state.max_payload, state.head)) {
    BATON_CHECKED(DecodeHeaderWords(words, state.max_payload, state.head));
  }
  if (state.head.lane != lane) return Fail(Rule::kFrameHeader);
  if (state.head.handles != 0) return Fail(Rule::kHandleCount);
  if (RecordSize(state.head.length) > available) return Fail(Rule::kRing);
  state.has_head = true;
  return &state.head;
}

std::span<const std::byte> RingReader::Take(Lane lane) {
  LaneState& state = lanes_[Index(lane)];
  BATON_CHECK(state.has_head);
  const std::size_t length = state.head.length;
  const std::uint64_t begin = state.taken + kFrameHeaderSize;
  const std::size_t offset = OffsetOf(state.ring, begin);
  state.taken += RecordSize(length);
  state.has_head = false;
  if (length <= state.ring.size() - offset) return state.ring.subspan(offset, length);
  std::byte* const copy = PrivateRoom(length);
  CopyOutOnce(state.ring, begin, copy, length);
  return std::span<const std::byte>(copy, length);
}

std::span<const std::byte> RingReader::CopyOut(std::span<const std::byte> payload) {
  std::byte* const copy = PrivateRoom(payload.size());
  if (payload.data() == copy) return payload;
  if (!payload.empty()) std::memcpy(copy, payload.data(), payload.size());
  std::atomic_signal_fence(std::memory_order_seq_cst);
  return std::span<const std::byte>(copy, payload.size());
}

// What lies there stays: this does not move when `size` was asked for before.
std::byte* RingReader::PrivateRoom(std::size_t size) {
  const std::size_t words = (size + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t);
  if (private_.size() < words) private_.resize(std::max(words, kFirstPrivateWords));
  return reinterpret_cast<std::byte*>(private_.data());
}

bool RingReader::Release() {
  bool ring_doorbell = false;
  for (const Lane lane : kLanes) {
    LaneState& state = lanes_[Index(lane)];
    if (state.released == state.taken) continue;
    state.released = state.taken;
    Shared(words_->read[Index(lane)]).store(state.released);
    if (GrantRoom(lane)) ring_doorbell = true;
  }
  return ring_doorbell;
}

// Whether the writer waits and half of the ring is free; then this call is the one that rings.
bool RingReader::GrantRoom(Lane lane) {
  const LaneState& state = lanes_[Index(lane)];
  const auto waits = Shared(words_->writer_waits[Index(lane)]);
  if (waits.load() == 0) return false;
  // An impossible count is reported by the next Head.
  const bool known = LookForMore(lane).has_value();
  if (known && state.written - state.taken > state.ring.size() / 2) return false;
  return waits.exchange(0) != 0;
}

Result<void> RingReader::LookForMore(Lane lane) {
  LaneState& state = lanes_[Index(lane)];
  const std::uint64_t written = Shared(words_->written[Index(lane)]).load();
  if (!IsPossible(written, state.written, state.released + state.ring.size())) {
    return Fail(Rule::kRing);
  }
  state.written = written;
  return {};
}

Result<bool> RingReader::Sleep(bool minds_data) {
  const auto sleeps = Shared(words_->reader_sleeps);
  sleeps.exchange(1);
  for (const Lane lane : kLanes) {
    BATON_CHECKED(LookForMore(lane));
    if (lanes_[Index(lane)].written == lanes_[Index(lane)].taken) continue;
    if (lane == Lane::kData && !minds_data) continue;
    sleeps.store(0);
    return false;
  }
  if (private_.size() > kFirstPrivateWords) std::vector<std::uint64_t>().swap(private_);
  return true;
}

void RingReader::Wake() {
  const auto sleeps = Shared(words_->reader_sleeps);
  if (sleeps.load() != 0) sleeps.store(0);
}

}  // namespace baton::internal
