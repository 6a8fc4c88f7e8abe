// Processes that are not as most are: threads with tables of their own, a first thread that has
// ended, processes that nobody has waited for, descriptors that were inherited.
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <string>
#include <thread>

#include "tests/memtrack/scan/held_memory.h"
#include "tests/memtrack/scan/looks.h"
#include "tests/support/leak_check.h"
#include "tests/support/peer.h"
#include "tests/support/watchdog.h"

using namespace memtrack;
using namespace memtrack_test;
using baton::testing::LeakCheck;
using baton::testing::PeerKind;
using baton::testing::Watchdog;

namespace {

PEER(HidesInThread) {
  const Handle shared = MakeMemfd("baton:of all");
  const int end = channel_end.get();
  std::thread hider([end] {
    Expect(::unshare(CLONE_FILES) == 0, "unshare");
    const Handle hidden = MakeMemfd("baton:of one");
    Handle channel(end);  // in this table; the other thread's stays open
    SayAndHold(channel);
  });
  hider.join();
}

PEER(LosesFirstThread) {
  const Handle memfd = MakeMemfd("baton:left behind", 2);
  MapPages(memfd, 2);
  std::thread other([&channel_end] {
    // The first thread is dead when its state says so.
    std::string text;
    const std::string stat = "/proc/self/stat";
    for (bool is_dead = false; !is_dead;) {
      const Handle file(::open(stat.c_str(), O_RDONLY | O_CLOEXEC));
      text.resize(512);
      const ssize_t size = ::read(file.get(), text.data(), text.size());
      text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
      is_dead = text.find(") Z ") != std::string::npos;
    }
    SayAndHold(channel_end);
    ::_exit(0);
  });
  ::syscall(SYS_exit, 0);  // this thread alone
}

// Its child has ended and waits to be reaped. Says the child's number first.
PEER(LeavesZombie) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  siginfo_t ended = {};
  Expect(::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT) == 0, "waitid");
  Expect(::send(channel_end.get(), &child, sizeof(child), MSG_NOSIGNAL) == sizeof(child), "send");
  Hear(channel_end);
  ::waitpid(child, nullptr, 0);
}

// A child with the same open file, which was inherited, and one that it has opened itself.
PEER(SharesWithChild) {
  const Handle memfd = MakeMemfd("baton:inherited", 1, 0);
  int up[2];
  Expect(::pipe(up) == 0, "pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string link = "/proc/self/fd/" + std::to_string(memfd.get());
    const int again = ::open(link.c_str(), O_RDWR);
    const bool is_said = again >= 0 && ::write(up[1], "x", 1) == 1;
    if (is_said) ::pause();
    ::_exit(1);
  }
  char byte = 0;
  Expect(::read(up[0], &byte, 1) == 1, "the child has failed");
  Expect(::send(channel_end.get(), &child, sizeof(child), MSG_NOSIGNAL) == sizeof(child), "send");
  Hear(channel_end);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(up[0]);
  ::close(up[1]);
}

pid_t HearPid(const Handle& end) {
  Await(end);
  pid_t pid = 0;
  REQUIRE(::read(end.get(), &pid, sizeof(pid)) == sizeof(pid));
  return pid;
}

}  // namespace

TEST_CASE("memtrack: a thread's own table is seen, and the one of all only once") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  auto peer = START_PEER(PeerKind::kProcess, HidesInThread);
  const Handle end = peer.TakeEnd();
  REQUIRE(Hear(end));
  const Snapshot snapshot = LookAt({peer.pid()});
  const Segment* const hidden = Find(snapshot, "baton:of one");
  REQUIRE(hidden != nullptr);
  const auto holds = Of(snapshot.descriptors, hidden->key);
  REQUIRE(holds.size() == 1);
  CHECK(holds[0].process.pid == peer.pid());
  CHECK(holds[0].thread > 0);
  CHECK(holds[0].thread != peer.pid());
  // Both tables have the memfd that was there before they were two.
  const Segment* const shared = Find(snapshot, "baton:of all");
  REQUIRE(shared != nullptr);
  const auto both = Of(snapshot.descriptors, shared->key);
  REQUIRE(both.size() == 2);
  CHECK(both[0].thread == 0);
  CHECK(both[1].thread == holds[0].thread);
  CHECK(both[0].open_file != 0);
  CHECK(both[0].open_file == both[1].open_file);
  Say(end);
}

TEST_CASE("memtrack: a process whose first thread has ended holds what it held") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  auto peer = START_PEER(PeerKind::kProcess, LosesFirstThread);
  const Handle end = peer.TakeEnd();
  REQUIRE(Hear(end));
  for (const bool prefers_text : {false, true}) {
    ScanOptions options;
    options.processes = {peer.pid()};
    options.prefers_text_maps = prefers_text;
    const Snapshot snapshot = Look(options);
    REQUIRE(snapshot.processes.size() == 1);
    CHECK(snapshot.processes[0].leader_is_dead);
    CHECK(snapshot.processes[0].is_readable);
    const Segment* const segment = Find(snapshot, "baton:left behind");
    REQUIRE(segment != nullptr);
    CHECK(segment->size == 2 * kPage);
    CHECK(Of(snapshot.descriptors, segment->key).size() == 1);
    const auto mappings = Of(snapshot.mappings, segment->key);
    REQUIRE(mappings.size() == 1);
    CHECK(mappings[0].process.pid == peer.pid());
    CHECK(mappings[0].length == 2 * kPage);
  }
  Say(end);
}

TEST_CASE("memtrack: who waits to be reaped holds nothing and hides nothing") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  auto peer = START_PEER(PeerKind::kProcess, LeavesZombie);
  const Handle end = peer.TakeEnd();
  const pid_t zombie = HearPid(end);
  const Snapshot snapshot = LookAt({zombie});
  REQUIRE(snapshot.processes.size() == 1);
  CHECK(snapshot.processes[0].parent_pid == peer.pid());
  CHECK(snapshot.processes[0].is_readable);
  CHECK_FALSE(snapshot.processes[0].leader_is_dead);
  CHECK(snapshot.coverage.denied == 0);
  Say(end);
}

TEST_CASE("memtrack: an inherited open file is one, an opened one another") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  auto peer = START_PEER(PeerKind::kProcess, SharesWithChild);
  const Handle end = peer.TakeEnd();
  const pid_t child = HearPid(end);
  const Snapshot snapshot = LookAt({peer.pid(), child});
  const Segment* const segment = Find(snapshot, "baton:inherited");
  REQUIRE(segment != nullptr);
  const auto holds = Of(snapshot.descriptors, segment->key);
  REQUIRE(holds.size() == 3);
  std::vector<std::uint64_t> of_child;
  std::uint64_t of_parent = 0;
  for (const DescriptorHold& hold : holds) {
    CHECK_FALSE(hold.is_close_on_exec);
    CHECK(hold.open_file != 0);
    if (hold.process.pid == child) {
      of_child.push_back(hold.open_file);
    } else {
      of_parent = hold.open_file;
    }
  }
  REQUIRE(of_child.size() == 2);
  CHECK(std::ranges::count(of_child, of_parent) == 1);
  Say(end);
}
