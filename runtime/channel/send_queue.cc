#include "runtime/channel/send_queue.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <baton/platform/local_socket.h>
#include <baton/platform/state_point.h>

#include "runtime/looking/looking.h"

namespace baton::internal {
namespace {

// A sender that goes on with a full ring looks for room after so many bytes: each time costs both
// sides the line of memory that says so. Frames count at least kLeastPerPush.
constexpr std::size_t kBytesPerLook = std::size_t{16} << 10;
constexpr std::size_t kLeastPerPush = 256;

// To wait for room a while costs no more than to copy such a payload into the queue and out again.
constexpr std::size_t kWorthWaiting = std::size_t{4} << 10;
constexpr int kLooksForRoom = 128;

// Frames that lie behind one another leave together, up to about this.
constexpr std::size_t kMostInOnePiece = std::size_t{64} << 10;

bool IsFull(std::error_code error) {
  return error == std::errc::operation_would_block;
}

// Shortages that pass: too many handles in flight to slow readers, no buffers, no memory, no file
// to duplicate a handle into.
bool IsShortage(std::error_code error) {
  return error == Cause::kExhausted || error == std::errc::no_buffer_space ||
         error == std::error_code(ETOOMANYREFS, std::system_category());
}

}  // namespace

Result<void> SendQueue::Reserve(std::size_t payload, std::size_t handles) const {
  if (is_drained()) return {};
  const bool too_much = data_bytes_ + kFrameHeaderSize + payload > limits_.bytes ||
                        data_frames_ >= limits_.frames || data_handles_ + handles > limits_.handles;
  if (too_much) return Fail(Errc::kWouldBlock);
  return {};
}

Result<void> SendQueue::ReserveAnswer(std::size_t payload, std::size_t handles) const {
  if (answers_ == 0) return {};
  const bool too_much = answer_bytes_ + kFrameHeaderSize + payload > limits_.answer_bytes ||
                        answer_handles_ + handles > limits_.handles;
  if (too_much) return Fail(Errc::kOverQuota);
  return {};
}

bool SendQueue::is_drained() const {
  return data_bytes_ <= limits_.bytes / 2 && data_frames_ <= limits_.frames / 2 &&
         data_handles_ <= limits_.handles / 2;
}

bool SendQueue::IsHeld(const FrameHeader& header) const {
  if (holds_all_) return header.kind != FrameKind::kHello;
  return holds_data_ && (header.lane == Lane::kData || header.after != 0);
}

void SendQueue::SetEpoch(std::uint32_t epoch) {
  epoch_ = epoch;
  for (LaneQueue& lane : lanes_) {
    for (Queued& queued : lane.frames) {
      if (queued.header.kind == FrameKind::kHello) continue;
      BATON_CHECK(queued.written == 0);
      queued.header.epoch = epoch;
      std::ranges::copy(EncodeHeader(queued.header), queued.bytes.begin());
    }
  }
}

bool SendQueue::GoesByRing(const FrameHeader& header) const {
  return ring_ != nullptr && header.handles == 0 &&
         header.length <= ring_->max_payload(header.lane) && header.kind != FrameKind::kHello;
}

void SendQueue::Push(FrameHeader header, std::span<const std::byte> payload,
                     std::vector<Travelling> travelling, std::size_t carried) {
  LaneQueue& lane = Of(header.lane);
  header.length = static_cast<std::uint32_t>(payload.size());
  header.handles = static_cast<std::uint16_t>(travelling.size());
  header.sequence = ++lane.pushed;
  header.epoch = epoch_;
  if (lane.frames.empty() && PushIntoRing(header, payload)) return;

  const auto bytes = lane.bytes.Push(EncodeHeader(header), payload);
  lane.frames.push_back({header, bytes, std::move(travelling), bytes.size() + carried});
  lane.pushed_since_full += std::max(bytes.size(), kLeastPerPush);
  if (lane.pushed_since_full >= kBytesPerLook) lane.ring_is_full = false;
  Count(lane.frames.back(), true);
  platform::StatePoint("frame.queued");
  high_water_ = std::max(high_water_, data_bytes_ + answer_bytes_);
}

// What leaves, with the sign reversed, is what came.
void SendQueue::Count(const Queued& queued, bool is_pushed) {
  const bool is_answer = IsAnswer(queued.header.kind) || queued.header.kind == FrameKind::kUnmapped;
  if (queued.header.lane == Lane::kControl && !is_answer) return;
  const auto add = [&](std::size_t& count, std::size_t amount) {
    count = is_pushed ? count + amount : count - amount;
  };
  add(is_answer ? answers_ : data_frames_, 1);
  add(is_answer ? answer_bytes_ : data_bytes_, queued.charge);
  add(is_answer ? answer_handles_ : data_handles_, queued.travelling.size());
}

// The short way, for a frame that nothing waits before.
bool SendQueue::PushIntoRing(const FrameHeader& header, std::span<const std::byte> payload) {
  LaneQueue& lane = Of(header.lane);
  if (!GoesByRing(header) || IsHeld(header) || header.after > Of(Lane::kData).left) return false;
  const auto appended = ring_->Append(header.lane, header, payload);
  if (!appended) ring_fault_ = appended.error();
  if (!appended || !*appended) return false;
  lane.left = header.sequence;
  CountInRing(header);
  platform::StatePoint("frame.in_ring");
  return true;
}

std::span<std::byte> SendQueue::Loan(std::size_t payload) {
  const auto look = [&](int looks) {
    const auto room = ring_->Loan(payload, looks);
    if (!room) ring_fault_ = room.error();
    return room ? *room : std::span<std::byte>();
  };
  const std::span<std::byte> room = look(1);
  if (!room.empty() || ring_fault_ || payload < kWorthWaiting) return room;
  if (!awaits_room_.is_used()) {
    awaits_room_.WouldHavePaid();
    return room;
  }
  Publish();  // what the reader is to make room of
  const std::span<std::byte> late = owes_doorbell_ ? room : look(kLooksForRoom);
  late.empty() ? awaits_room_.Failed() : awaits_room_.Paid();
  return late;
}

void SendQueue::Commit(FrameHeader header, std::size_t payload) {
  LaneQueue& lane = Of(Lane::kData);
  header.length = static_cast<std::uint32_t>(payload);
  header.sequence = lane.left = ++lane.pushed;
  header.epoch = epoch_;
  ring_->Commit(header);
  CountInRing(header);
  platform::StatePoint("frame.in_ring");
}

void SendQueue::CountInRing(const FrameHeader& header) {
  ring_is_unpublished_ = true;
  ring_bytes_ += kFrameHeaderSize + header.length;
  ++ring_frames_;
}

bool SendQueue::CanLeave(Lane lane) const {
  const LaneQueue& queue = Of(lane);
  if (queue.frames.empty() || queue.ring_is_full) return false;
  const FrameHeader& header = queue.frames.front().header;
  if (IsHeld(header)) return false;
  if (header.after > Of(Lane::kData).left) return false;
  if (GoesByRing(queue.frames.front())) return true;
  const bool has_begun = queue.frames.front().written > 0;
  if (lane == Lane::kData && stream_data_left_ == 0 && !has_begun) return false;
  // Never into the middle of the other lane's frame.
  const LaneQueue& other = Of(lane == Lane::kData ? Lane::kControl : Lane::kData);
  const bool other_is_inside = !other.frames.empty() && other.frames.front().written > 0;
  return !stream_is_full_ && !system_is_short_ && !other_is_inside;
}

void SendQueue::RingMayHaveRoom() {
  for (LaneQueue& lane : lanes_) lane.ring_is_full = false;
}

Result<SendQueue::Waits> SendQueue::Flush(Stream& stream, bool looks_again) {
  if (ring_fault_) return Fail(ring_fault_);
  while (!empty()) {
    if (CanLeave(Lane::kControl)) {
      BATON_CHECKED(Step(Lane::kControl, stream, looks_again));
    } else if (CanLeave(Lane::kData)) {
      BATON_CHECKED(Step(Lane::kData, stream, looks_again));
    } else {
      break;
    }
  }
  BATON_CHECKED(RingDoorbell(stream));
  return Waits{.for_stream = stream_is_full_,
               .for_ring = lanes_[0].ring_is_full || lanes_[1].ring_is_full,
               .for_the_system = system_is_short_};
}

// Also before the stream: the reader takes a frame that comes there for later than all that it can
// see in the ring.
void SendQueue::Publish() {
  if (!std::exchange(ring_is_unpublished_, false)) return;
  owes_doorbell_ |= ring_->Publish();
  platform::StatePoint("ring.published");
}

Result<bool> SendQueue::AskForRoom() {
  bool all_full = true;
  for (const Lane lane : {Lane::kControl, Lane::kData}) {
    LaneQueue& queue = Of(lane);
    if (!queue.ring_is_full || queue.frames.empty()) continue;
    BATON_TRY(queue.ring_is_full, ring_->AskForRoom(lane));
    all_full = all_full && queue.ring_is_full;
  }
  return all_full;
}

Result<void> SendQueue::Step(Lane lane, Stream& stream, bool looks_again) {
  LaneQueue& queue = Of(lane);
  const bool by_ring = GoesByRing(queue.frames.front());
  return by_ring ? StepRing(queue, looks_again) : StepStream(queue, stream);
}

Result<void> SendQueue::StepRing(LaneQueue& lane, bool looks_again) {
  const Queued& front = lane.frames.front();
  const auto payload = front.bytes.subspan(kFrameHeaderSize);
  BATON_TRY(const bool appended, ring_->Append(front.header.lane, front.header, payload));
  if (appended) {
    CountInRing(front.header);
    PopFront(lane);
    return {};
  }
  // What the reader is to make room for must be visible to it.
  Publish();
  lane.pushed_since_full = 0;
  lane.ring_is_full = true;
  if (looks_again) return {};
  BATON_TRY(lane.ring_is_full, ring_->AskForRoom(front.header.lane));
  return {};
}

Result<void> SendQueue::StepStream(LaneQueue& lane, Stream& stream) {
  Publish();
  Queued& front = lane.frames.front();
  std::array<platform::NativeHandle, platform::kMaxHandlesPerSend> handles;
  std::size_t count = 0;
  if (front.written == 0 || front.written >= kFrameHeaderSize) {
    count = std::min(handles.size(), front.travelling.size() - front.handles_written);
  }
  for (std::size_t i = 0; i < count; ++i) {
    handles[i] = front.travelling[front.handles_written + i].handle().get();
  }
  const auto sent = stream.Send(NextPiece(lane, count), std::span(handles).first(count));
  if (sent) {
    owes_doorbell_ = false;  // it wakes the reader as well
    stream_bytes_ += *sent;
    for (std::size_t i = 0; i < count; ++i) {
      front.travelling[front.handles_written + i].HasLeft();
    }
    front.handles_written += count;
    Advance(lane, *sent);
  } else if (IsFull(sent.error())) {
    stream_is_full_ = true;
  } else if (IsShortage(sent.error())) {
    system_is_short_ = true;
  } else {
    return Fail(sent.error());
  }
  return {};
}

// What to send next, with that many handles. While handles must follow, as little as they need to
// travel with; else as many frames as lie behind one another, but not so many that counting them
// for a reader that takes little at a time costs more than sending.
std::span<const std::byte> SendQueue::NextPiece(const LaneQueue& lane, std::size_t handles) const {
  const Queued& front = lane.frames.front();
  const auto rest = front.bytes.subspan(front.written);
  if (front.written < kFrameHeaderSize && front.travelling.size() > handles) {
    return rest.first(kFrameHeaderSize - front.written);
  }
  if (front.travelling.size() > front.handles_written + handles) return rest.first(1);
  if (front.written > 0) return rest;
  std::size_t size = rest.size();
  for (std::size_t next = 1; next < lane.frames.size() && size < kMostInOnePiece; ++next) {
    const Queued& follower = lane.frames[next];
    const bool is_adjacent = follower.bytes.data() == rest.data() + size;
    const bool must_wait = IsHeld(follower.header) || follower.header.after > Of(Lane::kData).left;
    const bool fits = follower.header.handles == 0 && !GoesByRing(follower.header) &&
                      (follower.header.lane == Lane::kControl || size < stream_data_left_);
    if (!is_adjacent || !fits || must_wait) break;
    size += follower.bytes.size();
  }
  return {rest.data(), size};
}

void SendQueue::Advance(LaneQueue& lane, std::size_t written) {
  while (written > 0) {
    Queued& front = lane.frames.front();
    const std::size_t part = std::min(written, front.bytes.size() - front.written);
    front.written += part;
    written -= part;
    if (front.written < front.bytes.size()) return;
    LeavesByStream(front);
    PopFront(lane);
  }
}

void SendQueue::LeavesByStream(const Queued& queued) {
  if (queued.header.lane == Lane::kControl || stream_data_left_ == kNoLimit) return;
  constexpr std::size_t kPerHandle = std::size_t{4} << 10;
  const std::size_t size = queued.charge + queued.travelling.size() * kPerHandle;
  stream_data_left_ -= std::min(stream_data_left_, size);
}

void SendQueue::PopFront(LaneQueue& lane) {
  const Queued& front = lane.frames.front();
  lane.left = front.header.sequence;
  Count(front, false);
  lane.bytes.Pop(front.bytes.size());
  lane.frames.pop_front();
  platform::StatePoint("frame.left");
}

// A full stream needs no doorbell: its bytes wake the reader. Nor does the middle of a frame, whose
// rest will.
Result<void> SendQueue::RingDoorbell(Stream& stream) {
  Publish();
  if (!owes_doorbell_ || system_is_short_) return {};
  owes_doorbell_ = false;
  if (stream_is_full_) return {};
  const auto sent = stream.Send(std::span(&kDoorbell, 1), {});
  if (sent) {
    ++doorbells_;
    TellDoorbell(this, lanes_[1].pushed, doorbells_);
    ++stream_bytes_;
  } else if (IsShortage(sent.error())) {
    owes_doorbell_ = system_is_short_ = true;
  } else if (!IsFull(sent.error())) {
    return Fail(sent.error());
  }
  return {};
}

void SendQueue::Shrink() {
  for (LaneQueue& lane : lanes_) lane.bytes.Shrink();
}

void SendQueue::Clear() {
  for (LaneQueue& lane : lanes_) {
    lane.frames.clear();
    lane.bytes.Clear();
  }
  data_bytes_ = data_frames_ = data_handles_ = answers_ = answer_bytes_ = answer_handles_ = 0;
}

}  // namespace baton::internal
