// What others are told about shared memory, by the object itself and by the page tables
// (docs/memtrack-attributes.md): read here as a monitor does, through /proc.
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "tests/process/hoarder.h"
#include "tests/support/guarded.h"
#include "tests/support/sanitizer.h"
#include "tests/support/skip.h"
#include "tests/support/skip_without_seals.h"

namespace baton::testing {
namespace {

using Attributes = std::map<std::string, std::string>;

Attributes AttributesOf(const std::string& file) {
  Attributes found;
  for (const char* const key : {"kind", "protocol", "id", "creator"}) {
    std::array<char, 256> value = {};
    const std::string name = std::string("user.baton.") + key;
    const ssize_t size = ::getxattr(file.c_str(), name.c_str(), value.data(), value.size());
    if (size >= 0) found[key] = std::string(value.data(), static_cast<std::size_t>(size));
  }
  return found;
}

struct Found {
  std::string file;  // /proc/PID/fd/N
  ino_t inode;
  Attributes attributes;
};

// All memory that a process has a descriptor of, and that is called so.
std::vector<Found> MemoryOf(int pid, const std::string& name_begins) {
  std::vector<Found> found;
  const std::string folder = "/proc/" + std::to_string(pid) + "/fd";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::error_code gone;
    const std::string target = std::filesystem::read_symlink(entry, gone);
    if (gone || !target.starts_with("/memfd:" + name_begins)) continue;
    struct stat object = {};
    if (::stat(entry.path().c_str(), &object) != 0) continue;
    found.push_back({entry.path(), object.st_ino, AttributesOf(entry.path())});
  }
  return found;
}

std::string Text(const ShmemId& id) {
  std::array<char, 33> digits = {};
  std::snprintf(digits.data(), digits.size(), "%016llx%016llx",
                static_cast<unsigned long long>(id.high), static_cast<unsigned long long>(id.low));
  return digits.data();
}

bool KernelHasAttributes() {
  const platform::Handle memory(::memfd_create("labels", MFD_CLOEXEC));
  return ::fsetxattr(memory.get(), "user.baton.kind", "x", 1, 0) == 0;
}

PEER(MemoryLabelsHoarder) {
  RunHoarder(std::move(channel_end), [](HoardingChild&, ChannelOptions&) {});
}

TEST_CASE("labels: memory says what it is, of which protocol, its id, and who has made it") {
  SKIP_WITHOUT_SEALS("it has no name of ours");
  if (!KernelHasAttributes()) SKIP_TEST("this kernel has no attributes for memory (Linux 6.6)");
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, MemoryLabelsHoarder);
  HoardersParent parent(peer, {PeerKind::kProcess, Path::kRing});
  auto [error, memory] = parent.Fill(Must(parent.actor->AllocShmem(4096)));
  REQUIRE_FALSE(error);
  const UnsafeShmem shared = Must(parent.actor->AllocUnsafeShmem(4096));
  const Attributes expected = {{"kind", "shmem"},
                               {"protocol", "testing::PEcho"},
                               {"id", Text(memory.id())},
                               {"creator", std::to_string(::getpid())}};
  for (const int pid : {::getpid(), peer.pid()}) {  // either side has the same object
    std::vector<Found> all = MemoryOf(pid, "baton:testing::PEcho:");
    std::erase_if(all, [&](const Found& one) { return one.attributes.count("id") == 0; });
    const auto with_id = [&](const ShmemId& id) {
      return std::ranges::find_if(
          all, [&](const Found& one) { return one.attributes.at("id") == Text(id); });
    };
    REQUIRE(with_id(memory.id()) != all.end());
    CHECK(with_id(memory.id())->attributes == expected);
    if (pid == ::getpid()) CHECK(with_id(shared.id())->attributes.at("kind") == "unsafe");
  }
  parent.CloseAndRun();
}

// Rings are mapped, and their descriptors closed: only their makers see these for a moment.
TEST_CASE("labels: a ring says that it is one") {
  if (!KernelHasAttributes()) SKIP_TEST("this kernel has no attributes for memory (Linux 6.6)");
  const Guarded guarded;
  auto [here, socket] = Must(platform::CreateSocketPair());
  ParentSide parent(std::move(here));
  // It is on its way, with HELLO, to the other end, where it is taken out.
  std::array<std::byte, 4096> bytes;
  std::vector<platform::Handle> handles;
  Must(platform::ReceiveSome(socket, bytes, handles));
  REQUIRE(handles.size() == 1);
  CHECK(AttributesOf("/proc/self/fd/" + std::to_string(handles.front().get())) ==
        Attributes{{"kind", "ring"},
                   {"protocol", "testing::PEcho"},
                   {"creator", std::to_string(::getpid())}});
  socket.Reset();
  parent.io.run();
}

// --- Who owns it ---------------------------------------------------------------------------------

// The access of the first mapping of an object, by address: "rw-s".
std::string FirstAccess(int pid, ino_t inode) {
  std::ifstream areas("/proc/" + std::to_string(pid) + "/maps");
  for (std::string line; std::getline(areas, line);) {
    std::istringstream words(line);
    std::string range, access, offset, device;
    ino_t of = 0;
    if (words >> range >> access >> offset >> device >> of && of == inode) return access;
  }
  return "";
}

TEST_CASE("labels: whose first mapping may be written owns the memory, at every size") {
  SKIP_WITHOUT_SEALS("it has no name of ours");
  if (IsSanitized()) SKIP_TEST("the areas of a sanitizer are its own");
  const std::uint64_t size = GENERATE(4096, 1 << 20, 8 << 20);
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, MemoryLabelsHoarder);
  HoardersParent parent(peer, {PeerKind::kProcess, Path::kRing});
  auto [error, memory] = parent.Fill(Must(parent.actor->AllocShmem(size)));
  REQUIRE_FALSE(error);
  const auto all = MemoryOf(::getpid(), "baton:testing::PEcho:");
  struct stat object = {};
  const Found* ours = nullptr;
  for (const Found& one : all) {
    if (::stat(one.file.c_str(), &object) == 0 &&
        static_cast<std::uint64_t>(object.st_size) == size) {
      ours = &one;
    }
  }
  REQUIRE(ours != nullptr);
  CHECK(FirstAccess(::getpid(), ours->inode) == "rw-s");
  CHECK(FirstAccess(peer.pid(), ours->inode) == "---s");
  Must(parent.actor->SendKeep(std::move(memory)));
  parent.Count(0);
  CHECK(FirstAccess(::getpid(), ours->inode) == "---s");
  CHECK(FirstAccess(peer.pid(), ours->inode) == "rw-s");
  parent.CloseAndRun();
}

// --- Kernels and sandboxes without ---------------------------------------------------------------

// As a kernel before 6.6 answers, or a sandbox that does not know the call.
void RefuseAttributesWith(std::uint32_t error) {
  const std::array<sock_filter, 4> filter = {{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_fsetxattr, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  const sock_fprog program = {filter.size(), const_cast<sock_filter*>(filter.data())};
  PEER_EXPECT(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
  PEER_EXPECT(::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

// Of memory that a child has just made, by its name and its id: how many pieces there are, and how
// many of them say who has made them.
enum Question : std::uint64_t { kHoardedPieces, kLabelled };

void CountOwnMemory(platform::Handle channel_end) {
  RunHoarder(std::move(channel_end), [](HoardingChild& child, ChannelOptions&) {
    child.on_count = [&child](std::uint64_t question) {
      const Shmem memory = Must(child.AllocShmem(4096));
      const std::string name = "baton:testing::PEcho:" + Text(memory.id()).substr(0, 16);
      std::uint64_t pieces = 0;
      std::uint64_t labelled = 0;
      for (const Found& one : MemoryOf(::getpid(), name)) {
        ++pieces;
        const auto creator = one.attributes.find("creator");
        const bool is_there = creator != one.attributes.end();
        if (is_there && creator->second == std::to_string(::getpid())) ++labelled;
      }
      return question == kHoardedPieces ? pieces : labelled;
    };
  });
}

PEER(OnAnOldKernel) {
  RefuseAttributesWith(EOPNOTSUPP);
  CountOwnMemory(std::move(channel_end));
}

PEER(ForbiddenTo) {
  RefuseAttributesWith(EPERM);
  CountOwnMemory(std::move(channel_end));
}

PEER(AsEver) {
  CountOwnMemory(std::move(channel_end));
}

TEST_CASE("labels: without attributes there are none, and nothing else is different") {
  SKIP_WITHOUT_SEALS("it has no name of ours");
  const PeerProgram* const program = GENERATE(&OnAnOldKernel, &ForbiddenTo, &AsEver);
  const bool has_some = program == &AsEver && KernelHasAttributes();
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, *program);
  HoardersParent parent(peer, {PeerKind::kProcess, Path::kRing});
  CHECK(parent.Count(kHoardedPieces) == 1);
  CHECK(parent.Count(kLabelled) == (has_some ? 1 : 0));
  CHECK_FALSE(parent.FillNew(4096));
  parent.CloseAndRun();
}

}  // namespace
}  // namespace baton::testing
