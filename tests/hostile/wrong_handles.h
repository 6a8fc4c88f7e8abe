// Handles of every kind that Linux has and that is no shared memory of ours, or only nearly.
#pragma once

#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <string>

#include <baton/base/error.h>
#include <baton/platform/handle.h>

#include "tests/support/handle_copies.h"
#include "tests/support/must.h"
#include "tests/support/scratch_folder.h"

namespace baton::testing {

struct WrongHandle {
  const char* name;
  // Empty where this system or this user has none of them.
  platform::Handle (*make)();
  // What is broken by it where memory, or a ring, is expected.
  Rule as_memory = Rule::kHandleKind;
  // And where a payload in memory of its own is.
  Rule as_payload = Rule::kHandleKind;
  // Why a system may have none of them; null: each has.
  const char* may_lack = nullptr;
};

namespace wrong_handles {

using platform::Handle;

inline constexpr std::uint64_t kSize = 4096;
inline constexpr int kRingSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

// linux/memfd.h and asm/unistd.h of later kernels than Debian 12's headers.
inline constexpr long kMemfdSecret = 447;

inline Handle Opened(const std::string& path, int how) {
  return Handle(::open(path.c_str(), how | O_CLOEXEC));
}
inline Handle Called(long number, long first = 0, long second = 0) {
  return Handle(static_cast<int>(::syscall(number, first, second)));
}

inline Handle SealedMemfd(std::uint64_t size, int seals, unsigned flags = 0) {
  Handle handle(::memfd_create("evil", MFD_CLOEXEC | MFD_ALLOW_SEALING | flags));
  if (!handle) return handle;
  const bool is_made = ::ftruncate(handle.get(), static_cast<off_t>(size)) == 0 &&
                       (seals == 0 || ::fcntl(handle.get(), F_ADD_SEALS, seals) == 0);
  return is_made ? std::move(handle) : Handle();
}

inline Handle Pipe(std::size_t end) {
  std::array<int, 2> ends = {-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  const Handle closed(ends[1 - end]);
  return Handle(ends[end]);
}
inline Handle Fifo() {
  const ScratchFolder folder;
  const std::string path = (folder.path() / "fifo").string();
  return ::mkfifo(path.c_str(), 0600) == 0 ? Opened(path, O_RDWR | O_NONBLOCK) : Handle();
}
inline Handle Listener() {
  Handle listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return ::listen(listener.get(), 1) == 0 ? std::move(listener) : Handle();
}
inline Handle Signals() {
  sigset_t none = {};
  sigemptyset(&none);
  return Handle(::signalfd(-1, &none, SFD_CLOEXEC));
}
// Where the file system of temporary files is one in memory, its files know seals, but have none.
inline Handle FileOnDisk() {
  const ScratchFolder folder;
  Handle file = Opened((folder.path() / "file").string(), O_RDWR | O_CREAT);
  if (::ftruncate(file.get(), kSize) != 0) return {};
  return ::fcntl(file.get(), F_GET_SEALS) < 0 ? std::move(file) : Handle();
}
inline Handle FileInMemory() {
  Handle file(::open("/dev/shm", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  return ::ftruncate(file.get(), kSize) == 0 ? std::move(file) : Handle();
}
inline Handle HugePages() {
  constexpr std::uint64_t kHugePage = std::uint64_t{2} << 20;
  return SealedMemfd(kHugePage, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL,
                     MFD_HUGETLB);
}
inline Handle PageFaults() {
  Handle faults = Called(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
  uffdio_api api = {};
  api.api = UFFD_API;
  if (faults) (void)::ioctl(faults.get(), UFFDIO_API, &api);
  return faults;
}
inline Handle OwnProcess() {
  return Called(SYS_pidfd_open, ::getpid());
}

}  // namespace wrong_handles

inline constexpr WrongHandle kWrongHandles[] = {
    {"a socket", [] { return platform::Handle(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)); }},
    {"a socket of datagrams",
     [] { return platform::Handle(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)); }},
    {"a socket that listens", [] { return wrong_handles::Listener(); }},
    {"the end of a pipe to read from", [] { return wrong_handles::Pipe(0); }},
    {"the end of a pipe to write to", [] { return wrong_handles::Pipe(1); }},
    {"a fifo", [] { return wrong_handles::Fifo(); }},
    {"a directory", [] { return wrong_handles::Opened("/", O_RDONLY | O_DIRECTORY); }},
    {"/dev/null", [] { return wrong_handles::Opened("/dev/null", O_RDWR); }},
    {"/dev/zero", [] { return wrong_handles::Opened("/dev/zero", O_RDWR); }},
    {"a terminal", [] { return wrong_handles::Opened("/dev/ptmx", O_RDWR | O_NOCTTY); },
     Rule::kHandleKind, Rule::kHandleKind, "a container may have no /dev/ptmx"},
    {"a counter of events", [] { return platform::Handle(::eventfd(0, EFD_CLOEXEC)); }},
    {"an epoll", [] { return platform::Handle(::epoll_create1(EPOLL_CLOEXEC)); }},
    {"a timer", [] { return platform::Handle(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC)); }},
    {"signals", [] { return wrong_handles::Signals(); }},
    {"a watch of files", [] { return platform::Handle(::inotify_init1(IN_CLOEXEC)); }},
    {"a watch of all files", [] { return wrong_handles::Called(SYS_fanotify_init, 1); },
     Rule::kHandleKind, Rule::kHandleKind, "for who administers the system"},
    {"a process", [] { return wrong_handles::OwnProcess(); }},
    {"a namespace", [] { return wrong_handles::Opened("/proc/self/ns/net", O_RDONLY); }},
    {"the memory of a process", [] { return wrong_handles::Opened("/proc/self/mem", O_RDWR); }},
    {"a program", [] { return wrong_handles::Opened("/proc/self/exe", O_RDONLY); }},
    {"a file on disk", [] { return wrong_handles::FileOnDisk(); }, Rule::kHandleKind,
     Rule::kHandleKind, "temporary files may lie in memory"},
    {"a file in memory, with a name's seals", [] { return wrong_handles::FileInMemory(); },
     Rule::kHandleSeals, Rule::kHandleSeals},
    {"memory of huge pages", [] { return wrong_handles::HugePages(); }, Rule::kHandleKind,
     Rule::kHandleKind, "the kernel may be built without"},
    {"secret memory", [] { return wrong_handles::Called(wrong_handles::kMemfdSecret, O_CLOEXEC); },
     Rule::kHandleKind, Rule::kHandleKind, "an option of the kernel, and since Linux 5.14"},
    {"page faults", [] { return wrong_handles::PageFaults(); }, Rule::kHandleKind,
     Rule::kHandleKind, "a filter of a container may forbid it"},
    {"memory of which it is no more than the path",
     [] {
       using namespace wrong_handles;
       return Reopened(SealedMemfd(kSize, kRingSeals), O_PATH);
     }},
    {"memory that can only be read",
     [] {
       using namespace wrong_handles;
       return Reopened(SealedMemfd(kSize, kRingSeals), O_RDONLY);
     },
     Rule::kHandleKind, Rule::kHandleSeals},
    {"memory that can only be written",
     [] {
       using namespace wrong_handles;
       return Reopened(SealedMemfd(kSize, kRingSeals), O_WRONLY);
     },
     Rule::kHandleKind, Rule::kHandleSeals},
};

}  // namespace baton::testing
