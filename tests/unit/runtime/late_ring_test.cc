// A queue that gets its ring when frames have left by the stream already, as a borrowed one does.
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include "runtime/channel/send_queue.h"
#include "runtime/channel/stream.h"
#include "tests/support/must.h"
#include "tests/unit/runtime/ring_memory.h"

namespace baton::internal {
namespace {

using testing::Must;

// Takes as many bytes as there is room for.
class Narrow final : public Stream {
 public:
  Result<std::size_t> Send(std::span<const std::byte> bytes,
                           std::span<const platform::NativeHandle>) override {
    const std::size_t taken = std::min(room, bytes.size());
    if (taken == 0) return Fail(std::make_error_code(std::errc::operation_would_block));
    room -= taken;
    sent += taken;
    return taken;
  }
  Result<std::size_t> Receive(std::span<std::byte>, std::vector<platform::Handle>&) override {
    return Fail(std::make_error_code(std::errc::operation_would_block));
  }
  void WaitReadable(Ready) override {}
  void WaitWritable(Ready) override {}
  Events Block(const Wanted&) override { return {}; }
  void Close() override {}

  std::size_t room = 0;
  std::size_t sent = 0;
};

FrameHeader HeaderIn(Lane lane) {
  return RingHeader(lane, 0, 0);
}

TEST_CASE("a ring that comes late takes what has not begun to leave by the stream") {
  const Lane lane = GENERATE(Lane::kControl, Lane::kData);
  SendQueue queue({1 << 20, 1000, 1000});
  Narrow stream;
  const std::vector<std::byte> payload(1000);
  const std::size_t frame = kFrameHeaderSize + payload.size();
  queue.Push(HeaderIn(lane), payload);
  queue.Push(HeaderIn(lane), payload);
  stream.room = frame / 2;
  CHECK(Must(queue.Flush(stream)).for_stream);

  RingMemory memory;
  RingWriter writer(memory.bytes());
  RingReader reader(memory.bytes());
  queue.AttachRing(writer);
  queue.Push(HeaderIn(lane), payload);
  CHECK(Must(queue.Flush(stream)).for_stream);
  CHECK(Must(reader.Head(lane)) == nullptr);  // the first frame leaves whole before the next

  stream.room = 10 * frame;
  queue.StreamMayTakeMore();
  Must(queue.Flush(stream));
  CHECK(queue.empty());
  CHECK(stream.sent >= frame);
  CHECK(stream.sent <= frame + 1);  // and a doorbell
  for (const std::uint64_t sequence : {2, 3}) {
    const FrameHeader* const head = Must(reader.Head(lane));
    REQUIRE(head != nullptr);
    CHECK(head->sequence == sequence);
    CHECK(reader.Take(lane).size() == payload.size());
  }
}

}  // namespace
}  // namespace baton::internal
