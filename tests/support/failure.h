// Failing a test from wherever one is: from the test itself, or from a peer's thread, where Catch's
// own macros must not be used (they are not thread safe).
#pragma once

#include <string>
#include <vector>

namespace baton::testing {

// Ends the body that calls it: the running test, or the peer's body in its thread (the test then
// fails when it joins the peer).
[[noreturn]] void FailHere(const char* file, int line, const std::string& message);

// Remembers a failed expectation of a peer, from any thread. Whoever runs the peer reports it.
void RecordFailure(const char* file, int line, const std::string& message);

// Takes what was recorded so far, as "file:line: message".
std::vector<std::string> TakeRecordedFailures();

// Prints them to the standard error, for whoever ends the process because something hangs.
void PrintRecordedFailures();

// While it lives, FailHere on this thread records and throws PeerEnded instead of asking Catch.
class PeerThreadScope {
 public:
  PeerThreadScope();
  PeerThreadScope(const PeerThreadScope&) = delete;
  PeerThreadScope& operator=(const PeerThreadScope&) = delete;
  ~PeerThreadScope();
};

// Leaves a peer's body in its thread after a failure that was recorded.
struct PeerEnded {};

}  // namespace baton::testing
