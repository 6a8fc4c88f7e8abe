// The far side of a test, written right above it and run in a thread or in a process of its own.
//
//   PEER(Echo) {
//     Frame frame = Must(ReadFrame(channel_end));
//     PEER_EXPECT(frame.kind == 2);
//     Must(WriteFrame(channel_end, frame));
//   }
//
//   TEST_CASE("A frame comes back as it went") {
//     const PeerKind kind = GENERATE(PeerKind::kThread, PeerKind::kProcess);
//     const Guarded guarded;
//     Peer peer = START_PEER(kind, Echo);
//     Handle end = peer.TakeEnd();
//     ...
//   }
//
// In the body `channel_end` is a platform::Handle: one end of CreateSocketPair, whose other end the
// test takes. A process is started afresh by running the test's own program again, so it inherits
// nothing but that end and is an ordinary program for sanitizers.
//
// Expectations over there fail the test over here, when it joins the peer. PEER_EXPECT and Must
// work in both kinds. Catch's own macros work in a process only: Catch is not thread safe.
#pragma once

#include <memory>
#include <string>

#include <baton/platform/handle.h>
#include <baton/platform/process.h>
#include "tests/support/failure.h"

namespace baton::testing {

enum class PeerKind { kThread, kProcess };

using PeerBody = void (*)(platform::Handle channel_end);

// A body under a name by which the test's program finds it when it is run again. Made by PEER.
class PeerProgram {
 public:
  PeerProgram(std::string name, PeerBody body);

  const std::string& name() const { return name_; }
  PeerBody body() const { return body_; }

 private:
  std::string name_;
  PeerBody body_;
};

// A running peer. Its failures, an end by a signal and an exit code other than 0 fail the test.
class Peer {
 public:
  Peer(PeerKind kind, const PeerProgram& program);
  Peer(Peer&&) noexcept;
  Peer& operator=(Peer&&) = delete;
  ~Peer();  // joins

  // This side's end of the pair. Once.
  platform::Handle TakeEnd();

  // What a crash looks like: the process is gone at once (SIGKILL) and reaped. Processes only.
  void Kill();

  // Waits until the body has ended, within kPatience, and reports its failures. Closes the test's
  // end first, if it was not taken. A second call does nothing.
  void Join();

  // For a peer that is meant to die by itself: waits, and does not judge. Processes only.
  platform::ExitStatus AwaitEnd();

  // Of a process; for signals such as SIGSTOP.
  int pid() const;

 private:
  struct Running;
  struct ThreadPeer;
  struct ProcessPeer;

  platform::Handle end_;
  std::unique_ptr<Running> running_;  // null once joined
};

// For main.cc. Null when there is no such peer in this program.
PeerBody FindPeerBody(const std::string& name);

// Fails the running test (as CHECK does) for everything that peers have recorded.
void ReportRecordedFailures();

}  // namespace baton::testing

#define PEER(Name)                                                                  \
  static void Name##Body(::baton::platform::Handle channel_end);                    \
  static const ::baton::testing::PeerProgram Name(__FILE__ ":" #Name, &Name##Body); \
  static void Name##Body([[maybe_unused]] ::baton::platform::Handle channel_end)

#define START_PEER(kind, Name) ::baton::testing::Peer(kind, Name)

#define PEER_EXPECT(condition)  \
  (static_cast<bool>(condition) \
       ? static_cast<void>(0)   \
       : ::baton::testing::RecordFailure(__FILE__, __LINE__, "PEER_EXPECT(" #condition ")"))
