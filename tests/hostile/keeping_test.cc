// Lies about memory to keep, and about what was taken.
#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdint>
#include <vector>

#include <baton/shmem_store.h>
#include "tests/hostile/evil_parent.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using internal::FrameHeader;
using internal::FrameKind;
namespace PEcho = ::testing::PEcho;

constexpr std::uint64_t kSizeKept = 8192;
constexpr std::uint64_t kChildsBit = std::uint64_t{1} << 63;

ChannelOptions KeepingWithoutRing() {
  ChannelOptions options;
  options.ring_bytes = 0;
  return options;
}

struct Kept {
  std::uint64_t high = 1;
  std::uint64_t low = 2;
  std::uint64_t size = kSizeKept;
};

std::vector<std::byte> PayloadOf(EvilParent& evil, const Kept& kept) {
  const void* const values[] = {&kept.high, &kept.low, &kept.size};
  return evil.Encode(internal::kKeepTable, values);
}

void SendKeep(EvilParent& evil, const Kept& kept, platform::Handle handle) {
  FrameHeader header = evil.ControlHeader(FrameKind::kKeep);
  header.handles = 1;
  std::vector<platform::Handle> handles;
  handles.push_back(std::move(handle));
  evil.Send(EvilParent::FrameOf(header, PayloadOf(evil, kept)), handles);
}

platform::Handle MemoryOf(std::uint64_t size) {
  return Must(Must(platform::SharedMemory::Create("kept", size)).handle().Duplicate());
}

void SendTransfer(EvilParent& evil, FrameKind kind, const Kept& kept, std::uint64_t transfer) {
  const void* const values[] = {&kept.high, &kept.low, &transfer};
  const auto payload = evil.Encode(internal::kReleaseTable, values);
  evil.Send(EvilParent::FrameOf(evil.ControlHeader(kind), payload));
}

TEST_CASE("hostile: memory to keep is asked of the kernel like any other") {
  const Guarded guarded;
  EvilParent evil(KeepingWithoutRing());
  evil.SayHello();
  SECTION("honest") {
    SendKeep(evil, {}, MemoryOf(kSizeKept));
    evil.ExpectAlive();
    SendTransfer(evil, FrameKind::kRelease, {}, 0);
    evil.ExpectAlive();
  }
  SECTION("of another size") {
    SendKeep(evil, {.size = kSizeKept + 1}, MemoryOf(kSizeKept));
    evil.ExpectFault(Rule::kHandleSize);
  }
  SECTION("no memory") {
    SendKeep(evil, {}, platform::Handle(::open("/dev/null", O_RDWR | O_CLOEXEC)));
    evil.ExpectFault(Rule::kHandleKind);
  }
  SECTION("twice") {
    SendKeep(evil, {}, MemoryOf(kSizeKept));
    SendKeep(evil, {}, MemoryOf(kSizeKept));
    evil.ExpectFault(Rule::kShmemId);
  }
  SECTION("an id of the victim's making") {
    SendKeep(evil, {.high = kChildsBit}, MemoryOf(kSizeKept));
    evil.ExpectFault(Rule::kShmemId);
  }
  SECTION("without a handle") {
    evil.Send(EvilParent::FrameOf(evil.ControlHeader(FrameKind::kKeep), PayloadOf(evil, {})));
    evil.ExpectFault(Rule::kFrameHeader);
  }
}

TEST_CASE("hostile: the first transfer of kept memory brings the same object, and only once") {
  const Guarded guarded;
  EvilParent evil(KeepingWithoutRing());
  evil.SayHello();
  auto memory = MemoryOf(kSizeKept);
  SendKeep(evil, {}, Must(memory.Duplicate()));
  wire::ShmemReference reference;
  reference.id_high = 1;
  reference.id_low = 2;
  reference.size = kSizeKept;
  reference.transfer = 1;
  reference.handle = 0;
  const auto send = [&](platform::Handle handle) {
    FrameHeader header = evil.HeaderOf(PEcho::kFill);
    header.handles = 1;
    std::vector<platform::Handle> handles;
    handles.push_back(std::move(handle));
    evil.Send(EvilParent::FrameOf(header, evil.FillPayload(reference)), handles);
  };
  SECTION("the same") {
    send(Must(memory.Duplicate()));
    evil.ExpectAlive();
    send(Must(memory.Duplicate()));  // the victim has handed it back by now
    evil.ExpectFault(Rule::kShmemId);
  }
  SECTION("another one") {
    send(MemoryOf(kSizeKept));
    evil.ExpectFault(Rule::kShmemId);
  }
  SECTION("another size") {
    reference.size = kSizeKept - 1;
    send(Must(memory.Duplicate()));
    evil.ExpectFault(Rule::kHandleSize);
  }
}

TEST_CASE("hostile: a flood of memory to keep ends at the quota, which is nobody's fault") {
  const Guarded guarded;
  ChannelOptions options = KeepingWithoutRing();
  options.max_shmem_count = 8;
  EvilParent evil(options);
  evil.SayHello();
  for (std::uint64_t number = 0; number < 50; ++number) {
    SendKeep(evil, {.low = number}, MemoryOf(kSizeKept));
  }
  evil.ExpectAlive();
  CHECK(evil.victim->statistics().messages_refused == 42);
  for (std::uint64_t number = 0; number < 50; ++number) {  // whether it was kept or not
    SendTransfer(evil, FrameKind::kRelease, {.low = number}, 0);
  }
  evil.ExpectAlive();
}

TEST_CASE(
    "hostile: memory to keep that comes after the close is freed again, and nobody is blamed") {
  const Guarded guarded;
  boost::asio::io_context elsewhere;
  ChannelOptions options = KeepingWithoutRing();
  options.store = Must(ShmemStore::Create(elsewhere.get_executor()));
  EvilParent evil(options);
  evil.SayHello();
  SendKeep(evil, {.low = 1}, MemoryOf(kSizeKept));
  evil.Run();
  evil.victim->Close();  // and waits to hear what has become of that
  evil.Run();
  CHECK(evil.victim->destroyed == 0);
  SendKeep(evil, {.low = 2}, MemoryOf(kSizeKept));
  SendTransfer(evil, FrameKind::kRelease, {.low = 2}, 0);
  evil.Run();
  CHECK(evil.victim->destroyed == 0);
  evil.HangUp();
  evil.Run();
  CHECK(evil.victim->destroyed == 1);
  CHECK_FALSE(evil.victim->close_error());
  CHECK(options.store->census().orphans == 1);
}

TEST_CASE("hostile: what was taken is believed only of a transfer that has been") {
  const Guarded guarded;
  EvilParent evil(KeepingWithoutRing());
  evil.SayHello();
  evil.Run();
  auto memory = Must(evil.victim->AllocShmem(kSizeKept));
  const Kept known = {memory.id().high, memory.id().low};
  SECTION("of memory that is not known") {
    SendTransfer(evil, FrameKind::kTaken, {.low = 77}, 1);
    evil.ExpectAlive();
  }
  SECTION("of memory that was never sent") {
    SendTransfer(evil, FrameKind::kTaken, known, 1);
    evil.ExpectFault(Rule::kShmemState);
  }
  SECTION("of a transfer that is none") {
    SendTransfer(evil, FrameKind::kTaken, known, 0);
    evil.ExpectFault(Rule::kShmemState);
  }
}

TEST_CASE("hostile: a generation in the way of an id that the victim knows") {
  const Guarded guarded;
  EvilParent evil(KeepingWithoutRing());
  evil.SayHello();
  evil.Run();
  const auto memory = Must(evil.victim->AllocShmem(kSizeKept));
  wire::ShmemReference reference;
  reference.id_high = memory.id().high;
  reference.id_low = memory.id().low;
  reference.size = kSizeKept;
  reference.transfer = 1;
  reference.handle = 0;
  reference.generation = 3;
  FrameHeader header = evil.HeaderOf(PEcho::kFill);
  header.handles = 1;
  std::vector<platform::Handle> handles;
  handles.push_back(MemoryOf(kSizeKept));
  evil.Send(EvilParent::FrameOf(header, evil.FillPayload(reference)), handles);
  evil.ExpectFault(Rule::kShmemId);
}

}  // namespace
}  // namespace baton::testing
