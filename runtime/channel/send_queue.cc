#include "runtime/channel/send_queue.h"

#include <algorithm>

#include <baton/platform/local_socket.h>

namespace baton::internal {
namespace {

constexpr std::size_t kControl = static_cast<std::size_t>(Lane::kControl);
constexpr std::size_t kData = static_cast<std::size_t>(Lane::kData);

bool IsFull(std::error_code error) {
  return error == std::errc::operation_would_block;
}

// Shortages that pass: too many handles in flight to slow readers, no buffers, no memory.
bool IsShortage(std::error_code error) {
  return error == std::errc::no_buffer_space || error == std::errc::not_enough_memory ||
         error == std::error_code(ETOOMANYREFS, std::system_category());
}

}  // namespace

Result<void> SendQueue::Reserve(std::size_t payload) const {
  if (data_bytes_ == 0) return {};
  if (data_bytes_ + kFrameHeaderSize + payload > max_data_bytes_) return Fail(Errc::kWouldBlock);
  return {};
}

void SendQueue::Push(FrameHeader header, std::span<const std::byte> payload,
                     std::vector<Travelling> travelling) {
  const auto lane = static_cast<std::size_t>(header.lane);
  header.length = static_cast<std::uint32_t>(payload.size());
  header.handles = static_cast<std::uint16_t>(travelling.size());
  header.sequence = ++sequence_[lane];

  const bool is_answer = header.kind == FrameKind::kReply || header.kind == FrameKind::kReject;
  if (is_answer) ++answers_;
  Queued queued = {{}, std::move(travelling), header.sequence, header.after, is_answer};
  queued.bytes.reserve(kFrameHeaderSize + payload.size());
  const auto head = EncodeHeader(header);
  queued.bytes.insert(queued.bytes.end(), head.begin(), head.end());
  queued.bytes.insert(queued.bytes.end(), payload.begin(), payload.end());
  if (lane == kData) data_bytes_ += queued.bytes.size();
  lanes_[lane].push_back(std::move(queued));
}

// Control goes first, but never into the middle of a data frame nor ahead of data it must follow.
std::size_t SendQueue::NextLane() const {
  const bool inside_data = !lanes_[kData].empty() && lanes_[kData].front().written > 0;
  if (inside_data || lanes_[kControl].empty()) return kData;
  return lanes_[kControl].front().after > data_written_ ? kData : kControl;
}

bool SendQueue::HasNext() const {
  if (!holds_data_) return !empty();
  return !lanes_[kControl].empty() && NextLane() == kControl;
}

Result<bool> SendQueue::Flush(const platform::Handle& socket) {
  starved_ = false;
  while (HasNext()) {
    BATON_TRY(const bool whole, FlushFront(socket, NextLane()));
    if (!whole) return false;
  }
  return true;
}

Result<bool> SendQueue::FlushFront(const platform::Handle& socket, std::size_t lane) {
  Queued& front = lanes_[lane].front();
  std::vector<platform::NativeHandle> handles;
  if (front.written == 0) {
    for (const Travelling& one : front.travelling) handles.push_back(one.handle().get());
  }
  const auto rest = std::span<const std::byte>(front.bytes).subspan(front.written);
  const auto sent = platform::SendSome(socket, rest, handles);
  if (!sent) {
    starved_ = IsShortage(sent.error());
    if (starved_ || IsFull(sent.error())) return false;
    return Fail(sent.error());
  }
  front.written += *sent;
  bytes_written_ += *sent;
  if (front.written < front.bytes.size()) return true;  // Flush comes round again
  if (lane == kData) {
    data_bytes_ -= front.bytes.size();
    data_written_ = front.sequence;
    if (front.is_answer) --answers_;
  }
  lanes_[lane].pop_front();
  return true;
}

void SendQueue::Clear() {
  lanes_[kControl].clear();
  lanes_[kData].clear();
  data_bytes_ = 0;
  answers_ = 0;
}

}  // namespace baton::internal
