// Lies about memory: handles of the wrong kind, size, seal and number; ids and transfers that are
// not the peer's to name.
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "tests/hostile/evil_parent.h"
#include "tests/support/guarded.h"
#include "tests/support/lingering.h"

namespace baton::testing {
namespace {

using platform::Handle;
namespace PEcho = ::testing::PEcho;

constexpr std::uint64_t kSizeOfHandles = 4096;

wire::ShmemReference ReferenceOfSize(std::uint64_t size) {
  wire::ShmemReference reference;
  reference.id_high = 0x1234;  // issued by a parent
  reference.id_low = 0x5678;
  reference.size = size;
  reference.transfer = 1;
  reference.handle = 0;
  return reference;
}

Handle SealedMemory(std::uint64_t size = kSizeOfHandles) {
  return Must(Must(platform::SharedMemory::Create("evil", size)).handle().Duplicate());
}

Handle Memfd(int seals) {
  Handle handle(memfd_create("evil", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  REQUIRE(ftruncate(handle.get(), kSizeOfHandles) == 0);
  if (seals != 0) REQUIRE(fcntl(handle.get(), F_ADD_SEALS, seals) == 0);
  return handle;
}

// Sends one Fill with this reference and these handles.
void SendFill(EvilParent& evil, const wire::ShmemReference& reference,
              std::span<const Handle> handles) {
  auto header = evil.HeaderOf(PEcho::kFill);
  header.handles = static_cast<std::uint16_t>(handles.size());
  evil.Send(EvilParent::FrameOf(header, evil.FillPayload(reference)), handles);
}

TEST_CASE("hostile: honest memory from a raw peer is taken") {
  const Guarded guarded;
  EvilParent evil;
  evil.SayHello();
  const Handle handles[] = {SealedMemory()};
  SendFill(evil, ReferenceOfSize(kSizeOfHandles), handles);
  evil.ExpectAlive();
  CHECK(evil.victim->traffic().shmem_bytes_received == kSizeOfHandles);
}

TEST_CASE("hostile: a handle of the wrong kind") {
  const Guarded guarded;
  EvilParent evil;
  evil.SayHello();
  Handle handle;
  SECTION("a socket") {
    handle = Handle(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  }
  SECTION("an eventfd") {
    handle = Handle(eventfd(0, EFD_CLOEXEC));
  }
  SECTION("a directory") {
    handle = Handle(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  SECTION("a device") {
    handle = Handle(open("/dev/zero", O_RDWR | O_CLOEXEC));
  }
  SECTION("a pipe") {
    int ends[2] = {-1, -1};
    REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
    handle = Handle(ends[0]);
    const Handle other(ends[1]);
  }
  SECTION("a file on disk") {
    handle = Handle(open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  }
  SECTION("an epoll") {
    handle = Handle(epoll_create1(EPOLL_CLOEXEC));
  }
  SECTION("a timer") {
    handle = Handle(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
  }
  SECTION("signals") {
    sigset_t none = {};
    sigemptyset(&none);
    handle = Handle(signalfd(-1, &none, SFD_CLOEXEC));
  }
  SECTION("a watch of files") {
    handle = Handle(inotify_init1(IN_CLOEXEC));
  }
  SECTION("a process") {
    handle = Handle(static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0)));
  }
  SECTION("memory of which it is no more than the path") {
    const Handle memory = SealedMemory();
    const std::string path = "/proc/self/fd/" + std::to_string(memory.get());
    handle = Handle(open(path.c_str(), O_PATH | O_CLOEXEC));
  }
  SECTION("memory that can only be read") {
    const Handle memory = SealedMemory();
    const std::string path = "/proc/self/fd/" + std::to_string(memory.get());
    handle = Handle(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  }
  REQUIRE(handle);
  const Handle handles[] = {std::move(handle)};
  SendFill(evil, ReferenceOfSize(kSizeOfHandles), handles);
  evil.ExpectFault(Rule::kHandleKind);
}

TEST_CASE("hostile: memory that could still shrink or grow") {
  const Guarded guarded;
  EvilParent evil(RefusesUnsealed());
  evil.SayHello();
  const int seals = GENERATE(0, F_SEAL_SHRINK, F_SEAL_GROW);
  const Handle handles[] = {Memfd(seals)};
  SendFill(evil, ReferenceOfSize(kSizeOfHandles), handles);
  evil.ExpectFault(Rule::kHandleSeals);
}

TEST_CASE("hostile: memory of another size than announced") {
  const Guarded guarded;
  EvilParent evil;
  evil.SayHello();
  const std::uint64_t size =
      GENERATE(std::uint64_t{0}, kSizeOfHandles - 1, kSizeOfHandles + 1, 2 * kSizeOfHandles);
  const Handle handles[] = {SealedMemory()};
  SendFill(evil, ReferenceOfSize(size), handles);
  evil.ExpectFault(Rule::kHandleSize);
}

TEST_CASE("hostile: more memory than there can be") {
  const Guarded guarded;
  EvilParent evil;
  evil.SayHello();
  const Handle handles[] = {SealedMemory()};
  SendFill(evil, ReferenceOfSize(~std::uint64_t{0}), handles);
  evil.ExpectFault(Rule::kHandleSize);
}

TEST_CASE("hostile: memory that nobody can write any more") {
  const Guarded guarded;
  EvilParent evil;
  evil.SayHello();
  const Handle handles[] = {Memfd(F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)};
  SendFill(evil, ReferenceOfSize(kSizeOfHandles), handles);
  evil.ExpectFault(Rule::kHandleSeals);
}

TEST_CASE("hostile: a socket that lingers does not hold up whoever refuses it") {
  const Guarded guarded;
  EvilParent evil;
  evil.SayHello();
  Lingering lingering;
  const Handle handles[] = {lingering.Take()};
  SendFill(evil, ReferenceOfSize(kSizeOfHandles), handles);
  evil.ExpectFault(Rule::kHandleKind);  // the watchdog would have ended a wait
}

TEST_CASE("hostile: the wrong number of handles") {
  const Guarded guarded;
  EvilParent evil;
  evil.SayHello();
  std::vector<Handle> handles;
  SECTION("none where one is declared") {
    auto header = evil.HeaderOf(PEcho::kFill);
    header.handles = 1;
    evil.Send(EvilParent::FrameOf(header, evil.FillPayload(ReferenceOfSize(kSizeOfHandles))));
    evil.ExpectFault(Rule::kHandleCount);
  }
  SECTION("one where none is declared") {
    handles.push_back(SealedMemory());
    auto header = evil.HeaderOf(PEcho::kFill);
    evil.Send(EvilParent::FrameOf(header, evil.FillPayload(ReferenceOfSize(kSizeOfHandles))),
              handles);
    evil.Run();
    CHECK(evil.victim->destroyed == 1);
    CHECK((evil.victim->close_error() == Rule::kHandleCount ||
           evil.victim->close_error() == Rule::kHandleIndex));
  }
  SECTION("two where one is used") {
    handles.push_back(SealedMemory());
    handles.push_back(SealedMemory());
    SendFill(evil, ReferenceOfSize(kSizeOfHandles), handles);
    evil.ExpectFault(Rule::kHandleIndex);
  }
  SECTION("the largest number the kernel takes, unannounced, without a message") {
    for (int i = 0; i < 253; ++i) handles.push_back(SealedMemory());
    const auto frame = EvilParent::FrameOf(evil.HeaderOf(PEcho::kCount), {});
    evil.Send(std::span(frame).first(1), handles);
    evil.HangUp();
    evil.ExpectDeath();
  }
}

TEST_CASE("hostile: handles piled up on a frame that never ends") {
  const Guarded guarded;
  EvilParent evil;
  evil.SayHello();
  auto header = evil.HeaderOf(PEcho::kFill);
  header.handles = 1;
  const auto frame = EvilParent::FrameOf(header, evil.FillPayload(ReferenceOfSize(kSizeOfHandles)));
  const auto bytes = std::span(frame);
  const Handle one[] = {SealedMemory()};
  const Handle another[] = {SealedMemory()};
  evil.Send(bytes.first(60), one);
  evil.ExpectAlive();
  evil.Send(bytes.subspan(60, 1), another);
  evil.ExpectFault(Rule::kHandleCount);
}

TEST_CASE(
    "hostile: memory sent in floods to a victim that frees it, by a peer that reads nothing") {
  const Guarded guarded;
  EvilParent evil;
  evil.SayHello();
  // Each Keep frees the one before, so each is news for a peer that does not listen.
  for (std::uint64_t i = 0; i < 5000; ++i) {
    auto reference = ReferenceOfSize(kSizeOfHandles);
    reference.id_low = i;
    const Handle handles[] = {SealedMemory()};
    auto header = evil.HeaderOf(PEcho::kKeep);
    header.handles = 1;
    evil.Send(EvilParent::FrameOf(header, evil.FillPayload(reference)), handles);
  }
  evil.ExpectAlive();
}

TEST_CASE("hostile: references that name nothing of the peer's") {
  const Guarded guarded;
  EvilParent evil;
  evil.SayHello();
  auto reference = ReferenceOfSize(kSizeOfHandles);
  std::vector<Handle> handles;
  handles.push_back(SealedMemory());
  Rule rule = Rule::kShmemId;
  SECTION("an id that only the victim makes") {
    reference.id_high |= std::uint64_t{1} << 63;
  }
  SECTION("an unknown id without a handle") {
    reference.handle = wire::ShmemReference::kNoIndex;
    handles.clear();
  }
  SECTION("a first transfer with another number") {
    reference.transfer = 5;
    rule = Rule::kShmemState;
  }
  SECTION("a handle beyond the last") {
    reference.handle = 1;
    rule = Rule::kHandleIndex;
  }
  SECTION("unsafe memory where safe memory is expected") {
    reference.kind = wire::ShmemReference::kUnsafe;
    rule = Rule::kShmemKind;
  }
  SECTION("a kind that does not exist") {
    reference.kind = 77;
    rule = Rule::kMalformed;
  }
  SECTION("a generation where there is none") {
    reference.kind = wire::ShmemReference::kUnsafe;
    reference.generation = 1;
    rule = Rule::kMalformed;
  }
  SendFill(evil, reference, handles);
  evil.ExpectFault(rule);
}

TEST_CASE("hostile: memory sent twice without having it back") {
  const Guarded guarded;
  EvilParent evil;
  evil.SayHello();
  const Handle handles[] = {SealedMemory()};
  auto reference = ReferenceOfSize(kSizeOfHandles);
  auto header = evil.HeaderOf(PEcho::kKeep);
  header.handles = 1;
  evil.Send(EvilParent::FrameOf(header, evil.FillPayload(reference)), handles);
  evil.ExpectAlive();
  reference.handle = wire::ShmemReference::kNoIndex;
  reference.transfer = 2;
  SendFill(evil, reference, {});
  evil.ExpectFault(Rule::kShmemState);
}

TEST_CASE("hostile: a peer that writes on after it has handed over changes nothing else") {
  const Guarded guarded;
  EvilParent evil;
  evil.SayHello();
  auto memory = Must(
      platform::SharedMemory::CreateOf(platform::MemoryBackend::kMemfd, "evil", kSizeOfHandles));
  const auto scribble = Must(memory.Map());  // the second mapping that revocation cannot reach
  const Handle handles[] = {Must(memory.handle().Duplicate())};
  SendFill(evil, ReferenceOfSize(kSizeOfHandles), handles);
  std::ranges::fill(scribble.bytes(), std::byte{0xee});
  evil.ExpectAlive();
  // It cannot be made to fault either: neither size can change.
  CHECK(ftruncate(memory.handle().get(), 0) != 0);
  CHECK(ftruncate(memory.handle().get(), 2 * kSizeOfHandles) != 0);
}

}  // namespace
}  // namespace baton::testing
