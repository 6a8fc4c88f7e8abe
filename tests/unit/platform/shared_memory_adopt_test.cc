// What a hostile peer may send where shared memory is expected, and what it is told.
#include <baton/platform/shared_memory.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <ctime>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "platform/linux/pidfd.h"
#include "tests/support/leak_check.h"
#include "tests/support/must.h"

namespace baton::platform {
namespace {

using baton::testing::LeakCheck;
using baton::testing::Must;

constexpr std::uint64_t kMost = std::uint64_t{1} << 47;

// The size of every memory and file below.
constexpr std::uint64_t kHonestSize = 4096;

struct WrongHandle {
  std::string kind;
  std::function<Handle()> open;  // no handle: this machine has no such thing
  Rule broken;
};

Handle Open(const char* path, int flags) {
  return Handle(::open(path, flags | O_CLOEXEC, 0600));
}

Handle Sized(Handle handle) {
  if (handle && ::ftruncate(handle.get(), kHonestSize) != 0) return {};
  return handle;
}

Handle Unnamed(const char* folder) {
  return Sized(Open(folder, O_TMPFILE | O_RDWR));
}

// In the first folder that is not memory itself.
Handle FileOnDisk() {
  for (const char* folder : {".", BATON_SOURCE_DIR, "/var/tmp"}) {
    struct statfs system = {};
    if (::statfs(folder, &system) != 0) continue;
    if (system.f_type == TMPFS_MAGIC || system.f_type == RAMFS_MAGIC) continue;
    if (Handle file = Unnamed(folder)) return file;
  }
  return {};
}

// A memfd of kHonestSize with exactly these seals (fcntl(2), F_ADD_SEALS).
Handle MemfdWithSeals(int seals) {
  Handle memory = Sized(Handle(::memfd_create("wrong", MFD_CLOEXEC | MFD_ALLOW_SEALING)));
  if (::fcntl(memory.get(), F_ADD_SEALS, seals) != 0) return {};
  return memory;
}

Handle HonestMemfd() {
  return MemfdWithSeals(F_SEAL_SHRINK | F_SEAL_GROW);
}

// The same memory once more, with other rights.
Handle ReopenedMemfd(int flags) {
  const Handle memory = HonestMemfd();
  return Open(("/proc/self/fd/" + std::to_string(memory.get())).c_str(), flags);
}

Handle PipeEnd(int which) {
  std::array<int, 2> ends = {};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  const std::array<Handle, 2> both = {Handle(ends[0]), Handle(ends[1])};
  return Handle(::fcntl(both[static_cast<std::size_t>(which)].get(), F_DUPFD_CLOEXEC, 0));
}

Handle Signals() {
  sigset_t none;
  ::sigemptyset(&none);
  return Handle(::signalfd(-1, &none, SFD_CLOEXEC));
}

Handle Unsealable() {
  return Sized(Handle(::memfd_create("unsealable", MFD_CLOEXEC)));
}

Handle HugePages() {
  return Handle(::memfd_create("huge", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_HUGETLB));
}

std::vector<WrongHandle> WrongHandles() {
  constexpr int kFixed = F_SEAL_SHRINK | F_SEAL_GROW;
  constexpr Rule kKind = Rule::kHandleKind;
  constexpr Rule kSeals = Rule::kHandleSeals;
  return {
      {"socket", [] { return Handle(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)); }, kKind},
      {"pipe, reading end", [] { return PipeEnd(0); }, kKind},
      {"pipe, writing end", [] { return PipeEnd(1); }, kKind},
      {"directory", [] { return Open("/", O_RDONLY | O_DIRECTORY); }, kKind},
      {"directory of a memory file system", [] { return Open("/dev/shm", O_RDONLY); }, kKind},
      {"/dev/null", [] { return Open("/dev/null", O_RDWR); }, kKind},
      {"/dev/zero", [] { return Open("/dev/zero", O_RDWR); }, kKind},
      {"eventfd", [] { return Handle(::eventfd(0, EFD_CLOEXEC)); }, kKind},
      {"epoll", [] { return Handle(::epoll_create1(EPOLL_CLOEXEC)); }, kKind},
      {"inotify", [] { return Handle(::inotify_init1(IN_CLOEXEC)); }, kKind},
      {"timerfd", [] { return Handle(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC)); }, kKind},
      {"signalfd", [] { return Signals(); }, kKind},
      {"pidfd", [] { return Handle(PidfdOpen(::getpid())); }, kKind},
      {"file on a disk", [] { return FileOnDisk(); }, kKind},
      {"file of /proc", [] { return Open("/proc/self/mem", O_RDWR); }, kKind},
      {"huge pages", [] { return HugePages(); }, kKind},
      {"memory, for reading only", [] { return ReopenedMemfd(O_RDONLY); }, kKind},
      {"memory, for writing only", [] { return ReopenedMemfd(O_WRONLY); }, kKind},
      {"memory, only its path", [] { return ReopenedMemfd(O_PATH); }, kKind},
      {"file of a memory file system", [] { return Unnamed("/dev/shm"); }, kSeals},
      {"memory without a seal", [] { return MemfdWithSeals(0); }, kSeals},
      {"memory that cannot be sealed", [] { return Unsealable(); }, kSeals},
      {"memory that may grow", [] { return MemfdWithSeals(F_SEAL_SHRINK); }, kSeals},
      {"memory that may shrink", [] { return MemfdWithSeals(F_SEAL_GROW); }, kSeals},
      {"memory that nobody can write", [] { return MemfdWithSeals(kFixed | F_SEAL_WRITE); },
       kSeals},
      {"memory that nobody can map for writing",
       [] { return MemfdWithSeals(kFixed | F_SEAL_FUTURE_WRITE); }, kSeals},
  };
}

TEST_CASE("A handle of another kind is refused and closed") {
  int tried = 0;
  for (const WrongHandle& wrong : WrongHandles()) {
    CAPTURE(wrong.kind);
    const LeakCheck leak_check;
    Handle handle = wrong.open();
    if (!handle) {
      WARN("not on this machine: " << wrong.kind);
      continue;
    }
    ++tried;
    CHECK(SharedMemory::Adopt(std::move(handle), kHonestSize, UnsealedMemory::kRefuse).error() ==
          wrong.broken);
  }
  CHECK(tried >= 20);
}

TEST_CASE(
    "Who takes unsealed memory takes memory all the same, and nothing that cannot be written") {
  int taken = 0;
  for (const WrongHandle& wrong : WrongHandles()) {
    CAPTURE(wrong.kind);
    const LeakCheck leak_check;
    Handle handle = wrong.open();
    if (!handle) continue;
    const bool is_loose = wrong.broken == Rule::kHandleSeals;
    const bool is_writable = wrong.kind.find("that nobody can") == std::string::npos;
    const auto adopted =
        SharedMemory::Adopt(std::move(handle), kHonestSize, UnsealedMemory::kAccept);
    CHECK(adopted.has_value() == (is_loose && is_writable));
    if (!adopted) {
      CHECK(adopted.error() == wrong.broken);
      continue;
    }
    CHECK_FALSE(adopted->is_sealed());
    ++taken;
  }
  CHECK(taken == 5);
}

TEST_CASE("Memory that is sealed counts as that, whoever takes what else") {
  const LeakCheck leak_check;
  CHECK(Must(SharedMemory::Adopt(HonestMemfd(), kHonestSize, UnsealedMemory::kAccept)).is_sealed());
}

TEST_CASE("The announced size has to be the object's") {
  const LeakCheck leak_check;
  const auto announced =
      GENERATE(std::uint64_t{0}, 1, kHonestSize - 1, kHonestSize + 1, kHonestSize * 2, kMost,
               kMost + 1, std::uint64_t{1} << 63, std::numeric_limits<std::uint64_t>::max());
  CAPTURE(announced);
  Handle memory = MemfdWithSeals(F_SEAL_SHRINK | F_SEAL_GROW);
  REQUIRE(memory);
  CHECK(SharedMemory::Adopt(std::move(memory), announced).error() == Rule::kHandleSize);
}

TEST_CASE("Memory with more seals than needed is taken, however it was made") {
  const LeakCheck leak_check;
  const int more = GENERATE(0, F_SEAL_SEAL);
  CAPTURE(more);
  Handle memory = MemfdWithSeals(F_SEAL_SHRINK | F_SEAL_GROW | more);
  REQUIRE(memory);
  CHECK(Must(SharedMemory::Adopt(std::move(memory), kHonestSize)).size() == kHonestSize);
}

TEST_CASE("Adopting nothing is an error of the system") {
  CHECK(SharedMemory::Adopt(Handle(), 4096).error() == std::errc::bad_file_descriptor);
}

}  // namespace
}  // namespace baton::platform
