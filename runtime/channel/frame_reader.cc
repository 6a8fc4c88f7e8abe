#include "runtime/channel/frame_reader.h"

#include <algorithm>
#include <cstring>
#include <iterator>

#include <baton/platform/file_limit.h>
#include <baton/platform/local_socket.h>

namespace baton::internal {
namespace {

constexpr std::size_t kReceiveSize = std::size_t{64} << 10;

// Most of what wakes a reader is a doorbell.
constexpr std::size_t kIdleSize = std::size_t{4} << 10;

}  // namespace

std::span<std::byte> FrameReader::Space() {
  if (begin_ == end_) begin_ = end_ = 0;
  if (buffer_.empty()) buffer_.resize(kIdleSize);
  const std::size_t wanted = begin_ == end_ ? kIdleSize : kReceiveSize;
  if (buffer_.size() - end_ < wanted && begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() - end_ < wanted) buffer_.resize(end_ + wanted);
  return std::span(buffer_).subspan(end_);
}

void FrameReader::Shrink() {
  if (begin_ == end_ && buffer_.size() > kIdleSize) std::vector<std::byte>().swap(buffer_);
}

void FrameReader::SkipDoorbells() {
  while (begin_ != end_ && buffer_[begin_] == kDoorbell) {
    ++begin_;
    ++doorbells_;
  }
}

Result<const FrameHeader*> FrameReader::Head() {
  if (head_) return &*head_;
  SkipDoorbells();
  const std::size_t available = end_ - begin_;
  if (available < kFrameHeaderSize) {
    return Unfinished(available == 0 ? 0 : platform::kMaxHandlesPerSend);
  }
  const auto bytes = std::span<const std::byte>(buffer_).subspan(begin_, kFrameHeaderSize);
  BATON_TRY(const FrameHeader header, DecodeHeader(bytes.first<kFrameHeaderSize>(), max_payload_));
  if (available - kFrameHeaderSize < header.length) return Unfinished(header.handles);
  if (handles_.size() < header.handles) return Fail(Rule::kHandleCount);
  return &head_.emplace(header);
}

Frame FrameReader::Take() {
  Frame frame = {*head_};
  head_.reset();
  frame.payload =
      std::span<const std::byte>(buffer_).subspan(begin_ + kFrameHeaderSize, frame.header.length);
  const auto last = handles_.begin() + frame.header.handles;
  std::move(handles_.begin(), last, std::back_inserter(frame.handles));
  handles_.erase(handles_.begin(), last);
  begin_ += kFrameHeaderSize + frame.header.length;
  return frame;
}

// Handles come with the bytes of their frame: nobody may pile up more than that frame declares, nor
// keep the last files from others.
Result<const FrameHeader*> FrameReader::Unfinished(std::size_t most_handles) const {
  if (handles_.size() > most_handles) return Fail(Rule::kHandleCount);
  const bool are_many = handles_.size() > platform::kMaxHandlesPerSend;
  if (are_many && platform::IsOfTheLastQuarter(handles_.back())) {
    return Fail(std::make_error_code(std::errc::too_many_files_open));
  }
  return nullptr;
}

}  // namespace baton::internal
