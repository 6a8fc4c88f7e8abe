#include "tests/support/peer.h"

#include <array>
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <map>
#include <thread>
#include <utility>

#include <baton/base/check.h>
#include <baton/platform/local_socket.h>
#include "tests/support/failure.h"
#include "tests/support/must.h"
#include "tests/support/patience.h"
#include "tests/support/watchdog.h"

namespace baton::testing {
namespace {

using platform::ExitStatus;
using platform::Handle;
using platform::Process;

std::map<std::string, PeerBody>& Bodies() {
  static std::map<std::string, PeerBody> bodies;
  return bodies;
}

void RunInThread(PeerBody body, Handle end) {
  const PeerThreadScope scope;
  try {
    body(std::move(end));
  } catch (const PeerEnded&) {
    // The reason is recorded.
  } catch (const std::exception& error) {
    RecordFailure(__FILE__, __LINE__, std::string("the body threw: ") + error.what());
  }
}

}  // namespace

struct Peer::Running {
  virtual ~Running() = default;
  virtual void Join() = 0;
  virtual void Kill() = 0;
  virtual ExitStatus AwaitEnd() = 0;
  virtual int pid() const = 0;
};

struct Peer::ThreadPeer final : Peer::Running {
  ThreadPeer(const PeerProgram& program, Handle far_end)
      : thread_([this, body = program.body(), end = std::move(far_end)]() mutable {
          RunInThread(body, std::move(end));
          ended_.set_value();
        }) {}

  void Join() override {
    // A thread cannot be ended from outside; the process can.
    if (ended_.get_future().wait_for(kPatience) != std::future_status::ready) {
      std::fputs("a peer's thread hangs\n", stderr);
      PrintRecordedFailures();
      std::_Exit(kWatchdogExitCode);
    }
    thread_.join();
    ReportRecordedFailures();
  }

  void Kill() override { FAIL("a thread cannot be killed"); }
  int pid() const override { FailHere(__FILE__, __LINE__, "a thread has no process id"); }
  ExitStatus AwaitEnd() override { FailHere(__FILE__, __LINE__, "a thread has no exit status"); }

 private:
  std::promise<void> ended_;
  std::thread thread_;
};

struct Peer::ProcessPeer final : Peer::Running {
  ProcessPeer(const PeerProgram& program, Handle far_end)
      : process_(Must(Process::Launch({"/proc/self/exe", {"--baton-peer", program.name()}, {}},
                                      std::array{far_end.get()}))) {}

  void Join() override {
    const ExitStatus status = AwaitEnd();
    if (status.signal != 0) FAIL_CHECK("the peer's process died of signal " << status.signal);
    if (status.code != 0) FAIL_CHECK("the peer's process failed with code " << status.code);
  }

  void Kill() override {
    Must(process_.Kill());
    AwaitEnd();
  }

  ExitStatus AwaitEnd() override {
    const auto waited = process_.Wait(kPatience);
    if (waited.has_value() && waited->has_value()) return **waited;
    FAIL_CHECK("the peer's process hangs, or cannot be waited for");
    if (!process_.Kill().has_value()) FAIL_CHECK("the peer's process cannot be killed");
    return {};
  }

  int pid() const override { return process_.pid(); }

 private:
  Process process_;
};

PeerProgram::PeerProgram(std::string name, PeerBody body) : name_(std::move(name)), body_(body) {
  const bool added = Bodies().emplace(name_, body_).second;
  BATON_CHECK(added);
}

Peer::Peer(PeerKind kind, const PeerProgram& program) {
  auto [here, there] = Must(platform::CreateSocketPair());
  end_ = std::move(here);
  if (kind == PeerKind::kThread) {
    running_ = std::make_unique<ThreadPeer>(program, std::move(there));
  } else {
    running_ = std::make_unique<ProcessPeer>(program, std::move(there));
  }
}

Peer::Peer(Peer&&) noexcept = default;

Peer::~Peer() {
  Join();
}

Handle Peer::TakeEnd() {
  REQUIRE(end_);
  return std::move(end_);
}

void Peer::Kill() {
  REQUIRE(running_ != nullptr);
  running_->Kill();
  running_.reset();
}

void Peer::Join() {
  end_.Reset();
  if (const auto running = std::exchange(running_, nullptr)) running->Join();
}

ExitStatus Peer::AwaitEnd() {
  REQUIRE(running_ != nullptr);
  const ExitStatus status = running_->AwaitEnd();
  running_.reset();
  return status;
}

int Peer::pid() const {
  REQUIRE(running_ != nullptr);
  return running_->pid();
}

PeerBody FindPeerBody(const std::string& name) {
  const auto found = Bodies().find(name);
  return found == Bodies().end() ? nullptr : found->second;
}

void ReportRecordedFailures() {
  for (const std::string& failure : TakeRecordedFailures()) FAIL_CHECK("in the peer: " << failure);
}

}  // namespace baton::testing
