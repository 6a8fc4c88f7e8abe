// Lies about frozen memory, and about who has let go of it.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <catch2/catch.hpp>
#include <optional>
#include <string>

#include "tests/hostile/frozen_scene.h"
#include "tests/support/guarded.h"
#include "tests/support/handle_copies.h"
#include "tests/support/skip_without_seals.h"

namespace baton::testing {
namespace {

using internal::FrameKind;
using internal::kLoanCall;
using platform::Handle;
using namespace std::chrono_literals;
namespace PFrozen = frozen::PFrozen;

constexpr std::uint64_t kSizeFrozen = 10'000;

Handle Frozen(std::uint64_t size = kSizeFrozen) {
  return Must(platform::CreateFrozenMemory("evil", std::vector<std::byte>(size, std::byte{5})));
}

Handle SealedWith(int seals) {
  Handle memory(::memfd_create("evil", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  REQUIRE(::ftruncate(memory.get(), kSizeFrozen) == 0);
  REQUIRE(::fcntl(memory.get(), F_ADD_SEALS, seals) == 0);
  return memory;
}

wire::ShmemReference HonestReference() {
  wire::ShmemReference reference;
  reference.id_high = 1;
  reference.size = kSizeFrozen;
  reference.handle = 0;
  reference.kind = wire::ShmemReference::kFrozen;
  return reference;
}

TEST_CASE("hostile frozen: memory that is frozen is taken, through whatever handle") {
  SKIP_WITHOUT_SEALS("it freezes only by a copy");
  const Guarded guarded;
  FrozenScene scene;
  const Handle memory = Frozen();
  const int how = GENERATE(O_RDWR, O_RDONLY);
  const Handle handles[] = {Reopened(memory, how)};
  REQUIRE(handles[0]);
  scene.SendMemory(PFrozen::kSum, HonestReference(), handles);
  scene.ExpectAlive();
  scene.Await(FrameKind::kReply);
}

TEST_CASE("hostile frozen: a reference that is not what it should be") {
  SKIP_WITHOUT_SEALS("it freezes only by a copy");
  struct Lie {
    Rule rule;
    void (*tell)(wire::ShmemReference&);
  };
  const Lie lie =
      GENERATE(Lie{Rule::kShmemKind, [](auto& it) { it.kind = wire::ShmemReference::kSafe; }},
               Lie{Rule::kShmemKind, [](auto& it) { it.kind = wire::ShmemReference::kUnsafe; }},
               Lie{Rule::kMalformed, [](auto& it) { it.kind = 0; }},
               Lie{Rule::kMalformed, [](auto& it) { it.kind = 4; }},
               Lie{Rule::kShmemState, [](auto& it) { it.transfer = 1; }},
               Lie{Rule::kHandleIndex, [](auto& it) { it.handle = 1; }},
               Lie{Rule::kHandleSize, [](auto& it) { it.size = 0; }},
               Lie{Rule::kHandleSize, [](auto& it) { it.size -= 1; }},
               Lie{Rule::kHandleSize, [](auto& it) { it.size += 1; }},
               Lie{Rule::kHandleSize, [](auto& it) { it.size = ~std::uint64_t{0}; }});
  const Guarded guarded;
  FrozenScene scene;
  wire::ShmemReference reference = HonestReference();
  lie.tell(reference);
  const Handle handles[] = {Frozen()};
  scene.SendMemory(PFrozen::kSum, reference, handles);
  scene.ExpectFault(lie.rule);
}

TEST_CASE("hostile frozen: a reference without a handle") {
  SKIP_WITHOUT_SEALS("it freezes only by a copy");
  const Guarded guarded;
  FrozenScene scene;
  wire::ShmemReference reference = HonestReference();
  reference.handle = wire::ShmemReference::kNoIndex;
  scene.SendMemory(PFrozen::kSum, reference, {});
  scene.ExpectFault(Rule::kHandleIndex);
}

TEST_CASE("hostile frozen: frozen memory where memory to be written is expected") {
  SKIP_WITHOUT_SEALS("it freezes only by a copy");
  const Guarded guarded;
  FrozenScene scene;
  wire::ShmemReference reference = HonestReference();
  reference.transfer = 1;
  const bool says_so = GENERATE(true, false);
  if (!says_so) reference.kind = wire::ShmemReference::kSafe;
  const Handle handles[] = {Frozen()};
  scene.SendMemory(PFrozen::kFill, reference, handles);
  // It did not get to the second field of that message; memory is looked at last.
  scene.ExpectFault(says_so ? Rule::kShmemKind : Rule::kHandleSeals);
}

TEST_CASE("hostile frozen: memory that somebody could still change") {
  SKIP_WITHOUT_SEALS("it freezes only by a copy");
  constexpr int kFutureWrite = 0x0010;
  const int seals = GENERATE(0, F_SEAL_WRITE, F_SEAL_SHRINK | F_SEAL_GROW,
                             F_SEAL_WRITE | F_SEAL_SHRINK, F_SEAL_WRITE | F_SEAL_GROW,
                             kFutureWrite | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
  const Guarded guarded;
  FrozenScene scene;
  const Handle handles[] = {SealedWith(seals)};
  scene.SendMemory(PFrozen::kSum, HonestReference(), handles);
  scene.ExpectFault(Rule::kHandleSeals);
}

TEST_CASE("hostile frozen: handles of another kind") {
  SKIP_WITHOUT_SEALS("it freezes only by a copy");
  const int kind = GENERATE(range(0, 5));
  const Guarded guarded;
  FrozenScene scene;
  std::vector<Handle> handles(1);
  int ends[2] = {};
  switch (kind) {
    case 0: handles[0] = Handle(::open("/dev/zero", O_RDONLY | O_CLOEXEC)); break;
    case 1: handles[0] = Handle(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)); break;
    case 2: handles[0] = Must(platform::CreateSocketPair()).first; break;
    case 3:
      REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
      handles[0] = Handle(ends[0]);
      ::close(ends[1]);
      break;
    default: handles[0] = Reopened(Frozen(), O_WRONLY); break;
  }
  REQUIRE(handles[0]);
  scene.SendMemory(PFrozen::kSum, HonestReference(), handles);
  scene.ExpectFault(Rule::kHandleKind);
}

TEST_CASE("hostile frozen: more of it than the quota is a shortage, as often as it comes") {
  SKIP_WITHOUT_SEALS("it freezes only by a copy");
  const Guarded guarded;
  ChannelOptions options;
  options.max_shmem_bytes = kSizeFrozen - 1;
  FrozenScene scene(options);
  for (int round = 0; round < 20; ++round) {
    const Handle handles[] = {Frozen()};
    scene.SendMemory(PFrozen::kSum, HonestReference(), handles);
    scene.ExpectAlive();
    scene.Await(FrameKind::kReject);
  }
  CHECK(scene.victim->handler_errors.size() == 20);
}

// --- Whoever is asked to let go of memory ------------------------------------------------------

TEST_CASE("hostile frozen: a peer that lets go when it is asked has its memory frozen") {
  SKIP_WITHOUT_SEALS("it freezes only by a copy");
  const Guarded guarded;
  FrozenScene scene;
  EvilMemory evil(kSizeFrozen);
  const Handle handles[] = {Must(evil.memory.handle().Duplicate())};
  scene.SendMemory(PFrozen::kFreezeAnyway, evil.reference, handles);
  const auto asked = scene.Await(FrameKind::kUnmap);
  CHECK(asked.header.call == kLoanCall + 1);
  evil.mapping = platform::Mapping();
  scene.SayUnmapped(asked.header.call);
  const auto reply = scene.Await(FrameKind::kReply);
  REQUIRE(reply.handles.size() == 1);
  CHECK(ObjectOf(reply.handles[0]) == ObjectOf(evil.memory.handle()));
  scene.ExpectAlive();
}

TEST_CASE("hostile frozen: a peer that keeps its mapping, silent or lying, makes us copy") {
  SKIP_WITHOUT_SEALS("it freezes only by a copy");
  const bool lies = GENERATE(true, false);
  const Guarded guarded;
  ChannelOptions options;
  options.unmap_deadline = lies ? 1h : std::chrono::milliseconds(20);
  FrozenScene scene(options);
  EvilMemory evil(kSizeFrozen);
  const Handle handles[] = {Must(evil.memory.handle().Duplicate())};
  scene.SendMemory(PFrozen::kFreezeAnyway, evil.reference, handles);
  const auto asked = scene.Await(FrameKind::kUnmap);
  if (lies) scene.SayUnmapped(asked.header.call);
  const auto reply = scene.Await(FrameKind::kReply);
  REQUIRE(reply.handles.size() == 1);
  CHECK(ObjectOf(reply.handles[0]) != ObjectOf(evil.memory.handle()));
  std::ranges::fill(evil.mapping.bytes(), std::byte{6});  // what it writes reaches nobody
  const auto copy =
      Must(platform::FrozenMapping::Map(Must(reply.handles[0].Duplicate()), kSizeFrozen));
  CHECK(HoldsOnly(copy.bytes(), 5));
  if (!lies) scene.SayUnmapped(asked.header.call);  // late: no fault, and nothing happens
  scene.ExpectAlive();
  // For the victim that memory is gone: it cannot come back.
  evil.reference.transfer = 2;
  evil.reference.handle = wire::ShmemReference::kNoIndex;
  scene.SendMemory(PFrozen::kFreezeAnyway, evil.reference, {});
  scene.ExpectFault(Rule::kShmemId);
}

TEST_CASE("hostile frozen: whoever waits for a silent peer may stop, and has a copy") {
  SKIP_WITHOUT_SEALS("it freezes only by a copy");
  const bool cancels = GENERATE(true, false);
  const Guarded guarded;
  ChannelOptions options;
  options.unmap_deadline = 1h;
  FrozenScene scene(options);
  EvilMemory evil(kSizeFrozen);
  const Handle handles[] = {Must(evil.memory.handle().Duplicate())};
  scene.SendMemory(PFrozen::kFreeze, evil.reference, handles);
  Shmem memory = scene.victim->TakeRefused();
  boost::asio::cancellation_signal signal;
  std::optional<FrozenShmem> copy;
  const auto done = [&](error_code error, FrozenShmem frozen) {
    CHECK_FALSE(error);
    copy = std::move(frozen);
  };
  if (cancels) {
    scene.victim->AsyncFreeze(std::move(memory),
                              boost::asio::bind_cancellation_slot(signal.slot(), done));
    scene.Await(FrameKind::kUnmap);
    CHECK_FALSE(copy);
    signal.emit(boost::asio::cancellation_type::terminal);
  } else {
    scene.victim->AsyncFreeze(std::move(memory), Within(20ms, done));
  }
  CHECK(memory.state() == ShmemState::kEmpty);
  CHECK_FALSE(copy);
  scene.io.restart();
  while (!copy && scene.io.run_one() > 0) {
  }
  REQUIRE(copy);
  CHECK(HoldsOnly(copy->bytes(), 5));
  CHECK(ObjectOf(*copy) != ObjectOf(evil.memory.handle()));
  scene.ExpectAlive();
}

TEST_CASE("hostile frozen: a peer that dies when it is asked costs nothing but its channel") {
  SKIP_WITHOUT_SEALS("it freezes only by a copy");
  const bool keeps = GENERATE(true, false);
  const Guarded guarded;
  EvilMemory evil(kSizeFrozen);
  FrozenScene scene;
  const Handle handles[] = {Must(evil.memory.handle().Duplicate())};
  scene.SendMemory(PFrozen::kFreezeAnyway, evil.reference, handles);
  scene.Await(FrameKind::kUnmap);
  if (!keeps) evil.mapping = platform::Mapping();
  scene.HangUp();
  CHECK(scene.victim->destroyed == 1);
}

TEST_CASE("hostile frozen: memory that can never be frozen is copied, and nobody is asked") {
  SKIP_WITHOUT_SEALS("it freezes only by a copy");
  const Guarded guarded;
  FrozenScene scene;
  EvilMemory evil(kSizeFrozen);
  REQUIRE(::fcntl(evil.memory.handle().get(), F_ADD_SEALS, F_SEAL_SEAL) == 0);
  const Handle handles[] = {Must(evil.memory.handle().Duplicate())};
  const bool anyway = GENERATE(true, false);
  scene.SendMemory(anyway ? PFrozen::kFreezeAnyway : PFrozen::kFreeze, evil.reference, handles);
  if (!anyway) {
    scene.Await(FrameKind::kReject);
    return scene.ExpectAlive();
  }
  const auto reply = scene.Await(FrameKind::kReply);
  REQUIRE(reply.handles.size() == 1);
  CHECK(ObjectOf(reply.handles[0]) != ObjectOf(evil.memory.handle()));
  scene.ExpectAlive();
}

TEST_CASE("hostile frozen: answers to what was not asked, or was answered before") {
  SKIP_WITHOUT_SEALS("it freezes only by a copy");
  const Guarded guarded;
  FrozenScene scene;
  const bool was_asked = GENERATE(true, false);
  if (was_asked) {
    EvilMemory evil(kSizeFrozen);
    const Handle handles[] = {Must(evil.memory.handle().Duplicate())};
    scene.SendMemory(PFrozen::kFreezeAnyway, evil.reference, handles);
    scene.SayUnmapped(scene.Await(FrameKind::kUnmap).header.call);
  }
  scene.SayUnmapped(kLoanCall + 1);
  scene.ExpectFault(Rule::kUnknownCall);
}

TEST_CASE("hostile frozen: what the peer may not ask to be unmapped") {
  SKIP_WITHOUT_SEALS("it freezes only by a copy");
  const Guarded guarded;
  FrozenScene scene;
  EvilMemory evil(kSizeFrozen);
  const Handle handles[] = {Must(evil.memory.handle().Duplicate())};
  SECTION("memory that has never been") {
    scene.SendUnmap(kLoanCall + 1, evil.reference, 1);
    scene.ExpectFault(Rule::kShmemId);
  }
  SECTION("memory that the victim owns") {
    scene.SendMemory(PFrozen::kFreeze, evil.reference, handles);  // is refused, and keeps it
    scene.SendUnmap(kLoanCall + 1, evil.reference, 1);
    scene.ExpectFault(Rule::kShmemState);
  }
  SECTION("memory that it has had back, by another number than that") {
    scene.SendMemory(PFrozen::kFreeze, evil.reference, handles);
    scene.SendMemory(PFrozen::kGiveBack, evil.reference, {});
    scene.ExpectAlive();
    scene.SendUnmap(kLoanCall + 1, evil.reference, 1);
    scene.ExpectFault(Rule::kShmemState);
  }
  SECTION("in another order than the questions' own") {
    scene.SendUnmap(kLoanCall + 2, evil.reference, 1);
    scene.ExpectFault(Rule::kFrameHeader);
  }
}

}  // namespace
}  // namespace baton::testing
