// Memory of rings, which nobody can freeze: what it withstands, and what is refused in its place.
#include <baton/platform/shared_memory.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <limits>

#include "tests/support/leak_check.h"
#include "tests/support/must.h"
#include "tests/support/sealed_memory.h"

namespace baton::platform {
namespace {

using baton::testing::LeakCheck;
using baton::testing::Must;

constexpr std::uint64_t kSize = 8192;
constexpr int kAllSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

Handle Duplicate(const SharedMemory& memory) {
  return Handle(::fcntl(memory.handle().get(), F_DUPFD_CLOEXEC, 0));
}

// A memfd of this size with exactly these seals.
Handle Memfd(std::uint64_t size, int seals) {
  Handle memory(::memfd_create("ring", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  REQUIRE(::ftruncate(memory.get(), static_cast<off_t>(size)) == 0);
  REQUIRE(::fcntl(memory.get(), F_ADD_SEALS, seals) == 0);
  return memory;
}

TEST_CASE("The memory of a ring takes no more seals and keeps its size") {
  SKIP_UNLESS_SEALED();
  const LeakCheck leak_check;
  const SharedMemory memory = Must(SharedMemory::CreateRing("ring", kSize));
  CHECK(memory.size() == kSize);
  const int fd = memory.handle().get();
  CHECK((::fcntl(fd, F_GET_SEALS) & kAllSeals) == kAllSeals);
  const int more = GENERATE(F_SEAL_WRITE, F_SEAL_FUTURE_WRITE);
  CHECK(::fcntl(fd, F_ADD_SEALS, more) == -1);
  CHECK(errno == EPERM);
  const off_t other = GENERATE(off_t{0}, 4096, 16384);
  CHECK(::ftruncate(fd, other) == -1);
  CHECK(errno == EPERM);
}

TEST_CASE("The memory of a ring is adopted with the size that it has, and both sides write it") {
  const LeakCheck leak_check;
  const SharedMemory made = Must(SharedMemory::CreateRing("ring", kSize));
  // Not kSize itself: GENERATE would keep a reference to it.
  const std::uint64_t max_size = GENERATE(
      values<std::uint64_t>({kSize, kSize + 1, std::numeric_limits<std::uint64_t>::max()}));
  const SharedMemory adopted = Must(SharedMemory::AdoptRing(Duplicate(made), max_size));
  CHECK(adopted.size() == kSize);
  const Mapping ours = Must(made.Map());
  const Mapping theirs = Must(adopted.Map());
  ours.bytes()[0] = std::byte{1};
  theirs.bytes()[kSize - 1] = std::byte{2};
  CHECK(theirs.bytes()[0] == std::byte{1});
  CHECK(ours.bytes()[kSize - 1] == std::byte{2});
}

TEST_CASE("Memory of an impossible size is not made for a ring") {
  const LeakCheck leak_check;
  const auto size = GENERATE(std::uint64_t{0}, (std::uint64_t{1} << 47) + 1);
  CHECK(SharedMemory::CreateRing("ring", size).error() == std::errc::invalid_argument);
}

TEST_CASE("A ring's memory that is empty or larger than allowed is refused and closed") {
  const LeakCheck leak_check;
  struct Row {
    std::uint64_t size;
    std::uint64_t max_size;
  };
  const auto row = GENERATE(values<Row>({{0, kSize}, {kSize, kSize - 1}, {kSize, 0}, {1, 0}}));
  CAPTURE(row.size, row.max_size);
  Handle memory = Memfd(row.size, kAllSeals);
  CHECK(SharedMemory::AdoptRing(std::move(memory), row.max_size).error() == Rule::kHandleSize);
}

TEST_CASE(
    "For a ring, memory without all of the three seals, or that nobody can write, is refused") {
  const LeakCheck leak_check;
  const int seals = GENERATE(0, int{F_SEAL_SEAL}, F_SEAL_SHRINK | F_SEAL_GROW,
                             F_SEAL_SHRINK | F_SEAL_SEAL, F_SEAL_GROW | F_SEAL_SEAL,
                             kAllSeals | F_SEAL_WRITE, kAllSeals | F_SEAL_FUTURE_WRITE);
  CAPTURE(seals);
  Handle memory = Memfd(kSize, seals);
  CHECK(SharedMemory::AdoptRing(std::move(memory), kSize, UnsealedMemory::kRefuse).error() ==
        Rule::kHandleSeals);
}

TEST_CASE("What is no memory is not adopted as a ring's") {
  const LeakCheck leak_check;
  Handle no_memory(::eventfd(0, EFD_CLOEXEC));
  CHECK(SharedMemory::AdoptRing(std::move(no_memory), kSize).error() == Rule::kHandleKind);
  Handle unsealable(::memfd_create("unsealable", MFD_CLOEXEC));
  REQUIRE(::ftruncate(unsealable.get(), kSize) == 0);
  // Without MFD_ALLOW_SEALING a memfd has one seal, F_SEAL_SEAL, and can never get the others.
  CHECK(SharedMemory::AdoptRing(std::move(unsealable), kSize, UnsealedMemory::kRefuse).error() ==
        Rule::kHandleSeals);
  CHECK(SharedMemory::AdoptRing(Handle(), kSize).error() == std::errc::bad_file_descriptor);
}

}  // namespace
}  // namespace baton::platform
