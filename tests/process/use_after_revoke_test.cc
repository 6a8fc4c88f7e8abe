// A raw pointer into memory that was handed over faults, in release builds too.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include <baton/platform/local_socket.h>
#include <baton/platform/shared_memory.h>
#include "tests/support/guarded.h"
#include "tests/support/leak_check.h"
#include "tests/support/must.h"
#include "tests/support/peer.h"

namespace baton::testing {
namespace {

using platform::ExitStatus;
using platform::Handle;
using platform::Mapping;
using platform::SharedMemory;

constexpr std::size_t kUseAfterRevokeSize = 3 * 4096 + 1;

Mapping MakeMapping() {
  // Whatever the environment wishes: what lies behind is SIGBUS where pages are moved.
  return Must(Must(SharedMemory::Create("use after revoke", kUseAfterRevokeSize))
                  .Map({.way = platform::RevocationWay::kInPlace}));
}

// A sanitizer would report the signal and exit; here the signal itself is the matter.
void TouchAndDie(volatile std::byte* address, bool write) {
  std::signal(SIGSEGV, SIG_DFL);
  std::signal(SIGBUS, SIG_DFL);
  if (write) {
    *address = std::byte{1};
  } else {
    [[maybe_unused]] const std::byte read = *address;
  }
  std::_Exit(EXIT_SUCCESS);
}

PEER(ReadsTheFirstByte) {
  Mapping mapping = MakeMapping();
  Must(mapping.Revoke());
  TouchAndDie(mapping.bytes().data(), false);
}

PEER(WritesTheLastByte) {
  Mapping mapping = MakeMapping();
  Must(mapping.Revoke());
  TouchAndDie(&mapping.bytes().back(), true);
}

PEER(ReadsBeforeTheBeginning) {
  const Mapping mapping = MakeMapping();
  TouchAndDie(mapping.bytes().data() - 1, false);
}

PEER(WritesBehindTheEnd) {
  const Mapping mapping = MakeMapping();
  TouchAndDie(mapping.bytes().data() + 4 * 4096, true);
}

PEER(WritesWhereItMay) {
  Mapping mapping = MakeMapping();
  Must(mapping.Revoke());
  Must(mapping.Grant());
  TouchAndDie(&mapping.bytes().back(), true);
}

// Of 5 MiB and a byte, whose page tables are moved.
Mapping MakeLargeMapping(platform::Placement placement = platform::Placement::kAtBeginning) {
  constexpr std::size_t kLarge = (std::size_t{5} << 20) + 1;
  return Must(Must(SharedMemory::Create("use after revoke", kLarge)).Map({.placement = placement}));
}

PEER(WritesFirstOfLarge) {
  Mapping mapping = MakeLargeMapping();
  Must(mapping.Revoke());
  TouchAndDie(mapping.bytes().data(), true);
}

PEER(ReadsLastOfLarge) {
  Mapping mapping = MakeLargeMapping();
  Must(mapping.Revoke());
  TouchAndDie(&mapping.bytes().back(), false);
}

PEER(WritesBeforeLarge) {
  const Mapping mapping = MakeLargeMapping();
  TouchAndDie(mapping.bytes().data() - 1, true);
}

PEER(WritesBehindLarge) {
  const Mapping mapping = MakeLargeMapping(platform::Placement::kAtEnd);
  TouchAndDie(mapping.bytes().data() + mapping.bytes().size(), true);
}

PEER(WritesBehindSmallAtEnd) {
  const Mapping mapping = Must(Must(SharedMemory::Create("overrun", kUseAfterRevokeSize))
                                   .Map({.way = platform::RevocationWay::kInPlace,
                                         .placement = platform::Placement::kAtEnd}));
  TouchAndDie(mapping.bytes().data() + kUseAfterRevokeSize, true);
}

ExitStatus EndOf(const PeerProgram& program) {
  Peer peer(PeerKind::kProcess, program);
  return peer.AwaitEnd();
}

TEST_CASE("Touching revoked memory ends the process") {
  const Guarded guarded;
  CHECK(EndOf(ReadsTheFirstByte).signal == SIGSEGV);
  CHECK(EndOf(WritesTheLastByte).signal == SIGSEGV);
}

TEST_CASE("Touching the page before or behind the memory ends the process") {
  const Guarded guarded;
  CHECK(EndOf(ReadsBeforeTheBeginning).signal == SIGSEGV);
  CHECK(EndOf(WritesBehindTheEnd).signal == SIGSEGV);
}

TEST_CASE("Touching large memory that was revoked, or what lies around it, ends the process") {
  const Guarded guarded;
  CHECK(EndOf(WritesFirstOfLarge).signal == SIGSEGV);
  CHECK(EndOf(ReadsLastOfLarge).signal == SIGSEGV);
  CHECK(EndOf(WritesBeforeLarge).signal == SIGSEGV);
}

TEST_CASE("The first byte behind memory at the end of its pages ends the process") {
  const Guarded guarded;
  CHECK(EndOf(WritesBehindSmallAtEnd).signal == SIGSEGV);
  const int behind_large = EndOf(WritesBehindLarge).signal;  // behind the end of the object
  CHECK((behind_large == SIGBUS || behind_large == SIGSEGV));
}

TEST_CASE("Touching memory that was granted again is fine") {
  const Guarded guarded;
  const ExitStatus end = EndOf(WritesWhereItMay);
  CHECK(end.signal == 0);
  CHECK(end.code == EXIT_SUCCESS);
}

TEST_CASE("The kernel may not touch revoked memory for us, and the content comes back") {
  const LeakCheck leak_check;
  Mapping mapping = MakeMapping();
  std::ranges::fill(mapping.bytes(), std::byte{0x7e});
  const Handle zeros(::open("/dev/zero", O_RDONLY | O_CLOEXEC));
  REQUIRE(zeros);

  Must(mapping.Revoke());
  CHECK(::read(zeros.get(), mapping.bytes().data(), mapping.bytes().size()) == -1);
  CHECK(errno == EFAULT);

  Must(mapping.Grant());
  CHECK(std::ranges::count(mapping.bytes(), std::byte{0x7e}) ==
        std::ptrdiff_t{kUseAfterRevokeSize});
  CHECK(::read(zeros.get(), mapping.bytes().data(), 1) == 1);
  CHECK(mapping.bytes().front() == std::byte{0});
}

}  // namespace
}  // namespace baton::testing
