// Every system call of the platform layer fails once: an error comes back, and nothing stays
// behind.
#include <baton/platform/fault_injection.h>
#include <fcntl.h>

#include <array>
#include <catch2/catch.hpp>
#include <cerrno>
#include <string>
#include <vector>

#include <baton/platform/entropy.h>
#include <baton/platform/frozen_memory.h>
#include <baton/platform/local_socket.h>
#include <baton/platform/process.h>
#include <baton/platform/shared_memory.h>
#include "tests/support/must.h"
#include "tests/support/patience.h"
#include "tests/support/skip.h"
#include "tests/support/sweep_faults.h"

namespace baton::platform {
namespace {

using baton::testing::kPatience;
using baton::testing::Must;
using baton::testing::SweepFaults;
using testing::FailNthCall;

Result<void> MakeMapAndRevoke() {
  BATON_TRY(const SharedMemory memory, SharedMemory::Create("sweep", 3 << 20));
  BATON_TRY(Mapping mapping, memory.Map());
  BATON_CHECKED(mapping.Revoke());
  return mapping.Grant();
}

Result<void> HandOver() {
  BATON_TRY(const SharedMemory memory, SharedMemory::Create("sweep", 4096));
  BATON_TRY(const auto ends, CreateSocketPair());
  std::array<std::byte, 1> byte = {};
  std::vector<Handle> handles;
  BATON_CHECKED(SendSome(ends.first, byte, std::array{memory.handle().get()}));
  BATON_CHECKED(ReceiveSome(ends.second, byte, handles));
  BATON_CHECKED(handles.at(0).Duplicate());
  BATON_CHECKED(SharedMemory::Adopt(std::move(handles.at(0)), 4096));
  return {};
}

Result<void> LaunchAndEnd() {
  BATON_TRY(const auto ends, CreateSocketPair());
  BATON_TRY(Process process, Process::Launch({"/bin/sleep", {"1000"}, {}},
                                             std::array{ends.first.get(), ends.second.get()}));
  BATON_CHECKED(process.Kill());
  BATON_TRY(const auto end, process.Wait(kPatience));
  if (!end) return Fail(make_error_code(std::errc::timed_out));
  return {};
}

Result<void> DrawLots() {
  std::array<std::byte, 16> lot = {};
  return FillRandom(lot);
}

TEST_CASE("Whatever system call fails, the answer is an error and nothing leaks") {
  if (!testing::kCanInjectFaults) SKIP_TEST("a build in which no system call can be made to fail");
  const int error = GENERATE(ENOMEM, EMFILE, EPERM);
  SECTION("memory and mappings") {
    SweepFaults(error, MakeMapAndRevoke);
  }
  SECTION("sockets and received memory") {
    SweepFaults(error, HandOver);
  }
  SECTION("processes") {
    SweepFaults(error, LaunchAndEnd);
  }
  SECTION("random bytes") {
    SweepFaults(error, DrawLots);
  }
}

TEST_CASE("Exactly the nth call fails, with the error that was asked for, and is named") {
  if (!testing::kCanInjectFaults) SKIP_TEST("a build in which no system call can be made to fail");
  FailNthCall fault(2, ENFILE);
  CHECK(DrawLots());
  CHECK(fault.failed_call() == nullptr);
  CHECK(DrawLots().error() == std::errc::too_many_files_open_in_system);
  CHECK(fault.failed_call() == std::string("getrandom"));
  CHECK(DrawLots());
}

TEST_CASE("A fault that was not met goes away with its scope") {
  { const FailNthCall fault(1, ENOMEM); }
  CHECK(DrawLots());
}

TEST_CASE("A call that a signal interrupts is made again, and nobody notices") {
  if (!testing::kCanInjectFaults) SKIP_TEST("a build in which no system call can be made to fail");
  int interrupted = 0;
  for (bool met = true; met; ++interrupted) {
    FailNthCall fault(interrupted + 1, EINTR);
    CHECK(MakeMapAndRevoke());
    CHECK(HandOver());
    CHECK(DrawLots());
    met = fault.failed_call() != nullptr;
  }
  CHECK(interrupted > 10);
}

// memfd_create(2) knows the flag against execution since Linux 6.3 and says EINVAL before.
TEST_CASE("A kernel that does not know the newest flag makes memory all the same") {
  if (!testing::kCanInjectFaults) SKIP_TEST("a build in which no system call can be made to fail");
  FailNthCall fault(2, EINVAL);  // after sysinfo
  CHECK(SharedMemory::Create("old kernel", 4096));
  CHECK(fault.failed_call() == std::string("memfd_create"));
  CHECK(SharedMemory::Create("old kernel", 4096));
}

// It holds a page for a moment, to move it (memfd_wait_for_pins).
TEST_CASE("Own memory that the kernel does not seal at once is sealed all the same") {
  if (!testing::kCanInjectFaults) SKIP_TEST("a build in which no system call can be made to fail");
  const std::array<std::byte, 100> bytes = {};
  bool was_busy = false;
  for (int nth = 1; !was_busy; ++nth) {
    FailNthCall fault(nth, EBUSY);
    const auto frozen = CreateFrozenMemoryOf(MemoryBackend::kMemfd, "busy", bytes);
    REQUIRE(fault.failed_call() != nullptr);
    was_busy = fault.failed_call() == std::string("fcntl(F_ADD_SEALS)");
    CHECK(frozen.has_value() == was_busy);
    if (frozen) CHECK((::fcntl(frozen->get(), F_GET_SEALS) & F_SEAL_WRITE) != 0);
  }
}

}  // namespace
}  // namespace baton::platform
