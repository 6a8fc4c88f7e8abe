// Memory that is shrunk under its reader, and every SIGBUS that is none of that.
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <csetjmp>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include <baton/platform/shared_memory.h>
#include "tests/support/guarded.h"
#include "tests/support/must.h"
#include "tests/support/peer.h"
#include "tests/support/toucher.h"

namespace baton::platform {
namespace {

using baton::testing::Guarded;
using baton::testing::Must;
using baton::testing::Peer;
using baton::testing::PeerKind;
using baton::testing::Toucher;

constexpr std::uint64_t kSizeGuarded = 64 << 10;
constexpr std::uint64_t kLarge = 3 << 20;  // its page tables are moved

struct Memory {
  explicit Memory(std::uint64_t size = kSizeGuarded)
      : object(Must(SharedMemory::CreateOf(MemoryBackend::kPosixShm, "guard", size))),
        mapping(Must(object.Map())) {}

  void Shrink(off_t to = 0) const { Must(Truncate(to)); }
  std::span<std::byte> bytes() const { return mapping.bytes(); }

  SharedMemory object;
  Mapping mapping;

 private:
  Result<void> Truncate(off_t to) const {
    if (::ftruncate(object.handle().get(), to) == 0) return {};
    return Fail({errno, std::system_category()});
  }
};

bool IsZero(std::span<const std::byte> bytes) {
  return std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{0}; });
}

TEST_CASE("A copy out of memory that was shrunk goes on with zeros") {
  const Guarded guarded;
  const Memory memory(GENERATE(kSizeGuarded, kLarge));
  std::ranges::fill(memory.bytes(), std::byte{7});
  memory.Shrink(4096);
  std::vector<std::byte> copy(memory.bytes().size());
  std::memcpy(copy.data(), memory.bytes().data(), copy.size());
  CHECK(memory.mapping.is_damaged());
  CHECK(IsZero(std::span(copy).subspan(4096)));
  CHECK(IsZero(memory.bytes()));
}

TEST_CASE("What still lies within the memory does no damage") {
  const Guarded guarded;
  const Memory memory;
  memory.bytes()[0] = std::byte{7};
  memory.Shrink(4096);
  CHECK(memory.bytes()[0] == std::byte{7});
  CHECK_FALSE(memory.mapping.is_damaged());
  CHECK(memory.object.CheckSize().error() == Rule::kHandleSize);
}

TEST_CASE("Two shrunk pieces in one copy: each is covered by itself") {
  const Guarded guarded;
  const Memory from;
  const Memory to;
  const Memory bystander;
  std::ranges::fill(bystander.bytes(), std::byte{9});
  from.Shrink();
  to.Shrink();
  std::memcpy(to.bytes().data(), from.bytes().data(), kSizeGuarded);
  CHECK(from.mapping.is_damaged());
  CHECK(to.mapping.is_damaged());
  CHECK(IsZero(to.bytes()));
  CHECK_FALSE(bystander.mapping.is_damaged());
  CHECK(std::ranges::count(bystander.bytes(), std::byte{9}) == std::ptrdiff_t{kSizeGuarded});
}

TEST_CASE("A system call that is given shrunk memory says EFAULT and does no damage") {
  const Guarded guarded;
  const Memory memory;
  memory.Shrink();
  Toucher toucher;
  CHECK(toucher.TryRead(memory.bytes().data()) == EFAULT);
  CHECK_FALSE(memory.mapping.is_damaged());
}

TEST_CASE("Memory that has grown is not as it was announced") {
  const Guarded guarded;
  const Memory memory;
  memory.Shrink(2 * kSizeGuarded);
  CHECK(memory.object.CheckSize().error() == Rule::kHandleSize);
  memory.Shrink(kSizeGuarded);
  CHECK(memory.object.CheckSize());
}

// More pieces than the guard has made room for at once.
TEST_CASE("Many pieces are guarded, and their places used again") {
  const Guarded guarded;
  for (int round = 0; round < 2; ++round) {
    std::vector<std::unique_ptr<Memory>> many;
    for (int i = 0; i < 300; ++i) many.push_back(std::make_unique<Memory>(4096));
    for (const std::size_t i : {0, 128, 299}) {
      many[i]->Shrink();
      CHECK(many[i]->bytes()[17] == std::byte{0});
    }
    CHECK(std::ranges::count_if(many, [](const auto& one) { return one->mapping.is_damaged(); }) ==
          3);
  }
}

TEST_CASE("Revoked memory that was shrunk cannot be touched all the same") {
  const Guarded guarded;
  Memory memory(GENERATE(kSizeGuarded, kLarge));
  Must(memory.mapping.Revoke());
  memory.Shrink();
  Toucher toucher;
  CHECK(toucher.TryRead(memory.bytes().data()) == EFAULT);
  Must(memory.mapping.Grant());
  CHECK(memory.bytes()[0] == std::byte{0});
  CHECK(memory.mapping.is_damaged());
}

// --- Other signals -------------------------------------------------------------------------------

// A sanitizer would report the signal and exit; here the signal itself is the matter.
void WithoutSanitizer() {
  std::signal(SIGBUS, SIG_DFL);
  std::signal(SIGSEGV, SIG_DFL);
}

// A page of its own, not guarded, of memory that is not there.
volatile std::byte* NowhereToRead() {
  static const SharedMemory memory =
      Must(SharedMemory::CreateOf(MemoryBackend::kPosixShm, "foreign", 4096));
  void* const page =
      ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, memory.handle().get(), 0);
  PEER_EXPECT(page != MAP_FAILED);
  PEER_EXPECT(::ftruncate(memory.handle().get(), 0) == 0);
  return static_cast<volatile std::byte*>(page);
}

void ReadIt(volatile std::byte* address) {
  [[maybe_unused]] const std::byte read = *address;
}

PEER(TouchesForeignMemory) {
  WithoutSanitizer();
  const Memory guarded_one;
  ReadIt(NowhereToRead());
}

PEER(TouchesBehindTheEnd) {
  WithoutSanitizer();
  const Memory guarded_one(kLarge);
  guarded_one.Shrink();
  ReadIt(&guarded_one.bytes()[0]);  // covered, and its tail with it
  const Memory other(kLarge);
  ReadIt(other.bytes().data() + other.bytes().size());  // in its range, not in its pages
}

PEER(TouchesWhereAPieceWas) {
  WithoutSanitizer();
  std::byte* address = nullptr;
  {
    const Memory gone(4096);
    address = gone.bytes().data();
  }
  const SharedMemory other = Must(SharedMemory::CreateOf(MemoryBackend::kPosixShm, "other", 4096));
  void* const page =
      ::mmap(address, 4096, PROT_READ, MAP_SHARED | MAP_FIXED_NOREPLACE, other.handle().get(), 0);
  PEER_EXPECT(page == address);
  PEER_EXPECT(::ftruncate(other.handle().get(), 0) == 0);
  ReadIt(address);
}

PEER(IsSentTheSignal) {
  WithoutSanitizer();
  const Memory guarded_one;
  (void)std::raise(SIGBUS);
}

// As the kernel tells of memory that has gone bad under somebody who has not touched it.
void BeToldOfBadMemory() {
  siginfo_t info = {};
  info.si_signo = SIGBUS;
  info.si_code = BUS_MCEERR_AO;
  PEER_EXPECT(::syscall(SYS_rt_tgsigqueueinfo, ::getpid(), ::gettid(), SIGBUS, &info) == 0);
}

PEER(IsToldOfBadMemory) {
  WithoutSanitizer();
  const Memory guarded_one;
  BeToldOfBadMemory();
}

TEST_CASE("Every SIGBUS that is none of the guard's ends the process as before") {
  const Guarded guarded;
  for (const auto* program : {&TouchesForeignMemory, &TouchesBehindTheEnd, &TouchesWhereAPieceWas,
                              &IsSentTheSignal, &IsToldOfBadMemory}) {
    CAPTURE(program->name());
    Peer peer(PeerKind::kProcess, *program);
    const ExitStatus end = peer.AwaitEnd();
    CHECK(end.signal == SIGBUS);
  }
}

sigjmp_buf way_out;
std::atomic<int> handled{0};

void LeaveByJump(int) {
  ++handled;
  ::siglongjmp(way_out, 1);
}

void OnlyCount(int, siginfo_t* info, void*) {
  handled += info->si_code == SI_TKILL ? 10 : 1;
}

void InstallHandler(void (*handler)(int), int flags = 0) {
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  PEER_EXPECT(::sigaction(SIGBUS, &action, nullptr) == 0);
}

bool LeavesByJump(volatile std::byte* address) {
  if (::sigsetjmp(way_out, 0) != 0) return true;  // with the signals blocked as they are then
  ReadIt(address);
  return false;
}

PEER(HasAHandlerThatJumps) {
  InstallHandler(&LeaveByJump, SA_NODEFER);
  const Memory memory;
  memory.Shrink();
  volatile std::byte* const foreign = NowhereToRead();
  for (int round = 1; round <= 3; ++round) {  // the signal is not left blocked
    PEER_EXPECT(LeavesByJump(foreign));
    PEER_EXPECT(handled == round);
  }
  ReadIt(&memory.bytes()[0]);  // still ours
  PEER_EXPECT(memory.mapping.is_damaged());
  PEER_EXPECT(handled == 3);
}

PEER(HasAHandlerThatCounts) {
  struct sigaction action = {};
  action.sa_sigaction = &OnlyCount;
  action.sa_flags = SA_SIGINFO;
  PEER_EXPECT(::sigaction(SIGBUS, &action, nullptr) == 0);
  const Memory memory;
  (void)std::raise(SIGBUS);
  PEER_EXPECT(handled == 10);
}

PEER(HasAHandlerForOnce) {
  WithoutSanitizer();
  struct sigaction action = {};
  action.sa_sigaction = &OnlyCount;
  action.sa_flags = SA_SIGINFO | static_cast<int>(SA_RESETHAND);
  PEER_EXPECT(::sigaction(SIGBUS, &action, nullptr) == 0);
  const Memory memory;
  ReadIt(NowhereToRead());  // the handler returns, and it faults again
}

PEER(IgnoresTheSignal) {
  InstallHandler(SIG_IGN);
  const Memory memory;
  (void)std::raise(SIGBUS);
  BeToldOfBadMemory();
  memory.Shrink();
  ReadIt(&memory.bytes()[0]);
  PEER_EXPECT(memory.mapping.is_damaged());
}

TEST_CASE("Who handled SIGBUS before the guard goes on to get what is not the guard's") {
  const Guarded guarded;
  for (const auto* program : {&HasAHandlerThatJumps, &HasAHandlerThatCounts, &IgnoresTheSignal}) {
    CAPTURE(program->name());
    Peer peer(PeerKind::kProcess, *program);
    peer.Join();
  }
  Peer once(PeerKind::kProcess, HasAHandlerForOnce);
  CHECK(once.AwaitEnd().signal == SIGBUS);
}

}  // namespace
}  // namespace baton::platform
