// Handles that have come from a peer, and are closed by nobody who can be made to wait.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <list>
#include <thread>
#include <utility>
#include <vector>

#include <baton/platform/local_socket.h>
#include <baton/platform/peer_identity.h>
#include <baton/platform/received_handle.h>
#include <baton/platform/shared_memory.h>
#include "tests/support/guarded.h"
#include "tests/support/lingering.h"
#include "tests/support/many_files.h"
#include "tests/support/must.h"
#include "tests/support/patience.h"
#include "tests/support/skip.h"
#include "tests/unit/platform/is_open.h"

namespace baton::platform {
namespace {

using baton::testing::Guarded;
using baton::testing::Lingering;
using baton::testing::Must;
using baton::testing::SendTheLast;

template <class Condition>
bool ComesTrue(Condition condition) {
  const auto until = std::chrono::steady_clock::now() + baton::testing::kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::yield();
  }
  return true;
}

bool AllAreClosed() {
  return ComesTrue([] { return ForeignHandlesOpen() == 0; });
}

Handle AFile(HandleSource source = kUnknownSource) {
  Handle file(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  REQUIRE(file);
  return Handle::Foreign(file.Release(), source);
}

std::array<Handle, 2> APipe() {
  std::array<int, 2> ends = {};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  return {Handle(ends[0]), Handle(ends[1])};
}

void Send(const Handle& socket, const Handle& handle) {
  const std::byte byte{1};
  const NativeHandle natives[] = {handle.get()};
  REQUIRE(Must(SendSome(socket, std::span(&byte, 1), natives)) == 1);
}

// --- What closes at once, and what does not ------------------------------------------------------

TEST_CASE("Memory, processes and pipes of a peer's are closed at once") {
  const Guarded guarded;
  std::vector<Handle> handles;
  handles.push_back(Must(Must(SharedMemory::Create("foreign", 4096)).handle().Duplicate()));
  handles.emplace_back(static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0)));
  for (Handle& end : APipe()) handles.push_back(std::move(end));
  Lingering lingering;
  CloseForeign(lingering.Take());  // so that nobody else closes them
  for (Handle& handle : handles) {
    REQUIRE(handle);
    const NativeHandle native = handle.get();
    CloseForeign(std::move(handle));
    CHECK_FALSE(IsOpen(native));
    CHECK(ForeignHandlesOpen() == 1);
  }
  lingering.LetGo();
  CHECK(AllAreClosed());
}

TEST_CASE("A local socket of a peer's holds up nobody, whatever lies unread in it") {
  const Guarded guarded;
  auto ends = Must(CreateSocketPair());
  Lingering lingering;
  SendTheLast(ends.first, lingering);
  CloseForeign(std::move(ends.second));  // the watchdog would have ended a wait
  CHECK(ForeignHandlesOpen() == 1);
  lingering.LetGo();
  CHECK(AllAreClosed());
}

TEST_CASE("Whatever else a peer has sent is closed by somebody else, soon") {
  [[maybe_unused]] const int turn = GENERATE(1, 2, 3);  // the thread is there from the second on
  const Guarded guarded;
  Handle file = AFile();
  const NativeHandle native = file.get();
  SECTION("when it is closed as such") {
    CloseForeign(std::move(file));
  }
  SECTION("when it is reset") {
    file.Reset();
  }
  SECTION("when it was moved, and goes away") {
    Handle moved(std::move(file));
    Handle assigned;
    assigned = std::move(moved);
    CHECK(assigned.is_foreign());
  }
  CHECK(AllAreClosed());
  CHECK_FALSE(IsOpen(native));
  CloseForeign(Handle());
  CHECK(ForeignHandlesOpen() == 0);
}

TEST_CASE("A duplicate is as foreign as what it was made of, until it is accepted") {
  const Guarded guarded;
  Handle file = AFile();
  Handle second = Must(file.Duplicate());
  CHECK(second.is_foreign());
  second.Accept();
  const NativeHandle native = second.get();
  second.Reset();
  CHECK_FALSE(IsOpen(native));
  CHECK(ForeignHandlesOpen() == 0);
  CHECK_FALSE(Must(Handle(::open("/dev/null", O_RDONLY | O_CLOEXEC)).Duplicate()).is_foreign());
}

TEST_CASE("What has been received is foreign, and memory that is adopted is not") {
  const Guarded guarded;
  const auto [here, there] = Must(CreateSocketPair());
  const SharedMemory memory = Must(SharedMemory::Create("foreign", 4096));
  const NativeHandle natives[] = {memory.handle().get()};
  std::byte byte{1};
  REQUIRE(Must(SendSome(here, std::span(&byte, 1), natives)) == 1);
  std::vector<Handle> handles;
  REQUIRE(Must(ReceiveSome(there, std::span(&byte, 1), handles)) == 1);
  REQUIRE(handles.size() == 1);
  CHECK(handles.front().is_foreign());
  CHECK(CheckReceivedMemory(handles.front()));
  CHECK(CheckReceivedMemory(AFile()).error() == Rule::kHandleKind);
  const SharedMemory adopted = Must(SharedMemory::Adopt(std::move(handles.front()), 4096));
  CHECK_FALSE(adopted.handle().is_foreign());
}

// --- Who is held up ------------------------------------------------------------------------------

TEST_CASE("Handles of one source that do not close do not keep those of others open") {
  const Guarded guarded;
  const HandleSource evil = NewHandleSource();
  Lingering lingering;
  CloseForeign(Handle::Foreign(lingering.Take().Release(), evil));
  CloseForeign(AFile(evil));
  for (int turn = 0; turn < 20; ++turn) {
    Handle file = AFile(NewHandleSource());
    const NativeHandle native = file.get();
    file.Reset();
    CHECK(ComesTrue([&] { return ForeignHandlesOpen() == 2; }));
    CHECK_FALSE(IsOpen(native));
  }
  lingering.LetGo();
  CHECK(AllAreClosed());
}

TEST_CASE("Of whom many handles do not close, no more are taken, and of others they are") {
  const Guarded guarded;
  auto [here, there] = Must(CreateSocketPair());
  const Handle evil = TakeEnd(std::move(here));
  auto [here_too, there_too] = Must(CreateSocketPair());
  const Handle honest = TakeEnd(std::move(here_too));
  Lingering lingering;
  CloseForeign(Handle::Foreign(lingering.Take().Release(), evil.source()));
  while (ForeignHandlesOpen() < kMostForeignHandlesOfOne) CloseForeign(AFile(evil.source()));
  Lingering last;
  SendTheLast(there, last);
  std::byte byte{};
  std::vector<Handle> handles;
  // It stays unread: whoever takes its bytes alone would let go of it there and then, and wait.
  for (int turn = 0; turn < 2; ++turn) {
    const auto refused = ReceiveSome(evil, std::span(&byte, 1), handles);
    CHECK(refused.error() == std::errc::too_many_files_open);
  }
  Send(there_too, AFile());
  CHECK(Must(ReceiveSome(honest, std::span(&byte, 1), handles)) == 1);
  CHECK(handles.size() == 1);
  handles.clear();
  lingering.LetGo();
  CHECK(AllAreClosed());
  CHECK(Must(ReceiveSome(evil, std::span(&byte, 1), handles)) == 1);
  CHECK(handles.size() == 1);
  last.LetGo();
}

std::ptrdiff_t ThreadsOfThisProcess() {
  const std::filesystem::directory_iterator threads("/proc/self/task");
  return std::distance(begin(threads), end(threads));
}

// Gone from the table of files, and the kernel waits: a thread is in the middle of closing it.
void CloseUntilItHangs(Lingering& lingering) {
  Handle handle = Handle::Foreign(lingering.Take().Release(), NewHandleSource());
  const NativeHandle native = handle.get();
  CloseForeign(std::move(handle));
  REQUIRE(ComesTrue([&] { return !IsOpen(native); }));
}

TEST_CASE("Eight sources whose handles do not close have a thread each, and a ninth waits") {
  constexpr std::size_t kThreads = 8;  // Closer::kMostThreads
  const Guarded guarded;
  std::array<Lingering, kThreads> lingering;
  std::size_t count = 0;
  for (Lingering& one : lingering) {
    CloseUntilItHangs(one);
    CHECK(ForeignHandlesOpen() == ++count);
  }
  const auto threads = ThreadsOfThisProcess();
  Handle file = AFile(NewHandleSource());
  const NativeHandle native = file.get();
  file.Reset();
  CHECK(ThreadsOfThisProcess() <= threads);  // all of those close one that hangs
  CHECK(IsOpen(native));
  CHECK(ForeignHandlesOpen() == kThreads + 1);
  lingering.back().LetGo();
  CHECK(ComesTrue([&] { return ForeignHandlesOpen() == kThreads - 1; }));
  CHECK_FALSE(IsOpen(native));
  for (Lingering& one : lingering) one.LetGo();
  CHECK(AllAreClosed());
}

// Whose first handle does not close: the others wait behind it.
class HeldUp {
 public:
  explicit HeldUp(std::size_t handles) {
    auto [here, there] = Must(CreateSocketPair());
    end_ = TakeEnd(std::move(here));
    sender_ = std::move(there);
    CloseForeign(Handle::Foreign(first_.Take().Release(), end_.source()));
    for (std::size_t count = 1; count < handles; ++count) CloseForeign(AFile(end_.source()));
  }

  // Whether a handle that it sends is taken now.
  bool SendsOne() {
    Send(sender_, AFile());
    std::byte byte{};
    std::vector<Handle> handles;
    const auto received = ReceiveSome(end_, std::span(&byte, 1), handles);
    if (!received) CHECK(received.error() == std::errc::too_many_files_open);
    return received.has_value();
  }

 private:
  Lingering first_;
  Handle end_;
  Handle sender_;
};

TEST_CASE("Whatever others have sent that does not close, a few handles of each are taken") {
  const Guarded guarded;
  if (!baton::testing::AllowManyFiles()) SKIP_TEST("this process may not open enough files");
  {
    HeldUp few(kFewForeignHandlesOfOne - 2);
    HeldUp some(kFewForeignHandlesOfOne);
    CHECK(some.SendsOne());
    std::list<HeldUp> evil;
    while (ForeignHandlesOpen() < kMostForeignHandlesOpen) {
      evil.emplace_back(kMostForeignHandlesOfOne - 1);
    }
    CHECK(few.SendsOne());
    CHECK(few.SendsOne());
    CHECK_FALSE(few.SendsOne());
    CHECK_FALSE(some.SendsOne());
    CHECK_FALSE(evil.front().SendsOne());
    CHECK(HeldUp(1).SendsOne());
  }
  CHECK(AllAreClosed());
}

TEST_CASE("Bytes come from whom no more handles are taken, and whose they are is known") {
  const Guarded guarded;
  auto [here, there] = Must(CreateSocketPair());
  const Handle evil = TakeEnd(std::move(here));
  Must(IdentifySenders(evil, true));
  Lingering lingering;
  CloseForeign(Handle::Foreign(lingering.Take().Release(), evil.source()));
  while (ForeignHandlesOpen() < kMostForeignHandlesOfOne) CloseForeign(AFile(evil.source()));
  std::byte byte{1};
  REQUIRE(Must(SendSome(there, std::span(&byte, 1), {})) == 1);
  std::vector<Handle> handles;
  PeerIdentity sender;
  CHECK(Must(ReceiveSome(evil, std::span(&byte, 1), handles, &sender)) == 1);
  CHECK(sender.pid == ::getpid());
  Send(there, there);
  const auto refused = ReceiveSome(evil, std::span(&byte, 1), handles, &sender);
  CHECK(refused.error() == std::errc::too_many_files_open);
  lingering.LetGo();
  CHECK(AllAreClosed());
}

}  // namespace
}  // namespace baton::platform
