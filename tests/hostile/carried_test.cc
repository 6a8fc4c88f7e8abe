// Payloads that lie in memory of their own.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>

#include <baton/platform/frozen_memory.h>

#include "tests/hostile/evil_ring.h"
#include "tests/support/guarded.h"
#include "tests/support/handle_copies.h"

namespace baton::testing {
namespace {

using internal::FrameHeader;
using internal::FrameKind;
using platform::Handle;
namespace PEcho = ::testing::PEcho;

std::vector<std::byte> EchoPayload(EvilParent& evil, std::size_t size = 100) {
  const std::string text(size, 'x');
  const void* const values[] = {&text};
  return evil.Encode(*PEcho::kEcho.parameters, values);
}

FrameHeader CarriedHeader(EvilParent& evil) {
  auto header = evil.HeaderOf(PEcho::kEcho);
  header.flags = internal::kCarried;
  header.handles = 1;
  return header;
}

void SendCarried(EvilParent& evil, const FrameHeader& header, std::uint64_t size, Handle handle) {
  std::vector<Handle> handles;
  if (handle) handles.push_back(std::move(handle));
  evil.Send(EvilParent::FrameOf(header, std::as_bytes(std::span(&size, 1))), handles);
}

Handle Frozen(std::span<const std::byte> bytes) {
  return Must(platform::CreateFrozenMemoryOf(platform::MemoryBackend::kMemfd, "evil", bytes));
}

Handle Memfd(std::span<const std::byte> bytes, int seals) {
  Handle handle(memfd_create("evil", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  REQUIRE(write(handle.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  if (seals != 0) REQUIRE(fcntl(handle.get(), F_ADD_SEALS, seals) == 0);
  return handle;
}

TEST_CASE("hostile: an honest carried payload is taken, however large or small") {
  const Guarded guarded;
  EvilParent evil;
  evil.SayHello();
  const auto payload = EchoPayload(evil, GENERATE(1, 100'000, 1'000'000));
  SendCarried(evil, CarriedHeader(evil), payload.size(), Frozen(payload));
  evil.ExpectAlive();
  CHECK(evil.victim->statistics().messages_received == 1);
  CHECK(evil.victim->statistics().messages_refused == 0);
}

TEST_CASE("hostile: carried payloads that are not what they should be") {
  const Guarded guarded;
  EvilParent evil(RefusesUnsealed());
  evil.SayHello();
  const auto payload = EchoPayload(evil);
  std::uint64_t size = payload.size();
  Rule rule = Rule::kHandleSize;
  Handle handle;
  SECTION("of no size") {
    handle = Frozen(payload);
    size = 0;
  }
  SECTION("of a smaller size") {
    handle = Frozen(payload);
    --size;
  }
  SECTION("of a larger size") {
    handle = Frozen(payload);
    ++size;
  }
  SECTION("of nothing") {
    handle = Memfd({}, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW);
    size = 0;
  }
  SECTION("larger than a message may be") {
    handle = Frozen(payload);
    size = GENERATE((std::uint64_t{1} << 20) + 1, ~std::uint64_t{0});
    rule = Rule::kFrameTooLarge;
  }
  SECTION("that can change") {
    handle = Memfd(payload, GENERATE(0, F_SEAL_SHRINK | F_SEAL_GROW, F_SEAL_WRITE));
    rule = Rule::kHandleSeals;
  }
  SECTION("a handle that cannot be read") {
    handle = Reopened(Frozen(payload), GENERATE(O_PATH, O_WRONLY));
    rule = Rule::kHandleKind;
  }
  SECTION("a pipe") {
    int ends[2] = {-1, -1};
    REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
    handle = Handle(ends[0]);
    const Handle other(ends[1]);
    rule = Rule::kHandleKind;
  }
  SECTION("a ring") {
    const EvilRing ring;
    handle = ring.handle();
    size = ring.memory.size();
    rule = Rule::kHandleSeals;
  }
  SECTION("no handle") {
    rule = Rule::kHandleCount;
  }
  SECTION("of bytes that are no message") {
    handle = Frozen(std::vector<std::byte>(payload.size(), std::byte{0xff}));
    rule = Rule::kMalformed;
  }
  SendCarried(evil, CarriedHeader(evil), size, std::move(handle));
  evil.ExpectFault(rule);
}

TEST_CASE("hostile: the mark of a carried payload where none can be") {
  const Guarded guarded;
  EvilParent evil;
  evil.SayHello();
  auto header = CarriedHeader(evil);
  const auto payload = EchoPayload(evil);
  std::vector<std::byte> in_place(sizeof(std::uint64_t));
  SECTION("on a frame that declares no handle") {
    header.handles = 0;
  }
  SECTION("on REJECT") {
    header.kind = FrameKind::kReject;
  }
  SECTION("on RELEASE") {
    header = evil.ControlHeader(FrameKind::kRelease);
    header.flags = internal::kCarried;
    header.handles = 1;
  }
  SECTION("beside a payload of another length than a size has") {
    in_place.resize(GENERATE(0u, 7u, 9u, 64u));
  }
  SECTION("with a flag that does not exist") {
    header.flags = GENERATE(5u, 9u, 16u, 17u, 0x80000000u);
  }
  const Handle handles[] = {Frozen(payload)};
  evil.Send(EvilParent::FrameOf(header, in_place), handles);
  evil.ExpectFault(Rule::kFrameHeader);
}

}  // namespace
}  // namespace baton::testing
