#include "tests/support/failure.h"

#include <catch2/catch.hpp>
#include <cstdio>
#include <mutex>
#include <utility>

namespace baton::testing {
namespace {

thread_local bool on_peer_thread = false;

struct Recorded {
  std::mutex mutex;
  std::vector<std::string> failures;
};

Recorded& TheRecorded() {
  static Recorded recorded;
  return recorded;
}

}  // namespace

void FailHere(const char* file, int line, const std::string& message) {
  if (on_peer_thread) {
    RecordFailure(file, line, message);
    throw PeerEnded();
  }
  FAIL(file << ":" << line << ": " << message);
  throw PeerEnded();  // FAIL has thrown already, but does not say so
}

void RecordFailure(const char* file, int line, const std::string& message) {
  Recorded& recorded = TheRecorded();
  const std::lock_guard lock(recorded.mutex);
  recorded.failures.push_back(std::string(file) + ":" + std::to_string(line) + ": " + message);
}

std::vector<std::string> TakeRecordedFailures() {
  Recorded& recorded = TheRecorded();
  const std::lock_guard lock(recorded.mutex);
  return std::exchange(recorded.failures, {});
}

void PrintRecordedFailures() {
  for (const std::string& failure : TakeRecordedFailures()) {
    std::fprintf(stderr, "recorded: %s\n", failure.c_str());
  }
}

PeerThreadScope::PeerThreadScope() {
  on_peer_thread = true;
}

PeerThreadScope::~PeerThreadScope() {
  on_peer_thread = false;
}

}  // namespace baton::testing
