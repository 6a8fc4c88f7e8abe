// A scan that reads again only what has changed sees what one sees that reads everything.
#include <sys/xattr.h>
#include <time.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "platform/linux/inherited.h"
#include "tests/memtrack/scan/held_memory.h"
#include "tests/memtrack/scan/looks.h"
#include "tests/memtrack/scan/repeated_looks.h"
#include "tests/support/descriptor_limit.h"
#include "tests/support/leak_check.h"
#include "tests/support/peer.h"
#include "tests/support/skip.h"
#include "tests/support/watchdog.h"

using namespace memtrack;
using namespace memtrack_test;
using baton::testing::DescriptorLimit;
using baton::testing::LeakCheck;
using baton::testing::PeerKind;
using baton::testing::Watchdog;

namespace {

// Does a step each time it is told, and says so.
PEER(Changes) {
  Handle first = MakeMemfd("baton:first", 4);
  void* const mapped = MapPages(MakeMemfd("baton:mapped"));
  SayAndHold(channel_end);

  Expect(::pwrite(first.get(), "x", 1, kPage) == 1, "pwrite");  // only the memory grows
  SayAndHold(channel_end);

  const Handle second = MakeMemfd("baton:second");
  SayAndHold(channel_end);

  {
    const Handle third = MakeMemfd("baton:third");
    Expect(::dup3(third.get(), second.get(), O_CLOEXEC) >= 0, "dup3");
  }
  SayAndHold(channel_end);

  const Handle other = MakeMemfd("baton:mapped later");
  Expect(::mmap(mapped, kPage, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, other.get(), 0) ==
             mapped,
         "mmap");
  first = Handle();  // as many as before
  SayAndHold(channel_end);
}

// Hands its memory over, as Baton does it: what it has mapped stays, and cannot be touched.
PEER(Revokes) {
  void* const mapped = MapPages(MakeMemfd("baton:handed over"));
  SayAndHold(channel_end);
  Expect(::mprotect(mapped, kPage, PROT_NONE) == 0, "mprotect");
  SayAndHold(channel_end);
  Expect(::mprotect(mapped, kPage, PROT_READ | PROT_WRITE) == 0, "mprotect");
  SayAndHold(channel_end);
}

constexpr int kRounds = 12;
constexpr int kRoomToKeepOpen = 4096;  // more than 2,048 besides what is kept
constexpr int kNoRoomToKeepOpen = 1024;

// Says something else about its memory each time.
PEER(Relabels) {
  const Handle memfd = MakeMemfd("baton:labelled");
  for (int round = 0; round < kRounds; ++round) {
    const std::string label = std::to_string(round);
    const int set = ::fsetxattr(memfd.get(), "user.baton.label", label.data(), label.size(), 0);
    Expect(set == 0 || errno == EOPNOTSUPP, "fsetxattr");
    SayAndHold(channel_end);
  }
}

// Adds seals when it is told.
PEER(Seals) {
  const Handle memfd = MakeMemfd("baton:sealed later");
  SayAndHold(channel_end);
  Expect(::fcntl(memfd.get(), F_ADD_SEALS, F_SEAL_GROW) == 0, "F_ADD_SEALS");
  SayAndHold(channel_end);
}

// Maps what it gives away: only who has the descriptor can tell the seals.
PEER(MapsAndGives) {
  Handle memfd = MakeMemfd("baton:given");
  MapPages(memfd);
  Expect(::fcntl(memfd.get(), F_ADD_SEALS, F_SEAL_GROW) == 0, "F_ADD_SEALS");
  SendDescriptors(channel_end, 'a', {memfd.get()});
  memfd = Handle();
  SayAndHold(channel_end);
}

PEER(RunsAfterwards) {
  MapPages(MakeMemfd("baton:after exec"));
  SayAndHold(channel_end);
}

// Becomes another program, with the number and the start of this one.
PEER(Executes) {
  using namespace baton::platform;
  MapPages(MakeMemfd("baton:before exec"));
  SayAndHold(channel_end);
  Expect(channel_end.get() == kFirstInherited && ::fcntl(kFirstInherited, F_SETFD, 0) == 0,
         "fcntl");
  Expect(::setenv(kInheritedVariable, "1", 1) == 0, "setenv");
  ::execl("/proc/self/exe", "peer", "--baton-peer", __FILE__ ":RunsAfterwards", nullptr);
  Expect(false, "execl");
}

// Two ends of sockets, through one of which memory goes to nobody.
PEER(HoldsSockets) {
  int pair[2];
  Expect(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0, "socketpair");
  const Handle sender(pair[0]), receiver(pair[1]);
  SayAndHold(channel_end);
  Handle memfd = MakeMemfd("baton:sent");
  SendDescriptors(sender, 'a', {memfd.get()});
  memfd = Handle();
  SayAndHold(channel_end);
}

// Until the clock that inodes have their times from has gone on: then what has happened to them
// before is told from what happens next.
void AwaitTick() {
  const auto tick = [] {
    timespec time = {};
    REQUIRE(::clock_gettime(CLOCK_REALTIME_COARSE, &time) == 0);
    return std::pair(time.tv_sec, time.tv_nsec);
  };
  const auto before = tick();
  while (tick() == before) std::this_thread::yield();
}

std::size_t OpenDescriptors() {
  return baton::testing::OpenResources::Now().descriptors.size();
}

}  // namespace

TEST_CASE("memtrack: what has not changed is not read again, and what has is") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  auto peer = START_PEER(PeerKind::kProcess, Changes);
  const Handle end = peer.TakeEnd();
  REQUIRE(Hear(end));
  if (CannotReuse(peer)) SKIP_TEST(kNotCounted);
  Scanner scanner = IncrementalScanner({peer.pid()}, 100);
  const Snapshot before = Must(scanner.Scan());
  CHECK(before.coverage.reused == 0);
  REQUIRE(Find(before, "baton:first") != nullptr);
  CHECK(Find(before, "baton:first")->allocated == kPage);

  const Snapshot same = Must(scanner.Scan());
  CHECK(same.coverage.reused == 1);
  CHECK(same.segments.size() == before.segments.size());
  CHECK(same.descriptors.size() == before.descriptors.size());
  CHECK(same.mappings.size() == before.mappings.size());
  CHECK(same.processes[0].key == before.processes[0].key);
  CHECK(same.processes[0].cgroup == before.processes[0].cgroup);

  Say(end);
  REQUIRE(Hear(end));
  const Snapshot grown = Must(scanner.Scan());
  CHECK(grown.coverage.reused == 1);
  REQUIRE(Find(grown, "baton:first") != nullptr);
  CHECK(Find(grown, "baton:first")->allocated == 2 * kPage);
  CHECK(Find(grown, "baton:first")->seals.has_value());

  Say(end);
  REQUIRE(Hear(end));
  const Snapshot added = Must(scanner.Scan());
  CHECK(added.coverage.reused == 0);
  CHECK(Find(added, "baton:second") != nullptr);

  Say(end);
  REQUIRE(Hear(end));
  const Snapshot replaced = Must(scanner.Scan());
  CHECK(replaced.coverage.reused == 0);  // as many descriptors, but one leads elsewhere
  CHECK(Find(replaced, "baton:second") == nullptr);
  REQUIRE(Find(replaced, "baton:third") != nullptr);
  CHECK(Of(replaced.descriptors, Find(replaced, "baton:third")->key).size() == 1);

  Say(end);
  REQUIRE(Hear(end));
  const Snapshot remapped = Must(scanner.Scan());
  CHECK(remapped.coverage.reused == 0);
  CHECK(Find(remapped, "baton:first") == nullptr);
  CHECK(Find(remapped, "baton:mapped") == nullptr);
  CHECK(Find(remapped, "baton:mapped later") != nullptr);
  Say(end);
}

TEST_CASE("memtrack: what mappings allow is asked anew each time") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  auto peer = START_PEER(PeerKind::kProcess, Revokes);
  const Handle end = peer.TakeEnd();
  REQUIRE(Hear(end));
  Scanner scanner = IncrementalScanner({peer.pid()}, 100);
  for (const bool is_readable : {true, false, true}) {
    const Snapshot snapshot = Must(scanner.Scan());
    REQUIRE(snapshot.mappings.size() == 1);
    CHECK(snapshot.mappings[0].is_readable == is_readable);
    CHECK(snapshot.mappings[0].is_writable == is_readable);
    Say(end);
    if (snapshot.mappings[0].length != kPage) break;
    if (!Hear(end)) break;  // it has ended, after the third
  }
}

TEST_CASE("memtrack: what memory says of itself is asked again when it has changed") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  auto peer = START_PEER(PeerKind::kProcess, Relabels);
  const Handle end = peer.TakeEnd();
  REQUIRE(Hear(end));
  Scanner scanner = IncrementalScanner({peer.pid()}, 100);
  if (Find(Must(scanner.Scan()), "baton:labelled")->attributes.empty()) {
    peer.Kill();
    SKIP_TEST("memory has no extended attributes here (Linux 6.6)");
  }
  for (int round = 0; round < kRounds; ++round) {
    if (round % 2 == 0) AwaitTick();
    for (int look = 0; look < 2; ++look) {
      const Snapshot snapshot = Must(scanner.Scan());
      REQUIRE(Find(snapshot, "baton:labelled") != nullptr);
      CHECK(Find(snapshot, "baton:labelled")->attributes.at("label") == std::to_string(round));
    }
    Say(end);
    if (round + 1 < kRounds) REQUIRE(Hear(end));
  }
}

TEST_CASE("memtrack: memory that has not changed is asked for its size alone") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  auto peer = START_PEER(PeerKind::kProcess, Seals);
  const Handle end = peer.TakeEnd();
  REQUIRE(Hear(end));
  if (CannotReuse(peer)) SKIP_TEST(kNotCounted);
  AwaitTick();
  Scanner scanner = IncrementalScanner({peer.pid()}, 2);
  const auto seals = [&] {
    const Snapshot snapshot = Must(scanner.Scan());
    const Segment* const segment = Find(snapshot, "baton:sealed later");
    REQUIRE(segment != nullptr);
    return segment->seals.value_or(~0U);
  };
  CHECK(seals() == 0);
  Say(end);
  REQUIRE(Hear(end));
  CHECK(seals() == 0);  // docs/decisions/0063
  CHECK(seals() == F_SEAL_GROW);
  Say(end);
}

TEST_CASE("memtrack: seals that a descriptor told are known of the mapping that is left") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  auto peer = START_PEER(PeerKind::kProcess, MapsAndGives);
  const Handle end = peer.TakeEnd();
  Await(end);
  Received given = ReceiveDescriptors(end);
  REQUIRE(Hear(end));
  if (CannotReuse(peer)) SKIP_TEST(kNotCounted);
  Scanner scanner = IncrementalScanner({peer.pid(), ::getpid()}, 100);
  for (const bool is_given : {true, false}) {
    if (!is_given) {  // and changed, so that it is asked again
      AwaitTick();
      Expect(::pwrite(given.handles.at(0).get(), "y", 1, 0) == 1, "pwrite");
      given.handles.clear();
    }
    const Snapshot snapshot = Must(scanner.Scan());
    REQUIRE(Find(snapshot, "baton:given") != nullptr);
    CHECK(Find(snapshot, "baton:given")->seals == F_SEAL_GROW);
    CHECK(Of(snapshot.descriptors, Find(snapshot, "baton:given")->key).size() ==
          (is_given ? 1 : 0));
    CHECK(Of(snapshot.mappings, Find(snapshot, "baton:given")->key).size() == 1);
  }
  Say(end);
}

TEST_CASE("memtrack: now and then everything is read") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  auto peer = START_PEER(PeerKind::kProcess, Changes);
  const Handle end = peer.TakeEnd();
  REQUIRE(Hear(end));
  if (CannotReuse(peer)) SKIP_TEST(kNotCounted);
  Scanner scanner = IncrementalScanner({peer.pid()}, 2);
  for (const unsigned reused : {0U, 1U, 0U, 1U}) {
    CHECK(Must(scanner.Scan()).coverage.reused == reused);
  }
  peer.Kill();
}

TEST_CASE("memtrack: what is in flight is looked at each time") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  auto peer = START_PEER(PeerKind::kProcess, HoldsSockets);
  const Handle end = peer.TakeEnd();
  REQUIRE(Hear(end));
  if (CannotReuse(peer)) SKIP_TEST(kNotCounted);
  Scanner scanner = IncrementalScanner({peer.pid()}, 100);
  CHECK(Must(scanner.Scan()).in_flight.empty());
  Say(end);
  REQUIRE(Hear(end));
  const Snapshot sent = Must(scanner.Scan());
  CHECK(sent.coverage.reused == 1);
  REQUIRE(sent.in_flight.size() == 1);
  CHECK(sent.in_flight[0].descriptors == 1);
  Say(end);
}

TEST_CASE("memtrack: a process that has ended leaves nothing behind in the next scan") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  auto peer = START_PEER(PeerKind::kProcess, HoldsSockets);
  Handle end = peer.TakeEnd();
  REQUIRE(Hear(end));
  Scanner scanner = IncrementalScanner({peer.pid()}, 100);
  CHECK(Must(scanner.Scan()).coverage.read == 1);
  peer.Kill();
  const Snapshot after = Must(scanner.Scan());
  CHECK(after.processes.empty());
  CHECK(after.descriptors.empty());
  CHECK(after.coverage.gone == 1);
}

TEST_CASE(
    "memtrack: what stays open between two scans does not outlive a program that is replaced") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  const DescriptorLimit limit(kRoomToKeepOpen);
  auto peer = START_PEER(PeerKind::kProcess, Executes);
  const Handle end = peer.TakeEnd();
  REQUIRE(Hear(end));
  if (CannotReuse(peer)) SKIP_TEST(kNotCounted);
  Scanner scanner = IncrementalScanner({peer.pid()}, 100);
  for (const unsigned reused : {0U, 1U, 1U}) {
    const Snapshot before = Must(scanner.Scan());
    CHECK(before.coverage.reused == reused);
    CHECK(before.mappings.size() == 1);
  }
  Say(end);
  REQUIRE(Hear(end));
  for (const unsigned reused : {0U, 1U}) {
    const Snapshot after = Must(scanner.Scan());
    CHECK(after.coverage.reused == reused);
    CHECK(after.mappings.size() == 1);
    CHECK(Find(after, "baton:before exec") == nullptr);
    CHECK(Find(after, "baton:after exec") != nullptr);
  }
  Say(end);
}

TEST_CASE("memtrack: a repeated scan keeps a process's files open while it lives, and no longer") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  const DescriptorLimit limit(kRoomToKeepOpen);
  auto peer = START_PEER(PeerKind::kProcess, Revokes);
  const Handle end = peer.TakeEnd();
  REQUIRE(Hear(end));
  const std::size_t before = OpenDescriptors();
  std::size_t of_none = 0;
  {
    Scanner scanner = IncrementalScanner({peer.pid()}, 100);
    Must(scanner.Scan());
    const std::size_t of_one = OpenDescriptors();
    CHECK(of_one > before + 1);
    for (int n = 0; n < 3; ++n) Must(scanner.Scan());
    // What a first scan need not ask: `maps` and `fd`.
    CHECK(OpenDescriptors() <= of_one + 2);
    peer.Kill();
    Must(scanner.Scan());
    Must(scanner.Scan());
    of_none = OpenDescriptors();
  }
  CHECK(OpenDescriptors() + 1 == of_none);  // /proc
}

TEST_CASE("memtrack: a repeated scan keeps nothing open where there is no room") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  const DescriptorLimit limit(kNoRoomToKeepOpen);
  auto peer = START_PEER(PeerKind::kProcess, Revokes);
  const Handle end = peer.TakeEnd();
  REQUIRE(Hear(end));
  Scanner scanner = IncrementalScanner({peer.pid()}, 100);
  const std::size_t before = OpenDescriptors();
  for (int n = 0; n < 3; ++n) {
    CHECK(Must(scanner.Scan()).mappings.size() == 1);
    CHECK(OpenDescriptors() == before);
  }
  peer.Kill();
}
