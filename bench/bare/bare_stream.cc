#include "bench/bare/bare_stream.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>

#include <baton/base/check.h>

namespace bench {
namespace {

constexpr std::size_t kReadAhead = std::size_t{64} << 10;

}  // namespace

BareStream::BareStream(int input, int output, std::size_t largest, bool packets)
    : input_(input),
      output_(output),
      packets_(packets),
      outgoing_(largest + kHeader),
      incoming_(largest + kHeader + kReadAhead) {}

void BareStream::Send(std::size_t size) {
  const std::uint64_t header = size;
  std::memcpy(outgoing_.data(), &header, sizeof(header));
  for (std::size_t sent = 0; sent < size + kHeader;) {
    const ssize_t now = write(output_, outgoing_.data() + sent, size + kHeader - sent);
    BATON_CHECK(now > 0);
    sent += static_cast<std::size_t>(now);
  }
}

std::span<const std::byte> BareStream::Receive() {
  if (packets_) return ReceivePacket();
  ReadUntil(kHeader);
  std::uint64_t size;
  std::memcpy(&size, incoming_.data() + begin_, sizeof(size));
  ReadUntil(kHeader + size);
  const std::span<const std::byte> message(incoming_.data() + begin_ + kHeader, size);
  begin_ += kHeader + size;
  return message;
}

std::span<const std::byte> BareStream::ReceivePacket() {
  const std::size_t size = ReadSome(incoming_.data(), incoming_.size());
  return {incoming_.data() + kHeader, size - kHeader};
}

void BareStream::ReadUntil(std::size_t buffered) {
  if (end_ - begin_ >= buffered) return;
  std::memmove(incoming_.data(), incoming_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  while (end_ < buffered) {
    // A payload is read to its end and not beyond: what is behind it would have to be moved.
    const std::size_t room = buffered > kReadAhead ? buffered - end_ : kReadAhead;
    end_ += ReadSome(incoming_.data() + end_, std::min(room, incoming_.size() - end_));
  }
}

std::size_t BareStream::ReadSome(std::byte* into, std::size_t room) const {
  const ssize_t size = read(input_, into, room);
  if (size <= 0) _exit(3);  // the other side has gone
  return static_cast<std::size_t>(size);
}

}  // namespace bench
