// Memory that was sent and is not received: seen, and the receiver still gets all of it.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>
#include <string>

#include <baton/platform/process_state.h>
#include "tests/memtrack/scan/held_memory.h"
#include "tests/memtrack/scan/looks.h"
#include "tests/support/leak_check.h"
#include "tests/support/peer.h"
#include "tests/support/watchdog.h"
#include "tools/memtrack/scan/in_flight.h"

using namespace memtrack;
using namespace memtrack_test;
using baton::testing::LeakCheck;
using baton::testing::Peer;
using baton::testing::PeerKind;
using baton::testing::Watchdog;

namespace {

constexpr std::size_t kPages = 4;

std::string StateOf(int pid) {
  std::string text;
  std::getline(std::ifstream("/proc/" + std::to_string(pid) + "/stat"), text);
  const std::size_t end = text.rfind(')');
  return end == std::string::npos ? "" : text.substr(end + 2, 1);
}

// Stops a process; it runs again when this goes away.
class Stopped {
 public:
  explicit Stopped(int pid) : pid_(pid) {
    REQUIRE(::kill(pid, SIGSTOP) == 0);
    while (StateOf(pid) != "T") std::this_thread::yield();
  }
  Stopped(const Stopped&) = delete;
  Stopped& operator=(const Stopped&) = delete;
  ~Stopped() { ::kill(pid_, SIGCONT); }

 private:
  const int pid_;
};

// Takes the messages a, b and c. The first has two descriptors, the second none, the third one.
PEER(TakesThree) {
  Say(channel_end);
  const std::string bytes = "abc";
  const std::size_t handles[] = {2, 0, 1};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    Await(channel_end);
    const Received received = ReceiveDescriptors(channel_end);
    PEER_EXPECT(received.byte == bytes[i]);
    PEER_EXPECT(received.handles.size() == handles[i]);
    if (i != 0 || received.handles.empty()) continue;
    char content = 0;
    PEER_EXPECT(::pread(received.handles[0].get(), &content, 1, 0) == 1 && content == 'x');
  }
}

// Looks at its end from a place of its own (SO_PEEK_OFF), which must stay where it is.
PEER(LooksAhead) {
  const int begin = 0;
  Expect(::setsockopt(channel_end.get(), SOL_SOCKET, SO_PEEK_OFF, &begin, sizeof(begin)) == 0,
         "SO_PEEK_OFF");
  Say(channel_end);
  Await(channel_end);
  Hear(channel_end);  // 'a', after which it was stopped and looked at
  int offset = -1;
  socklen_t size = sizeof(offset);
  ::getsockopt(channel_end.get(), SOL_SOCKET, SO_PEEK_OFF, &offset, &size);
  PEER_EXPECT(offset == 0);
}

}  // namespace

TEST_CASE("memtrack: memory in the queue of a stopped receiver") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  auto peer = START_PEER(PeerKind::kProcess, TakesThree);
  const Handle end = peer.TakeEnd();
  REQUIRE(Hear(end));
  {
    const Stopped stopped(peer.pid());
    {
      const Handle first = MakeMemfd("baton:in flight", kPages);
      const Handle second = MakeMemfd("baton:behind it");
      const Handle file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
      SendDescriptors(end, 'a', {first.get(), file.get()});
      SendDescriptors(end, 'b', {});
      SendDescriptors(end, 'c', {second.get()});
    }
    for (int round = 0; round < 3; ++round) {
      const Snapshot snapshot = LookAt({peer.pid()});
      REQUIRE(snapshot.processes.size() == 1);
      CHECK(snapshot.processes[0].is_stopped);
      REQUIRE(snapshot.in_flight.size() == 1);
      const InFlightHold& hold = snapshot.in_flight[0];
      CHECK(hold.receiver == snapshot.processes[0].key);
      CHECK(hold.descriptors == 3);
      const Segment* const segment = Find(snapshot, "baton:in flight");
      REQUIRE(segment != nullptr);
      CHECK(hold.segments == std::vector<SegmentKey>{segment->key});
      CHECK(segment->size == kPages * kPage);
      CHECK(segment->seals.has_value());
      CHECK(Of(snapshot.descriptors, segment->key).empty());
      CHECK(Find(snapshot, "baton:behind it") == nullptr);  // only the head can be looked at
      CHECK(snapshot.coverage.closed_sockets == 0);
    }
  }
  peer.Join();  // it has got all three as they were sent
}

TEST_CASE("memtrack: who may not look into sockets still counts what lies there") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  auto peer = START_PEER(PeerKind::kProcess, TakesThree);
  const Handle end = peer.TakeEnd();
  REQUIRE(Hear(end));
  {
    const Stopped stopped(peer.pid());
    const Handle memfd = MakeMemfd("baton:unseen");
    SendDescriptors(end, 'a', {memfd.get(), memfd.get()});
    ScanOptions options;
    options.processes = {peer.pid()};
    options.looks_into_sockets = false;
    const Snapshot snapshot = Look(options);
    REQUIRE(snapshot.in_flight.size() == 1);
    CHECK(snapshot.in_flight[0].descriptors == 2);
    CHECK(snapshot.in_flight[0].segments.empty());
    CHECK(snapshot.coverage.closed_sockets == 1);
    SendDescriptors(end, 'b', {});
    SendDescriptors(end, 'c', {memfd.get()});
  }
  peer.Join();
}

TEST_CASE("memtrack: a socket with a place of its own to look from is left alone") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  auto peer = START_PEER(PeerKind::kProcess, LooksAhead);
  const Handle end = peer.TakeEnd();
  REQUIRE(Hear(end));
  {
    const Stopped stopped(peer.pid());
    const Handle memfd = MakeMemfd("baton:untouched");
    SendDescriptors(end, 'a', {memfd.get()});
    const Snapshot snapshot = LookAt({peer.pid()});
    REQUIRE(snapshot.in_flight.size() == 1);
    CHECK(snapshot.in_flight[0].descriptors == 1);
    CHECK(snapshot.in_flight[0].segments.empty());
    CHECK(snapshot.coverage.closed_sockets == 1);
  }
  peer.Join();
}

TEST_CASE("memtrack: a look at a socket leaves its queue as it was, and us without descriptors") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  for (const int type : {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET}) {
    int pair[2];
    REQUIRE(::socketpair(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) == 0);
    const Handle sender(pair[0]), receiver(pair[1]);
    CHECK_FALSE(PeekDescriptors(receiver).has_value());  // there is nothing
    const int on = 1;
    REQUIRE(::setsockopt(receiver.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) == 0);
    const Handle memfd = MakeMemfd("probe");
    SendDescriptors(sender, 'a', {memfd.get(), memfd.get(), memfd.get()});
    for (int round = 0; round < 3; ++round) {
      const auto handles = Must(PeekDescriptors(receiver));
      REQUIRE(handles.size() == 3);
      CHECK((::fcntl(handles[0].get(), F_GETFD) & FD_CLOEXEC) != 0);
      CHECK(Must(baton::platform::SameObject(handles[0], memfd)));
    }
    CHECK(ReceiveDescriptors(receiver).byte == 'a');
  }
}

TEST_CASE("memtrack: what lies in a queue of ours is counted and not looked into") {
  const LeakCheck leak_check;
  int pair[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
  const Handle sender(pair[0]), receiver(pair[1]);
  const Handle memfd = MakeMemfd("probe");
  SendDescriptors(sender, 'a', {memfd.get()});
  const Snapshot snapshot = LookAt({::getpid()});
  REQUIRE(snapshot.in_flight.size() == 1);
  CHECK(snapshot.in_flight[0].socket_descriptor == receiver.get());
  CHECK(snapshot.in_flight[0].segments.empty());
}

TEST_CASE("memtrack: memory in flight that nobody looks at is a ghost, else it is explained") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  constexpr std::size_t kMany = 12'288;  // 48 MiB: more than others change meanwhile
  constexpr std::int64_t kBytes = kMany * kPage, kNoise = kBytes / 2;
  auto peer = START_PEER(PeerKind::kProcess, TakesThree);
  const Handle end = peer.TakeEnd();
  REQUIRE(Hear(end));
  ScanOptions blind, seeing;
  blind.looks_into_sockets = false;
  // Others of this machine come and go, so that one comparison proves nothing; the difference of
  // two that follow each other has to show it once.
  bool is_ghost = false, is_explained = false;
  {
    const Stopped stopped(peer.pid());
    const Snapshot before = Look(blind);
    {
      const Handle memfd = MakeMemfd("baton:heavy", kMany);
      Expect(::fallocate(memfd.get(), 0, 0, kBytes) == 0, "fallocate");
      SendDescriptors(end, 'a', {memfd.get(), memfd.get()});
    }
    for (int round = 0; round < 20 && !(is_ghost && is_explained); ++round) {
      const std::int64_t unseen = Look(blind).machine.ghosts();
      const Snapshot seen = Look(seeing);
      is_ghost = is_ghost || unseen - before.machine.ghosts() > kNoise;
      is_explained = is_explained || unseen - seen.machine.ghosts() > kNoise;
    }
    SendDescriptors(end, 'b', {});
    const Handle last = MakeMemfd("probe");
    SendDescriptors(end, 'c', {last.get()});
  }
  CHECK(is_ghost);
  // To look into the sockets of another process is allowed to root, and to its own user where no
  // policy (Yama) forbids it; Look(seeing) says which by what it could not look into.
  if (::geteuid() == 0) CHECK(is_explained);
  peer.Join();
}
