// A peer whose memory is not sealed, and who shrinks it: whoever takes such memory reads zeros, and
// the channel ends.
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <utility>

#include <baton/platform/frozen_memory.h>

#include "tests/hostile/evil_ring.h"
#include "tests/support/guarded.h"
#include "tests/support/skip.h"

namespace baton::testing {
namespace {

using platform::Handle;
using platform::MemoryBackend;
using platform::SharedMemory;
using platform::UnsealedMemory;
namespace PEcho = ::testing::PEcho;

constexpr std::uint64_t kSizeTruncated = 1 << 20;

ChannelOptions Options(UnsealedMemory unsealed) {
  ChannelOptions options;
  options.unsealed_memory = unsealed;
  return options;
}

// Touches what it gets, after `before_touch`, and keeps it.
class Toucher final : public EchoChild {
 public:
  std::function<void()> before_touch = [] {};
  bool was_zero = false;
  Shmem kept;
  UnsafeShmem shared;

 protected:
  Result<void> RecvKeep(Shmem memory) override {
    before_touch();
    was_zero = std::ranges::all_of(memory.bytes(), [](std::byte b) { return b == std::byte{0}; });
    kept = std::move(memory);
    return {};
  }
  void RecvGiveBack(GiveBackReplier reply) override { reply(std::move(kept)); }
  void RecvTouch(UnsafeShmem memory, TouchReplier reply) override {
    before_touch();
    memory.bytes().back() = std::byte{1};
    shared = std::move(memory);
    reply({});
  }
};

// Memory that the peer has made, and can change the size of.
struct Loose {
  explicit Loose(std::uint64_t size = kSizeTruncated)
      : memory(Must(SharedMemory::CreateOf(MemoryBackend::kPosixShm, "evil", size))) {
    reference.id_high = 0x1234;  // issued by a parent
    reference.id_low = 0x5678;
    reference.size = size;
    reference.transfer = 1;
    reference.handle = 0;
  }

  void Shrink(off_t to = 0) const { REQUIRE(::ftruncate(memory.handle().get(), to) == 0); }

  // A message whose only value, or first, is this memory.
  void SendIn(EvilParent& evil, const wire::Message& message) {
    const Shmem safe;
    const UnsafeShmem unsafe;
    const std::uint8_t fill = 7;
    const bool is_safe = reference.kind == wire::ShmemReference::kSafe;
    const void* const first = is_safe ? static_cast<const void*>(&safe) : &unsafe;
    const void* const values[] = {first, &fill};
    const std::size_t count = message.id == PEcho::kFill.id ? 2 : 1;
    wire::Encoder encoder;
    const auto encoded =
        Must(encoder.Encode(*message.parameters, std::span(values).first(count), 1 << 20));
    REQUIRE(encoded.shared_memory.size() == 1);
    std::memcpy(encoded.bytes.data() + encoded.shared_memory[0].position, &reference,
                sizeof(reference));
    auto header = evil.HeaderOf(message);
    const bool travels = reference.handle != wire::ShmemReference::kNoIndex;
    header.handles = travels ? 1 : 0;
    const Handle handles[] = {Must(memory.handle().Duplicate())};
    evil.Send(EvilParent::FrameOf(header, encoded.bytes),
              std::span(handles).first(travels ? 1 : 0));
  }

  SharedMemory memory;
  wire::ShmemReference reference;
};

SharedMemory LooseRing() {
  const std::uint64_t size = internal::RingMemorySize(internal::kSmallestDataRing);
  auto memory = Must(SharedMemory::CreateOf(MemoryBackend::kPosixShm, "evil:ring", size));
  return Must(
      SharedMemory::AdoptRing(Must(memory.handle().Duplicate()), size, UnsealedMemory::kAccept));
}

void SendCarried(EvilParent& evil, const std::string& text, std::uint64_t claimed_more = 0) {
  const void* const values[] = {&text};
  const auto payload = evil.Encode(*PEcho::kEcho.parameters, values);
  auto header = evil.HeaderOf(PEcho::kEcho);
  header.flags = internal::kCarried;
  header.handles = 1;
  const std::uint64_t size = payload.size() + claimed_more;
  const Handle handles[] = {
      Must(platform::CreateFrozenMemoryOf(MemoryBackend::kPosixShm, "evil", payload))};
  evil.Send(EvilParent::FrameOf(header, std::as_bytes(std::span(&size, 1))), handles);
}

TEST_CASE("hostile: unsealed memory is refused by who does not take it") {
  const Guarded guarded;
  EvilParent evil(Options(UnsealedMemory::kRefuse));
  SECTION("safe memory") {
    evil.SayHello();
    Loose loose;
    loose.SendIn(evil, PEcho::kFill);
  }
  SECTION("a ring") {
    const EvilRing ring(LooseRing());
    Offer(evil, ring);
  }
  SECTION("a message") {
    evil.SayHello();
    SendCarried(evil, std::string(1000, 'x'));
  }
  evil.ExpectFault(Rule::kHandleSeals);
}

TEST_CASE("hostile: unsealed memory of an honest peer is as good as any, where it is taken") {
  const Guarded guarded;
  EvilParent evil(Options(UnsealedMemory::kAccept));
  SECTION("safe memory, there and back and there") {
    evil.SayHello();
    Loose loose;
    loose.SendIn(evil, PEcho::kFill);
    evil.ExpectAlive();
    CHECK(Must(loose.memory.Map()).bytes().back() == std::byte{7});
    loose.reference.transfer += 2;
    loose.reference.handle = wire::ShmemReference::kNoIndex;
    loose.SendIn(evil, PEcho::kFill);
    CHECK(evil.victim->traffic().shmem_bytes_received == 2 * kSizeTruncated);
  }
  SECTION("a ring") {
    EvilRing ring(LooseRing());
    Offer(evil, ring);
    ring.words.Append(internal::Lane::kData, CountFrame(evil));
    ring.words.Publish();
    RingDoorbell(evil);
    CHECK(evil.victim->statistics().ring_frames_received == 1);
  }
  SECTION("a message") {
    evil.SayHello();
    SendCarried(evil, std::string(200'000, 'x'));
    CHECK(evil.victim->statistics().messages_received == 1);
  }
  evil.ExpectAlive();
}

TEST_CASE("hostile: memory that is shorter when it comes than it was said to be") {
  const Guarded guarded;
  EvilParent evil(Options(UnsealedMemory::kAccept));
  evil.SayHello();
  SECTION("the first time") {
    Loose loose;
    loose.Shrink(GENERATE(0, 1, kSizeTruncated - 1, kSizeTruncated + 1));
    loose.SendIn(evil, PEcho::kFill);
  }
  SECTION("when it comes again") {
    Loose loose;
    loose.SendIn(evil, PEcho::kFill);
    evil.ExpectAlive();
    loose.Shrink(GENERATE(0, kSizeTruncated - 1, 2 * kSizeTruncated));
    loose.reference.transfer += 2;
    loose.reference.handle = wire::ShmemReference::kNoIndex;
    loose.SendIn(evil, PEcho::kFill);
  }
  SECTION("a message") {
    SendCarried(evil, std::string(100'000, 'x'), 1);
  }
  evil.ExpectFault(Rule::kHandleSize);
}

TEST_CASE("hostile: safe memory is shrunk while its victim reads it, who then hands it on") {
  const Guarded guarded;
  const auto victim = std::make_shared<Toucher>();
  EvilParent evil(Options(UnsealedMemory::kAccept), victim);
  evil.SayHello();
  Loose loose(GENERATE(std::uint64_t{4096}, kSizeTruncated));
  {
    const auto mapping = Must(loose.memory.Map());
    std::ranges::fill(mapping.bytes(), std::byte{9});
  }
  victim->before_touch = [&] { loose.Shrink(); };
  loose.SendIn(evil, PEcho::kKeep);
  evil.ExpectAlive();
  CHECK(victim->was_zero);
  CHECK(victim->kept.is_damaged());
  evil.Send(EvilParent::FrameOf(evil.HeaderOf(PEcho::kGiveBack),
                                evil.Encode(*PEcho::kGiveBack.parameters, {})));
  evil.ExpectFault(Rule::kHandleSize);
  CHECK(victim->handler_errors == std::vector<std::error_code>{Rule::kHandleSize});
}

TEST_CASE("hostile: memory that both may write is shrunk while its victim writes it") {
  const Guarded guarded;
  const auto victim = std::make_shared<Toucher>();
  EvilParent evil(Options(UnsealedMemory::kAccept), victim);
  evil.SayHello();
  Loose loose;
  loose.reference.kind = wire::ShmemReference::kUnsafe;
  loose.reference.transfer = 0;
  victim->before_touch = [&] { loose.Shrink(); };
  loose.SendIn(evil, PEcho::kTouch);
  evil.ExpectAlive();
  CHECK(victim->shared.is_damaged());
  victim->before_touch = [] {};
  loose.Shrink(kSizeTruncated);  // as if nothing had been
  loose.SendIn(evil, PEcho::kTouch);
  evil.ExpectFault(Rule::kHandleSize);
}

TEST_CASE("hostile: the ring that a victim reads is shrunk") {
  const Guarded guarded;
  EvilParent evil(Options(UnsealedMemory::kAccept));
  EvilRing ring(LooseRing());
  Offer(evil, ring);
  const int frames_before = GENERATE(0, 1, 5);
  CAPTURE(frames_before);
  for (int i = 0; i < frames_before; ++i) {
    ring.words.Append(internal::Lane::kData, CountFrame(evil));
    ring.words.Publish();
    RingDoorbell(evil);
    evil.ExpectAlive();
  }
  const auto to = GENERATE(off_t{0}, off_t{4096});
  if (to != 0) {
    ring.words.Append(internal::Lane::kData, CountFrame(evil));
    ring.words.Publish();  // the words are there, and what they tell of is not
  }
  REQUIRE(::ftruncate(ring.memory.handle().get(), to) == 0);
  RingDoorbell(evil);
  evil.ExpectFault(Rule::kHandleSize);
}

TEST_CASE("hostile: the ring that a victim writes is shrunk") {
  const auto& ours = platform::CapabilitiesOf(platform::CurrentMemoryBackend());
  if (ours.sealed) SKIP_TEST("rings of " << ours.name << " cannot be shrunk: BATON_MEMORY=posix");
  const Guarded guarded;
  EvilParent evil;
  const EvilRing own = VictimsRing(evil);
  evil.SayHello();
  evil.ExpectAlive();
  REQUIRE(::ftruncate(own.memory.handle().get(), 0) == 0);
  (void)evil.victim->SendCounted(1);
  evil.Send(CountFrame(evil));
  evil.ExpectFault(Rule::kHandleSize);
}

}  // namespace
}  // namespace baton::testing
