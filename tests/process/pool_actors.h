// The far side of echo.idl where memory is used again and again.
#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

#include "tests/process/echo_actors.h"
#include "tests/support/kernel_counts.h"

namespace baton::testing {

// Reads what it is to keep, and frees it. Tells how many page faults it has had until then.
class ReadingChild final : public EchoChild {
 private:
  Result<void> RecvKeep(Shmem memory) override {
    const std::span<const std::byte> bytes = memory.bytes();
    const auto differs = [&](std::byte one) { return one != bytes.front(); };
    PEER_EXPECT(std::ranges::none_of(bytes, differs));
    BATON_CHECKED(DeallocShmem(memory));
    return SendCounted(PageFaults());
  }
};

inline void RunReadingChild(platform::Handle channel_end) {
  io_context io;
  const auto child = std::make_shared<ReadingChild>();
  Link link = Accept(std::move(channel_end));
  Must(internal::BindEndpoint(std::move(link.parts), child, io.get_executor(), link.options));
  io.run();
  PEER_EXPECT(child->destroyed == 1);
}

}  // namespace baton::testing
