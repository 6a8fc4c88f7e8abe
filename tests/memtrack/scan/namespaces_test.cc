// Processes in namespaces of their own, as containers are.
#include <sched.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/shm.h>

#include <catch2/catch.hpp>
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

// The first SysV segment of a new namespace has the id 0.
PEER(HoldsFirstSysV) {
  Expect(::unshare(CLONE_NEWIPC | CLONE_NEWNS) == 0, "unshare");
  const int id = ::shmget(IPC_PRIVATE, kPage, IPC_CREAT | 0600);
  PEER_EXPECT(id == 0);
  Expect(::shmat(id, nullptr, 0) != reinterpret_cast<void*>(-1), "shmat");
  SayAndHold(channel_end);
}

// Memory in flight between two sockets of a network namespace that is not the scanner's.
PEER(HoldsInFlightElsewhere) {
  Expect(::unshare(CLONE_NEWNET) == 0, "unshare");
  int pair[2];
  Expect(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0, "socketpair");
  const Handle sender(pair[0]), receiver(pair[1]);
  SendDescriptors(sender, 'a', {MakeMemfd("baton:elsewhere").get()});
  SayAndHold(channel_end);
}

// A container's own /dev/shm: a tmpfs that nobody outside has mounted, or something else.
void HoldInOwnShm(const Handle& end, const char* type, const char* name) {
  Expect(::unshare(CLONE_NEWNS) == 0, "unshare");
  Expect(::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "mount private");
  Expect(::mount("none", "/dev/shm", type, 0, nullptr) == 0, "mount /dev/shm");
  const Handle file(::open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  Expect(static_cast<bool>(file), "open");
  Expect(::ftruncate(file.get(), 2 * kPage) == 0, "ftruncate");
  MapPages(file, 2);
  SayAndHold(end);
}

PEER(HoldsInContainer) {
  HoldInOwnShm(channel_end, "tmpfs", "/dev/shm/contained");
}

// Hears whose file it is, a process of another mount namespace, and takes it from there.
PEER(HoldsWhatItHasNotMounted) {
  Say(channel_end);
  Await(channel_end);
  int owner = 0;
  Expect(::read(channel_end.get(), &owner, sizeof(owner)) == sizeof(owner), "read");
  const std::string name = "/proc/" + std::to_string(owner) + "/root/dev/shm/contained";
  const Handle file(::open(name.c_str(), O_RDWR | O_CLOEXEC));
  Expect(static_cast<bool>(file), "open");
  SayAndHold(channel_end);
}

PEER(HoldsElsewhereByName) {
  HoldInOwnShm(channel_end, "ramfs", "/dev/shm/impostor");
}

bool MayUnshare() {
  return ::geteuid() == 0;
}

}  // namespace

TEST_CASE("memtrack: SysV memory of two namespaces is two, with the same id") {
  if (!MayUnshare()) SKIP_TEST("only root can make namespaces");
  const LeakCheck leak_check;
  const Watchdog watchdog;
  auto one = START_PEER(PeerKind::kProcess, HoldsFirstSysV);
  auto other = START_PEER(PeerKind::kProcess, HoldsFirstSysV);
  const Handle one_end = one.TakeEnd(), other_end = other.TakeEnd();
  REQUIRE(Hear(one_end));
  REQUIRE(Hear(other_end));
  const Snapshot snapshot = LookAt({one.pid(), other.pid()});
  REQUIRE(snapshot.mappings.size() == 2);
  const SegmentKey first = snapshot.mappings[0].segment, second = snapshot.mappings[1].segment;
  CHECK(first != second);
  CHECK(first.inode == 0);
  CHECK(second.inode == 0);
  CHECK(first.kind == SegmentKind::kSysV);
  CHECK((first.device & 0xffffffff) == kKernelMount);
  CHECK(first.device >> 32 != 0);
  for (const SegmentKey& key : {first, second}) {
    const auto segment = std::ranges::find(snapshot.segments, key, &Segment::key);
    REQUIRE(segment != snapshot.segments.end());
    CHECK(segment->size == kPage);
  }
  REQUIRE(snapshot.processes.size() == 2);
  CHECK(snapshot.processes[0].mount_namespace != snapshot.processes[1].mount_namespace);
  CHECK(snapshot.processes[0].pid_namespace == snapshot.processes[1].pid_namespace);
  CHECK(snapshot.coverage.other_mount_namespaces == 2);
  Say(one_end);
  Say(other_end);
}

TEST_CASE("memtrack: memory in flight in another network namespace") {
  if (!MayUnshare()) SKIP_TEST("only root can make namespaces");
  const LeakCheck leak_check;
  const Watchdog watchdog;
  auto peer = START_PEER(PeerKind::kProcess, HoldsInFlightElsewhere);
  const Handle end = peer.TakeEnd();
  REQUIRE(Hear(end));
  // All processes: so it asks netlink, which does not know of that socket.
  const Snapshot snapshot = Look({});
  const Segment* const segment = Find(snapshot, "baton:elsewhere");
  REQUIRE(segment != nullptr);
  const auto hold = std::ranges::find_if(
      snapshot.in_flight, [&](const InFlightHold& one) { return one.receiver.pid == peer.pid(); });
  REQUIRE(hold != snapshot.in_flight.end());
  CHECK(hold->descriptors == 1);
  CHECK(hold->segments == std::vector<SegmentKey>{segment->key});
  Say(end);
}

TEST_CASE("memtrack: a container's /dev/shm is one, and what only stands there is not") {
  if (!MayUnshare()) SKIP_TEST("only root can make namespaces");
  const LeakCheck leak_check;
  const Watchdog watchdog;
  auto contained = START_PEER(PeerKind::kProcess, HoldsInContainer);
  auto impostor = START_PEER(PeerKind::kProcess, HoldsElsewhereByName);
  const Handle one_end = contained.TakeEnd(), other_end = impostor.TakeEnd();
  REQUIRE(Hear(one_end));
  REQUIRE(Hear(other_end));
  const Snapshot snapshot = LookAt({contained.pid(), impostor.pid()});
  const Segment* const segment = Find(snapshot, "/dev/shm/contained");
  REQUIRE(segment != nullptr);
  CHECK(segment->key.kind == SegmentKind::kPosix);
  CHECK(segment->size == 2 * kPage);
  CHECK(Of(snapshot.descriptors, segment->key).size() == 1);
  CHECK(Of(snapshot.mappings, segment->key).size() == 1);
  CHECK(Find(snapshot, "/dev/shm/impostor") == nullptr);
  Say(one_end);
  Say(other_end);
}

// Whoever is looked at first does not know the device; who has it mounted does all the same.
TEST_CASE("memtrack: what one mount namespace does not have another may") {
  if (!MayUnshare()) SKIP_TEST("only root can make namespaces");
  const LeakCheck leak_check;
  const Watchdog watchdog;
  auto one = START_PEER(PeerKind::kProcess, HoldsWhatItHasNotMounted);
  const Handle one_end = one.TakeEnd();
  REQUIRE(Hear(one_end));
  auto contained = START_PEER(PeerKind::kProcess, HoldsInContainer);
  const Handle contained_end = contained.TakeEnd();
  REQUIRE(Hear(contained_end));
  const int owner = contained.pid();
  REQUIRE(::send(one_end.get(), &owner, sizeof(owner), MSG_NOSIGNAL) == sizeof(owner));
  REQUIRE(Hear(one_end));
  if (one.pid() < contained.pid()) {  // in the order of their numbers
    const Snapshot snapshot = LookAt({one.pid(), contained.pid()});
    const Segment* const segment = Find(snapshot, "/dev/shm/contained");
    REQUIRE(segment != nullptr);
    CHECK(Of(snapshot.mappings, segment->key).size() == 1);
  }
  Say(one_end);
  Say(contained_end);
}
