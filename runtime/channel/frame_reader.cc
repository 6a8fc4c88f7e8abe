#include "runtime/channel/frame_reader.h"

#include <algorithm>
#include <cstring>
#include <iterator>

#include <baton/platform/local_socket.h>

namespace baton::internal {
namespace {

constexpr std::size_t kReceiveSize = std::size_t{64} << 10;

constexpr std::size_t kMaxHandles = platform::kMaxHandlesPerSend;

// A buffer that one large message left behind is given back once it is empty.
constexpr std::size_t kIdleSize = std::size_t{256} << 10;

}  // namespace

std::span<std::byte> FrameReader::Space() {
  if (begin_ == end_) {
    begin_ = end_ = 0;
    if (buffer_.size() > kIdleSize) std::vector<std::byte>().swap(buffer_);
  }
  if (buffer_.size() - end_ < kReceiveSize && begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() - end_ < kReceiveSize) buffer_.resize(end_ + kReceiveSize);
  return std::span(buffer_).subspan(end_);
}

Result<std::optional<Frame>> FrameReader::Next() {
  const std::size_t available = end_ - begin_;
  if (available < kFrameHeaderSize) return Unfinished(available == 0 ? 0 : kMaxHandles);
  const auto bytes = std::span(buffer_).subspan(begin_, available);
  BATON_TRY(const FrameHeader header, DecodeHeader(bytes.first<kFrameHeaderSize>(), max_payload_));
  if (available - kFrameHeaderSize < header.length) return Unfinished(header.handles);

  BATON_CHECKED(CheckOrder(header));
  if (handles_.size() < header.handles) return Fail(Rule::kHandleCount);
  Frame frame = {header, bytes.subspan(kFrameHeaderSize, header.length), {}};
  const auto last = handles_.begin() + header.handles;
  std::move(handles_.begin(), last, std::back_inserter(frame.handles));
  handles_.erase(handles_.begin(), last);
  begin_ += kFrameHeaderSize + header.length;
  return std::optional<Frame>(std::move(frame));
}

// Handles come with the first byte of their frame: nobody may pile up more than that frame
// declares.
Result<std::optional<Frame>> FrameReader::Unfinished(std::size_t most_handles) const {
  if (handles_.size() > most_handles) return Fail(Rule::kHandleCount);
  return std::optional<Frame>();
}

Result<void> FrameReader::CheckOrder(const FrameHeader& header) {
  std::uint64_t& sequence = sequence_[static_cast<std::size_t>(header.lane)];
  if (header.sequence != sequence + 1) return Fail(Rule::kSequence);
  if (header.after > data_sequence()) return Fail(Rule::kSequence);
  sequence = header.sequence;
  return {};
}

}  // namespace baton::internal
