// What a process holds is seen, in whatever way it holds it.
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <string>

#include "tests/memtrack/scan/held_memory.h"
#include "tests/memtrack/scan/looks.h"
#include "tests/support/leak_check.h"
#include "tests/support/peer.h"
#include "tests/support/skip.h"
#include "tests/support/watchdog.h"
#include "tools/memtrack/scan/mount_table.h"

using namespace memtrack;
using namespace memtrack_test;
using baton::testing::LeakCheck;
using baton::testing::PeerKind;
using baton::testing::Watchdog;

namespace {

bool IsRoot() {
  return ::geteuid() == 0;
}

std::int64_t NanosNow() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

PEER(HoldsByDescriptor) {
  const Handle memfd = MakeMemfd("baton:by descriptor", 2);
  Expect(::fcntl(memfd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) == 0, "F_ADD_SEALS");
  ::fsetxattr(memfd.get(), "user.baton.tag", "frames", 6, 0);
  ::fsetxattr(memfd.get(), "user.other", "x", 1, 0);
  const Handle inherited(::fcntl(memfd.get(), F_DUPFD, 0));
  const Handle reader(
      ::open(("/proc/self/fd/" + std::to_string(memfd.get())).c_str(), O_RDONLY | O_CLOEXEC));
  SayAndHold(channel_end);
}

PEER(HoldsByMapping) {
  void* address = nullptr;
  {
    const Handle memfd = MakeMemfd("baton:by mapping", 3);
    address = MapPages(memfd, 3);
  }
  Expect(::mprotect(static_cast<std::byte*>(address) + kPage, kPage, PROT_NONE) == 0, "mprotect");
  SayAndHold(channel_end);
}

PEER(HoldsPrivately) {
  const Handle memfd = MakeMemfd("baton:private", 1, MFD_CLOEXEC);
  MapPages(memfd, 1, PROT_READ, MAP_PRIVATE);
  MapPages(memfd, 1, PROT_READ | PROT_EXEC, MAP_SHARED);
  SayAndHold(channel_end);
}

PEER(HoldsOtherKinds) {
  const int id = ::shmget(IPC_PRIVATE, 3 * kPage, IPC_CREAT | 0600);
  Expect(id >= 0, "shmget");
  void* const attached = ::shmat(id, nullptr, 0);
  Expect(::shmctl(id, IPC_RMID, nullptr) == 0, "shmctl");  // goes with the process
  Expect(attached != reinterpret_cast<void*>(-1), "shmat");
  *static_cast<char*>(attached) = 'x';

  const std::string name = "/baton_scan_test." + std::to_string(::getpid());
  const Handle posix(::shm_open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  Expect(static_cast<bool>(posix), "shm_open");
  Expect(::ftruncate(posix.get(), 2 * kPage) == 0, "ftruncate");
  MapPages(posix, 2);

  auto* const anonymous = static_cast<char*>(
      ::mmap(nullptr, 5 * kPage, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  Expect(anonymous != MAP_FAILED, "mmap");
  *anonymous = 'x';
  const Handle huge(::memfd_create("baton:huge", MFD_CLOEXEC | MFD_HUGETLB));  // may be refused
  SayAndHold(channel_end);
  ::shm_unlink(name.c_str());
}

const Segment* FindKind(const Snapshot& snapshot, SegmentKind kind) {
  const auto found = std::ranges::find_if(
      snapshot.mappings, [&](const MappingHold& hold) { return hold.segment.kind == kind; });
  if (found == snapshot.mappings.end()) return nullptr;
  const auto segment = std::ranges::find(snapshot.segments, found->segment, &Segment::key);
  return segment == snapshot.segments.end() ? nullptr : &*segment;
}

}  // namespace

TEST_CASE("memtrack: memory that is held by descriptor alone") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  const std::int64_t before = NanosNow();
  auto peer = START_PEER(PeerKind::kProcess, HoldsByDescriptor);
  const Handle end = peer.TakeEnd();
  REQUIRE(Hear(end));
  const Snapshot snapshot = LookAt({peer.pid()});

  REQUIRE(snapshot.processes.size() == 1);
  CHECK(snapshot.processes[0].key.pid == peer.pid());
  CHECK(snapshot.processes[0].parent_pid == ::getpid());
  CHECK(snapshot.processes[0].uid == ::geteuid());
  CHECK_FALSE(snapshot.processes[0].cgroup.empty());
  CHECK(snapshot.processes[0].mount_namespace != 0);
  CHECK(snapshot.coverage.read == 1);
  CHECK_FALSE(snapshot.coverage.is_partial());

  const Segment* const segment = Find(snapshot, "baton:by descriptor");
  REQUIRE(segment != nullptr);
  CHECK(segment->key.kind == SegmentKind::kMemfd);
  CHECK(segment->key.device == kKernelMount);
  CHECK(segment->size == 2 * kPage);
  CHECK(segment->allocated == kPage);
  CHECK(segment->creator_uid == ::geteuid());
  REQUIRE(segment->seals.has_value());
  CHECK((*segment->seals & (F_SEAL_SHRINK | F_SEAL_GROW)) == (F_SEAL_SHRINK | F_SEAL_GROW));
  REQUIRE(segment->born.has_value());
  CHECK(*segment->born > before - 1'000'000'000);  // the kernel's clock is coarse
  CHECK(*segment->born <= NanosNow());

  CHECK(Of(snapshot.mappings, segment->key).empty());
  const auto holds = Of(snapshot.descriptors, segment->key);
  REQUIRE(holds.size() == 3);
  CHECK(holds[0].process == snapshot.processes[0].key);
  CHECK(holds[0].is_close_on_exec);
  CHECK(holds[0].is_writable);
  CHECK_FALSE(holds[1].is_close_on_exec);
  CHECK_FALSE(holds[2].is_writable);
  CHECK(holds[0].open_file != 0);
  CHECK(holds[0].open_file == holds[1].open_file);
  CHECK(holds[2].open_file != holds[0].open_file);
  CHECK(holds[2].open_file != 0);
  Say(end);
}

TEST_CASE("memtrack: attributes of Baton's are read, others are not") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  const Handle probe = MakeMemfd("probe");
  if (::fsetxattr(probe.get(), "user.baton.tag", "x", 1, 0) != 0) {
    SKIP_TEST("memfds of this kernel take no attributes: " << std::strerror(errno));
  }
  auto peer = START_PEER(PeerKind::kProcess, HoldsByDescriptor);
  const Handle end = peer.TakeEnd();
  REQUIRE(Hear(end));
  const Snapshot snapshot = LookAt({peer.pid()});
  const Segment* const segment = Find(snapshot, "baton:by descriptor");
  REQUIRE(segment != nullptr);
  CHECK(segment->attributes == std::map<std::string, std::string>{{"tag", "frames"}});
  Say(end);
}

TEST_CASE("memtrack: memory that is held by mapping alone, a part of it revoked") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  auto peer = START_PEER(PeerKind::kProcess, HoldsByMapping);
  const Handle end = peer.TakeEnd();
  REQUIRE(Hear(end));
  const Snapshot snapshot = LookAt({peer.pid()});
  const Segment* const segment = Find(snapshot, "baton:by mapping");
  REQUIRE(segment != nullptr);
  CHECK(Of(snapshot.descriptors, segment->key).empty());
  const auto holds = Of(snapshot.mappings, segment->key);
  REQUIRE(holds.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(holds[i].length == kPage);
    CHECK(holds[i].offset == i * kPage);
    CHECK(holds[i].is_readable == (i != 1));
    CHECK(holds[i].is_writable == (i != 1));
    CHECK_FALSE(holds[i].is_private);
    CHECK_FALSE(holds[i].is_executable);
  }
  if (IsRoot()) {
    CHECK(segment->size == 3 * kPage);
    CHECK(segment->allocated == kPage);
    CHECK(segment->born.has_value());
    CHECK(snapshot.coverage.unsized_segments == 0);
  } else {
    CHECK_FALSE(segment->size.has_value());
    CHECK(snapshot.coverage.unsized_segments == 1);
  }
  Say(end);
}

TEST_CASE("memtrack: private and executable mappings say so") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  auto peer = START_PEER(PeerKind::kProcess, HoldsPrivately);
  const Handle end = peer.TakeEnd();
  REQUIRE(Hear(end));
  const Snapshot snapshot = LookAt({peer.pid()});
  const Segment* const segment = Find(snapshot, "baton:private");
  REQUIRE(segment != nullptr);
  const auto holds = Of(snapshot.mappings, segment->key);
  REQUIRE(holds.size() == 2);
  const auto is_private = [](const MappingHold& hold) { return hold.is_private; };
  const auto is_executable = [](const MappingHold& hold) { return hold.is_executable; };
  CHECK(std::ranges::count_if(holds, is_private) == 1);
  CHECK(std::ranges::count_if(holds, is_executable) == 1);
  CHECK(std::ranges::find_if(holds, is_private)->is_executable == false);
  Say(end);
}

TEST_CASE("memtrack: SysV, POSIX, anonymous and huge memory") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  auto peer = START_PEER(PeerKind::kProcess, HoldsOtherKinds);
  const Handle end = peer.TakeEnd();
  REQUIRE(Hear(end));
  const Snapshot snapshot = LookAt({peer.pid()});

  const Segment* const sysv = FindKind(snapshot, SegmentKind::kSysV);
  REQUIRE(sysv != nullptr);
  CHECK(sysv->key.device == kKernelMount);
  CHECK(sysv->name == "SYSV00000000");
  CHECK(sysv->size == 3 * kPage);  // also for who may not look behind mappings
  CHECK(sysv->allocated == kPage);

  const Segment* const posix = FindKind(snapshot, SegmentKind::kPosix);
  REQUIRE(posix != nullptr);
  CHECK(posix->name == "/dev/shm/baton_scan_test." + std::to_string(peer.pid()));
  CHECK(posix->size == 2 * kPage);
  CHECK(Of(snapshot.descriptors, posix->key).size() == 1);
  CHECK(Of(snapshot.mappings, posix->key).size() == 1);
  struct stat shm = {};
  REQUIRE(::stat("/dev/shm", &shm) == 0);
  CHECK(posix->key.device == shm.st_dev);

  const Segment* const anonymous = FindKind(snapshot, SegmentKind::kAnonymous);
  REQUIRE(anonymous != nullptr);
  CHECK(anonymous->name.empty());
  CHECK(Of(snapshot.mappings, anonymous->key)[0].length == 5 * kPage);
  if (IsRoot()) CHECK(anonymous->size == 5 * kPage);

  const Segment* const huge = Find(snapshot, "baton:huge");
  const Handle may_be(::memfd_create("probe", MFD_CLOEXEC | MFD_HUGETLB));
  REQUIRE((huge != nullptr) == static_cast<bool>(may_be));
  if (huge != nullptr) CHECK(huge->key.kind == SegmentKind::kHugetlb);
  Say(end);
}

TEST_CASE("memtrack: this very process is left out unless it is asked for") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  const Handle memfd = MakeMemfd("baton:mine");
  ScanOptions options;
  options.processes = {::getpid()};
  CHECK(Find(Look(options), "baton:mine") == nullptr);
  options.includes_self = true;
  CHECK(Find(Look(options), "baton:mine") != nullptr);
}

TEST_CASE("memtrack: a process that is not there is gone, and no row") {
  const LeakCheck leak_check;
  constexpr int kNobody = 0x3fffffff;
  const Snapshot snapshot = LookAt({kNobody});
  CHECK(snapshot.processes.empty());
  CHECK(snapshot.coverage.gone == 1);
  CHECK(snapshot.coverage.read == 0);
}

TEST_CASE("memtrack: the kernel's own mount is where this says, for memfds") {
  const Handle memfd = MakeMemfd("probe");
  struct stat found = {};
  REQUIRE(::fstat(memfd.get(), &found) == 0);
  CHECK(found.st_dev == kKernelMount);
}

TEST_CASE("memtrack: a name of any bytes, seen through descriptor and mapping alike") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  const std::string name = "a\nb \\012 (deleted)\xff";
  for (const bool has_descriptor : {true, false}) {
    for (const bool prefers_text : {true, false}) {
      Handle memfd = MakeMemfd(name.c_str());
      void* const address = MapPages(memfd);
      if (!has_descriptor) memfd.Reset();
      ScanOptions options;
      options.processes = {::getpid()};
      options.includes_self = true;
      options.prefers_text_maps = prefers_text;
      const Snapshot snapshot = Look(options);
      ::munmap(address, kPage);
      // The text of maps cannot be told from a name that has its escape in it.
      const bool is_ambiguous = !has_descriptor && prefers_text;
      CHECK(Find(snapshot, is_ambiguous ? "a\nb \n (deleted)\xff" : name) != nullptr);
    }
  }
}
