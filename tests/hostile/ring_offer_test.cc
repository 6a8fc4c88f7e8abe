// HELLO with something that is no ring.
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>

#include "tests/hostile/evil_ring.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using platform::Handle;
namespace PEcho = ::testing::PEcho;

constexpr int kAllSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

Handle Memfd(std::size_t size, int seals) {
  Handle handle(memfd_create("evil", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  REQUIRE(ftruncate(handle.get(), static_cast<off_t>(size)) == 0);
  if (seals != 0) REQUIRE(fcntl(handle.get(), F_ADD_SEALS, seals) == 0);
  return handle;
}

TEST_CASE("hostile: an honest ring is read, so that the lies below are what is refused") {
  const Guarded guarded;
  EvilParent evil;
  EvilRing ring;
  Offer(evil, ring);
  ring.words.Append(internal::Lane::kData, CountFrame(evil));
  ring.words.Publish();
  RingDoorbell(evil);
  evil.ExpectAlive();
  CHECK(evil.victim->statistics().ring_frames_received == 1);
  CHECK(ring.words.word(kDataRead) == ring.words.word(kDataWritten));
}

TEST_CASE("hostile: a ring of a wrong kind, seal or size") {
  const Guarded guarded;
  EvilParent evil(RefusesUnsealed());
  const std::size_t size = internal::RingMemorySize(internal::kSmallestDataRing);
  Rule rule = Rule::kHandleKind;
  Handle handle;
  SECTION("a pipe") {
    int ends[2] = {-1, -1};
    REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
    handle = Handle(ends[0]);
    const Handle other(ends[1]);
  }
  SECTION("an epoll") {
    handle = Handle(epoll_create1(EPOLL_CLOEXEC));
  }
  SECTION("a directory") {
    handle = Handle(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  SECTION("a device") {
    handle = Handle(open("/dev/zero", O_RDWR | O_CLOEXEC));
  }
  SECTION("memory that this handle cannot write") {
    const Handle memory = Memfd(size, kAllSeals);
    const std::string path = "/proc/self/fd/" + std::to_string(memory.get());
    handle = Handle(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  }
  SECTION("memory that can still shrink") {
    handle = Memfd(size, F_SEAL_GROW | F_SEAL_SEAL);
    rule = Rule::kHandleSeals;
  }
  SECTION("memory that can still be sealed against writing") {
    handle = Memfd(size, F_SEAL_SHRINK | F_SEAL_GROW);
    rule = Rule::kHandleSeals;
  }
  SECTION("memory that nobody can write") {
    handle = Memfd(size, kAllSeals | F_SEAL_WRITE);
    rule = Rule::kHandleSeals;
  }
  SECTION("a size that no ring has") {
    handle = Memfd(size + 8, kAllSeals);
    rule = Rule::kRing;
  }
  SECTION("nothing") {
    handle = Memfd(0, kAllSeals);
    rule = Rule::kHandleSize;
  }
  SECTION("a gigabyte") {
    handle = Memfd(std::size_t{1} << 30, kAllSeals);
    rule = Rule::kHandleSize;
  }
  REQUIRE(handle);
  const Handle handles[] = {std::move(handle)};
  SayHelloWith(evil, handles);
  evil.ExpectFault(rule);
}

TEST_CASE("hostile: two rings") {
  const Guarded guarded;
  EvilParent evil;
  const EvilRing one;
  const EvilRing other;
  const Handle handles[] = {one.handle(), other.handle()};
  SECTION("declared") {
    SayHelloWith(evil, handles);
    evil.ExpectFault(Rule::kFrameHeader);
  }
  SECTION("one of them not declared") {
    auto header = evil.ControlHeader(internal::FrameKind::kHello);
    header.handles = 1;
    evil.Send(EvilParent::FrameOf(header, evil.HelloPayload(EvilParent::HonestHello())), handles);
    evil.ExpectFault(Rule::kHandleCount);
  }
}

TEST_CASE("hostile: the victim's own ring, sent back") {
  const Guarded guarded;
  EvilParent evil;
  const EvilRing own = VictimsRing(evil);
  Offer(evil, own);
  evil.ExpectAlive();
  // It reads what it writes, which is nothing that it takes.
  Must(evil.victim->SendCounted(1));
  RingDoorbell(evil);
  evil.ExpectFault(Rule::kUnknownMessage);
}

TEST_CASE("hostile: one ring offered to two victims hurts those two alone") {
  const Guarded guarded;
  EvilParent first;
  EvilParent second;
  EvilParent bystander;
  EvilRing ring;
  Offer(first, ring);
  Offer(second, ring);
  bystander.SayHello();
  ring.words.Append(internal::Lane::kData, CountFrame(first));
  ring.words.Publish();
  RingDoorbell(first);
  RingDoorbell(second);
  first.ExpectAlive();
  second.ExpectAlive();
  ring.words.SetWord(kDataWritten, 1);
  RingDoorbell(first);
  RingDoorbell(second);
  first.ExpectFault(Rule::kRing);
  second.ExpectFault(Rule::kRing);
  bystander.Send(CountFrame(bystander));
  bystander.ExpectAlive();
}

}  // namespace
}  // namespace baton::testing
