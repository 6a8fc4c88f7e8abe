// A ring that a liar offers, and the victim's own one as a liar sees it.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "runtime/channel/ring.h"
#include "tests/fuzz/channel/forged_ring.h"
#include "tests/hostile/evil_parent.h"

namespace baton::testing {

// Which of the words (fuzz::ForgedRing::SetWord) is which.
enum RingWord : std::size_t {
  kControlWritten,
  kDataWritten,
  kControlRead,
  kDataRead,
  kReaderSleeps,
  kControlWriterWaits,
  kDataWriterWaits,
};

struct EvilRing {
  explicit EvilRing(platform::SharedMemory of) : memory(std::move(of)) {}
  EvilRing()
      : EvilRing(Must(platform::SharedMemory::CreateRing(
            "evil:ring", internal::RingMemorySize(internal::kSmallestDataRing)))) {}

  platform::Handle handle() const { return Must(memory.handle().Duplicate()); }

  platform::SharedMemory memory;
  platform::Mapping mapping = Must(memory.Map());
  fuzz::ForgedRing words{mapping.bytes()};
};

inline void SayHelloWith(EvilParent& evil, std::span<const platform::Handle> handles) {
  auto header = evil.ControlHeader(internal::FrameKind::kHello);
  header.handles = static_cast<std::uint16_t>(handles.size());
  const auto payload = evil.HelloPayload(EvilParent::HonestHello());
  evil.Send(EvilParent::FrameOf(header, payload), handles);
}

inline void Offer(EvilParent& evil, const EvilRing& ring) {
  const platform::Handle handles[] = {ring.handle()};
  SayHelloWith(evil, handles);
}

// The memory of the ring that the victim has offered in its HELLO.
inline EvilRing VictimsRing(EvilParent& evil) {
  std::vector<std::byte> bytes(4096);
  std::vector<platform::Handle> handles;
  evil.Run();
  (void)Must(platform::ReceiveSome(evil.socket(), bytes, handles));
  REQUIRE(handles.size() == 1);
  const std::size_t most = internal::RingMemorySize(internal::kLargestDataRing);
  return EvilRing(Must(platform::SharedMemory::AdoptRing(std::move(handles.front()), most)));
}

inline void RingDoorbell(EvilParent& evil, std::size_t count = 1) {
  evil.Send(std::vector<std::byte>(count, internal::kDoorbell));
}

inline std::vector<std::byte> CountFrame(EvilParent& evil, internal::FrameHeader header) {
  const std::uint64_t number = 1;
  const void* const values[] = {&number};
  return EvilParent::FrameOf(header, evil.Encode(*::testing::PEcho::kCount.parameters, values));
}

inline std::vector<std::byte> CountFrame(EvilParent& evil) {
  return CountFrame(evil, evil.HeaderOf(::testing::PEcho::kCount));
}

}  // namespace baton::testing
