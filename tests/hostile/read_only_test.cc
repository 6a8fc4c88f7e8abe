// Rights of a handle that its sender, or its receiver, would like to have again: to write what is
// frozen, and to run what is memory.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <fstream>

#include "tests/hostile/evil_peer.h"
#include "tests/hostile/wrong_handles.h"
#include "tests/support/guarded.h"
#include "tests/support/handle_copies.h"
#include "tests/support/skip.h"
#include "tests/support/skip_without_seals.h"

namespace baton::testing {
namespace {

using internal::FrameKind;
using platform::Handle;
using wire::ShmemReference;
using wrong_handles::SealedMemfd;

constexpr std::uint64_t kSize = EvilPeer::kSize;
constexpr int kReadOnlyFixedSize = F_SEAL_SHRINK | F_SEAL_GROW;

// linux/memfd.h since Linux 6.3; Debian 12's headers do not have them yet.
constexpr unsigned kNoExecSeal = 0x0008;
constexpr unsigned kExecutable = 0x0010;

PEER(ReadOnlyVictims) {
  RunVictims(std::move(channel_end));
}

// A long answer of an honest process, in the memory that it has made for it.
Handle PayloadOfVictim(EvilPeer& evil) {
  const std::size_t size = 256 << 10;
  evil.Begin(VictimKind::kPlain);
  evil.SayHello();
  const auto question = Must(platform::CreateFrozenMemory("evil", EvilPeer::EchoPayloadOf(size)));
  evil.SendCarriedEcho(size, CopyOf(question));
  auto answer = evil.Heard(FrameKind::kReply);
  REQUIRE(answer);
  REQUIRE(answer->handles.size() == 1);
  return std::move(answer->handles.front());
}

TEST_CASE("hostile: a payload that was received cannot be written, opened again or not") {
  SKIP_WITHOUT_SEALS("what it carries is copied, not frozen");
  const PeerKind kind = GENERATE(PeerKind::kThread, PeerKind::kProcess);
  const Guarded guarded;
  EvilPeer evil(START_PEER(kind, ReadOnlyVictims), kind);
  const Handle payload = PayloadOfVictim(evil);
  const Handle again = Reopened(payload, O_RDWR);
  const Handle read_only = Reopened(payload, O_RDONLY);
  for (const Handle* const handle : {&payload, &again, &read_only}) {
    if (!*handle) continue;  // where /proc is not
    CHECK(::pwrite(handle->get(), "!", 1, 0) == -1);
    CHECK(::mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_SHARED, handle->get(), 0) ==
          MAP_FAILED);
    CHECK(::ftruncate(handle->get(), 0) == -1);
    CHECK(::fallocate(handle->get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096) == -1);
    CHECK(::fcntl(handle->get(), F_ADD_SEALS, F_SEAL_SHRINK) == -1);
    void* const mapped = ::mmap(nullptr, kSize, PROT_READ, MAP_SHARED, handle->get(), 0);
    REQUIRE(mapped != MAP_FAILED);
    CHECK(::mprotect(mapped, kSize, PROT_READ | PROT_WRITE) == -1);
    CHECK(::madvise(mapped, kSize, MADV_REMOVE) == -1);
    ::munmap(mapped, kSize);
  }
  evil.ExpectAlive();
}

TEST_CASE("hostile: memory by a handle that cannot write is refused, however it was opened") {
  SKIP_WITHOUT_SEALS("what it carries is copied, not frozen");
  const PeerKind kind = GENERATE(PeerKind::kThread, PeerKind::kProcess);
  const Guarded guarded;
  EvilPeer evil(START_PEER(kind, ReadOnlyVictims), kind);
  const Handle memory = SealedMemfd(kSize, kReadOnlyFixedSize);
  for (const int how : {O_RDONLY, O_WRONLY, O_PATH, O_RDWR}) {
    for (const std::uint16_t sort : {ShmemReference::kSafe, ShmemReference::kUnsafe}) {
      INFO("opened with " << how << ", kind " << sort);
      evil.Begin(VictimKind::kPlain);
      evil.SayHello();
      const auto reference = EvilPeer::ReferenceTo(kSize, sort);
      std::vector<Handle> handles;
      handles.push_back(Reopened(memory, how));
      REQUIRE(handles.front());
      const bool is_safe = sort == ShmemReference::kSafe;
      is_safe ? evil.SendFill(reference, handles) : evil.SendTouch(reference, handles);
      if (how != O_RDWR) {
        evil.ExpectFault(Rule::kHandleKind);
        continue;
      }
      CHECK(evil.Heard(FrameKind::kReply));
      evil.ExpectAlive();
    }
  }
}

// --- To be run -----------------------------------------------------------------------------------

// What the kernel says that may be done with memory called `name`, as in "rw-s", of all who have
// it mapped in process `pid`.
std::vector<std::string> AccessTo(const std::string& name, int pid) {
  std::vector<std::string> found;
  std::ifstream maps("/proc/" + std::to_string(pid) + "/maps");
  for (std::string line; std::getline(maps, line);) {
    if (line.find("memfd:" + name) == std::string::npos) continue;
    const std::size_t space = line.find(' ');
    found.push_back(line.substr(space + 1, 4));
  }
  return found;
}

TEST_CASE("hostile: memory that could be executed is mapped for reading and writing alone") {
  SKIP_WITHOUT_SEALS("what it carries is copied, not frozen");
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, ReadOnlyVictims);
  const int pid = peer.pid();
  EvilPeer evil(std::move(peer), PeerKind::kProcess);
  constexpr unsigned kFlags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  int made = ::memfd_create("evil:runs", kFlags | kExecutable);
  if (made < 0 && errno == EINVAL) made = ::memfd_create("evil:runs", kFlags);
  const Handle memory(made);
  if (!memory) SKIP_TEST("this system makes no memory that can be executed");
  const std::uint64_t size = GENERATE(std::uint64_t{4096}, std::uint64_t{300'000});
  REQUIRE(::ftruncate(memory.get(), static_cast<off_t>(size)) == 0);
  REQUIRE(::fcntl(memory.get(), F_ADD_SEALS, kReadOnlyFixedSize) == 0);
  struct stat object = {};
  REQUIRE(::fstat(memory.get(), &object) == 0);
  CHECK((object.st_mode & 0111) != 0);

  evil.Begin(VictimKind::kPlain);
  evil.SayHello();
  evil.SendKeep(EvilPeer::ReferenceTo(size), CopyOf(memory));
  evil.SendCount(kReadKept);
  CHECK(evil.Counted() == size);
  const auto access = AccessTo("evil:runs", pid);
  CHECK_FALSE(access.empty());
  for (const std::string& one : access) {
    CHECK(one.find('x') == std::string::npos);
    CHECK(one.ends_with('s'));  // nobody has a copy of its own
  }
  evil.ExpectAlive();
}

TEST_CASE("hostile: memory and payloads that were received cannot be made programs of") {
  SKIP_WITHOUT_SEALS("what it carries is copied, not frozen");
  const Guarded guarded;
  {
    const Handle tried(::memfd_create("tried", MFD_CLOEXEC | kNoExecSeal));
    if (!tried) SKIP_TEST("this kernel has no memory that cannot be executed (Linux 6.3)");
  }
  EvilPeer evil(START_PEER(PeerKind::kProcess, ReadOnlyVictims), PeerKind::kProcess);
  Handle received;
  SECTION("a payload") {
    received = PayloadOfVictim(evil);
    evil.ExpectAlive();
  }
  SECTION("memory of our own making") {
    received = EvilPeer::Memory();
  }
  const Handle again = Reopened(received, O_RDONLY);
  for (const Handle* const handle : {&std::as_const(received), &again}) {
    CHECK(::fchmod(handle->get(), 0700) == -1);
    struct stat object = {};
    REQUIRE(::fstat(handle->get(), &object) == 0);
    CHECK((object.st_mode & 0111) == 0);
    char path[] = "";
    char* const none[] = {path, nullptr};
    const long run = ::syscall(SYS_execveat, handle->get(), path, none, none, AT_EMPTY_PATH);
    const int error = errno;  // before anything else can change it
    CHECK(run == -1);
    CHECK(error == EACCES);
  }
}

}  // namespace
}  // namespace baton::testing
