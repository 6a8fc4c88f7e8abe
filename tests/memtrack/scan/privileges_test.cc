// What a scan sees that may not see everything, and that it says so.
#include <grp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <string>

#include "tests/memtrack/scan/held_memory.h"
#include "tests/memtrack/scan/looks.h"
#include "tests/memtrack/scan/repeated_looks.h"
#include "tests/support/leak_check.h"
#include "tests/support/peer.h"
#include "tests/support/skip.h"
#include "tests/support/watchdog.h"

using namespace memtrack;
using namespace memtrack_test;
using baton::testing::LeakCheck;
using baton::testing::PeerKind;
using baton::testing::Watchdog;

namespace {

constexpr uid_t kNobody = 65534;

void BecomeNobody() {
  Expect(::setgroups(0, nullptr) == 0, "setgroups");
  Expect(::setresgid(kNobody, kNobody, kNobody) == 0, "setresgid");
  Expect(::setresuid(kNobody, kNobody, kNobody) == 0, "setresuid");
  Expect(::prctl(PR_SET_DUMPABLE, 1) == 0, "PR_SET_DUMPABLE");  // as any program of that user
}

// A child, of the same user, that holds one segment by descriptor and one by mapping. Ended by the
// caller.
pid_t StartHolder() {
  int up[2];
  Expect(::pipe(up) == 0, "pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    const Handle held = MakeMemfd("baton:nobody's", 2);
    MapPages(MakeMemfd("baton:nobody's, mapped", 3), 3);
    if (::write(up[1], "x", 1) == 1) ::pause();
    ::_exit(1);
  }
  char byte = 0;
  Expect(::read(up[0], &byte, 1) == 1, "the child has failed");
  ::close(up[0]);
  ::close(up[1]);
  return child;
}

// The two ends of a helper's pipes that are ours.
struct Line {
  Handle to;
  Handle from;

  void Say() const { Expect(::write(to.get(), "x", 1) == 1, "write"); }
  void Hear() const {
    char byte = 0;
    Expect(::read(from.get(), &byte, 1) == 1, "the child has failed");
  }
};

// One that has mapped memory and two pipes, and may be looked into no more once it has heard a
// byte. No socket: what is in flight in one nobody may ask either. Ended by the caller.
pid_t StartLocksItself(Line& line) {
  int in[2];
  int out[2];
  Expect(::pipe(in) == 0 && ::pipe(out) == 0, "pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    MapPages(MakeMemfd("baton:locked up later"));
    char byte = 0;
    const bool is_ready = ::dup2(in[0], 0) == 0 && ::dup2(out[1], 1) == 1 &&
                          ::close_range(3, ~0U, 0) == 0 && ::write(1, "x", 1) == 1 &&
                          ::read(0, &byte, 1) == 1 && ::prctl(PR_SET_DUMPABLE, 0) == 0 &&
                          ::write(1, "x", 1) == 1;
    if (is_ready) (void)!::read(0, &byte, 1);
    ::_exit(is_ready ? 0 : 1);
  }
  ::close(in[0]);
  ::close(out[1]);
  line = {Handle(in[1]), Handle(out[0])};
  return child;
}

// Root's, to be looked at by nobody.
PEER(HoldsAsRoot) {
  const Handle memfd = MakeMemfd("baton:root's");
  SayAndHold(channel_end);
}

// Nobody's, with memory in the queue of a socket.
PEER(SendsToItselfAsNobody) {
  BecomeNobody();
  int pair[2];
  Expect(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0, "socketpair");
  const Handle sender(pair[0]), receiver(pair[1]);
  SendDescriptors(sender, 'a', {MakeMemfd("baton:nobody's letter").get()});
  SayAndHold(channel_end);
}

// Hears whom to look at, and looks as nobody.
PEER(LooksAsNobody) {
  BecomeNobody();
  Await(channel_end);
  int roots = 0;
  Expect(::read(channel_end.get(), &roots, sizeof(roots)) == sizeof(roots), "read");

  const Snapshot denied = LookAt({roots});
  PEER_EXPECT(denied.processes.size() == 1);
  PEER_EXPECT(!denied.processes.empty() && !denied.processes[0].is_readable);
  PEER_EXPECT(!denied.processes.empty() && denied.processes[0].uid == 0);
  PEER_EXPECT(!denied.processes.empty() && !denied.processes[0].command.empty());
  PEER_EXPECT(denied.descriptors.empty() && denied.mappings.empty());
  PEER_EXPECT(denied.coverage.denied == 1 && denied.coverage.read == 0);
  PEER_EXPECT(denied.coverage.is_partial());

  const pid_t holder = StartHolder();
  const Snapshot own = LookAt({holder});
  const Segment* const held = Find(own, "baton:nobody's");
  PEER_EXPECT(held != nullptr && held->size == 2 * kPage && held->creator_uid == kNobody);
  PEER_EXPECT(held != nullptr && held->seals.has_value());
  const Segment* const mapped = Find(own, "baton:nobody's, mapped");
  PEER_EXPECT(mapped != nullptr && !mapped->size.has_value());  // CAP_CHECKPOINT_RESTORE
  PEER_EXPECT(mapped != nullptr && Of(own.mappings, mapped->key).size() == 1);
  PEER_EXPECT(own.coverage.read == 1 && own.coverage.denied == 0);
  PEER_EXPECT(own.coverage.unsized_segments == 1);
  PEER_EXPECT(own.coverage.is_partial());

  // All of the machine: our own, and of the others that they are there.
  const Snapshot all = Look({});
  PEER_EXPECT(Find(all, "baton:nobody's") != nullptr);
  PEER_EXPECT(Find(all, "baton:root's") == nullptr);
  PEER_EXPECT(all.coverage.denied > 0);
  PEER_EXPECT(all.coverage.read + all.coverage.denied == all.processes.size());
  ::kill(holder, SIGKILL);
  ::waitpid(holder, nullptr, 0);
  Say(channel_end);
}

// With room to keep open what it reads, which it could go on reading.
PEER(LooksTwiceAsNobody) {
  constexpr rlimit kRoomToKeepOpen = {4096, 4096};
  Expect(::setrlimit(RLIMIT_NOFILE, &kRoomToKeepOpen) == 0, "setrlimit");
  BecomeNobody();
  Line line;
  const pid_t holder = StartLocksItself(line);
  line.Hear();
  Scanner scanner = IncrementalScanner({holder}, 100);
  for (const unsigned reused : {0U, 1U}) {
    const Snapshot open = Must(scanner.Scan());
    PEER_EXPECT(Find(open, "baton:locked up later") != nullptr);
    PEER_EXPECT(open.coverage.read == 1 && open.coverage.reused == reused);
  }
  line.Say();
  line.Hear();
  const Snapshot locked = Must(scanner.Scan());
  PEER_EXPECT(locked.coverage.denied == 1 && locked.coverage.read == 0);
  PEER_EXPECT(locked.processes.size() == 1 && !locked.processes[0].is_readable);
  PEER_EXPECT(locked.descriptors.empty() && locked.segments.empty());
  ::kill(holder, SIGKILL);
  ::waitpid(holder, nullptr, 0);
  Say(channel_end);
}

}  // namespace

TEST_CASE("memtrack: an ordinary user sees its own, and how much it does not see") {
  if (::geteuid() != 0) SKIP_TEST("only root can become somebody else");
  const LeakCheck leak_check;
  const Watchdog watchdog;
  auto root = START_PEER(PeerKind::kProcess, HoldsAsRoot);
  const Handle root_end = root.TakeEnd();
  REQUIRE(Hear(root_end));
  auto nobody = START_PEER(PeerKind::kProcess, LooksAsNobody);
  const Handle end = nobody.TakeEnd();
  const int pid = root.pid();
  REQUIRE(::send(end.get(), &pid, sizeof(pid), MSG_NOSIGNAL) == sizeof(pid));
  CHECK(Hear(end));
  nobody.Join();
  Say(root_end);
}

TEST_CASE("memtrack: sockets of other users are looked into on demand alone") {
  if (::geteuid() != 0) SKIP_TEST("only root can become somebody else");
  const LeakCheck leak_check;
  const Watchdog watchdog;
  auto nobody = START_PEER(PeerKind::kProcess, SendsToItselfAsNobody);
  const Handle end = nobody.TakeEnd();
  REQUIRE(Hear(end));
  ScanOptions options;
  options.processes = {nobody.pid()};
  const Snapshot unseen = Look(options);
  REQUIRE(unseen.in_flight.size() == 1);
  CHECK(unseen.in_flight[0].descriptors == 1);
  CHECK(unseen.in_flight[0].segments.empty());
  CHECK(unseen.coverage.closed_sockets == 1);
  options.looks_into_sockets_of_others = true;
  const Snapshot seen = Look(options);
  REQUIRE(seen.in_flight.size() == 1);
  CHECK(seen.in_flight[0].segments.size() == 1);
  CHECK(seen.coverage.closed_sockets == 0);
  CHECK(Find(seen, "baton:nobody's letter") != nullptr);
  Say(end);
}

TEST_CASE("memtrack: what was seen of a process is not said again once it may not be looked into") {
  if (::geteuid() != 0) SKIP_TEST("only root can become somebody else");
  const LeakCheck leak_check;
  const Watchdog watchdog;
  auto root = START_PEER(PeerKind::kProcess, HoldsAsRoot);
  const Handle root_end = root.TakeEnd();
  REQUIRE(Hear(root_end));
  if (CannotReuse(root)) SKIP_TEST(kNotCounted);
  Say(root_end);
  auto nobody = START_PEER(PeerKind::kProcess, LooksTwiceAsNobody);
  const Handle end = nobody.TakeEnd();
  CHECK(Hear(end));
  nobody.Join();
}
