// A control frame that must follow data, both shown to the reader at once.
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "runtime/channel/inbox.h"
#include "tests/support/guarded.h"
#include "tests/unit/runtime/ring_memory.h"

namespace baton::internal {
namespace {

TEST_CASE("whoever sees a control frame sees the data that it waits for") {
  const testing::Guarded guarded;
  constexpr std::uint64_t kRounds = 100'000;
  RingMemory memory;
  RingWriter writer(memory.bytes());
  Inbox inbox(std::size_t{1} << 20);
  inbox.AttachRing(memory.bytes());

  std::atomic<bool> stop = false;
  std::thread sender([&] {
    const auto append = [&](const FrameHeader& header) {
      while (!stop) {
        const auto appended = writer.Append(header.lane, header, {});
        if (!appended || *appended) return;
        (void)writer.Publish();
      }
    };
    for (std::uint64_t round = 1; round <= kRounds && !stop; ++round) {
      append(RingHeader(Lane::kData, round, 0));
      FrameHeader control = RingHeader(Lane::kControl, round, 0);
      control.after = round;
      append(control);
      (void)writer.Publish();
    }
  });

  std::uint64_t taken = 0;
  bool blocked = false;
  while (taken < 2 * kRounds && !blocked) {
    const auto frame = inbox.Next(false);
    if (!frame) break;
    if (frame->has_value()) {
      ++taken;
      (void)inbox.ring()->Release();
    } else {
      blocked = inbox.must_receive();
    }
  }
  stop = true;
  sender.join();
  CHECK_FALSE(blocked);
  CHECK(taken == 2 * kRounds);
}

}  // namespace
}  // namespace baton::internal
