// What every FrozenMapping promises, whatever its bytes came in: the comments of
// <baton/platform/frozen_memory.h>, executable.
#include <baton/platform/frozen_memory.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/support/handle_copies.h"
#include "tests/support/leak_check.h"
#include "tests/support/must.h"

namespace baton::testing {
namespace {

using platform::CapabilitiesOf;
using platform::CreateFrozenMemoryOf;
using platform::FrozenMapping;
using platform::Handle;
using platform::MemoryBackend;
using platform::UnsealedMemory;

MemoryBackend EachBackend() {
  return GENERATE(MemoryBackend::kMemfd, MemoryBackend::kPosixShm);
}

std::vector<std::byte> Bytes(std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 7 + 1);
  return bytes;
}

TEST_CASE("Frozen memory holds what was put in, and has no name") {
  const LeakCheck leak_check;
  const MemoryBackend backend = EachBackend();
  CAPTURE(CapabilitiesOf(backend).name);
  const auto bytes = Bytes(GENERATE(1, 4095, 4096, 100'000));
  Handle frozen = Must(CreateFrozenMemoryOf(backend, "frozen", bytes));
  struct stat object = {};
  REQUIRE(::fstat(frozen.get(), &object) == 0);
  CHECK(object.st_nlink == 0);
  CHECK(::fcntl(frozen.get(), F_GETFD) == FD_CLOEXEC);
  const auto mapping =
      Must(FrozenMapping::Map(std::move(frozen), bytes.size(), UnsealedMemory::kAccept));
  CHECK(std::ranges::equal(mapping.bytes(), bytes));
}

TEST_CASE("Frozen memory cannot be written through its handle") {
  const LeakCheck leak_check;
  const MemoryBackend backend = EachBackend();
  const auto bytes = Bytes(5000);
  const Handle frozen = Must(CreateFrozenMemoryOf(backend, "frozen", bytes));
  CHECK(::write(frozen.get(), "x", 1) == -1);
  CHECK(::ftruncate(frozen.get(), 0) == -1);
}

TEST_CASE("What was mapped as frozen stays as it is, whatever others do to the memory") {
  const LeakCheck leak_check;
  const MemoryBackend backend = EachBackend();
  CAPTURE(CapabilitiesOf(backend).name);
  const auto bytes = Bytes(50'000);
  Handle frozen = Must(CreateFrozenMemoryOf(backend, "frozen", bytes));
  const Handle writable = Reopened(frozen, O_RDWR);
  REQUIRE(writable);
  const auto mapping =
      Must(FrozenMapping::Map(std::move(frozen), bytes.size(), UnsealedMemory::kAccept));
  // Where it can be written after all it is a copy that was mapped.
  const bool was_written = ::pwrite(writable.get(), "xxxx", 4, 100) == 4;
  const bool was_shrunk = ::ftruncate(writable.get(), 0) == 0;
  CHECK(was_written == !CapabilitiesOf(backend).freeze_is_proof);
  CHECK(was_shrunk == !CapabilitiesOf(backend).freeze_is_proof);
  CHECK(std::ranges::equal(mapping.bytes(), bytes));
}

TEST_CASE("Frozen memory that is shorter or longer than announced is refused and closed") {
  const LeakCheck leak_check;
  const MemoryBackend backend = EachBackend();
  const auto bytes = Bytes(5000);
  const std::uint64_t announced = GENERATE(0, 1, 4999, 5001, 8192);
  CAPTURE(CapabilitiesOf(backend).name, announced);
  Handle frozen = Must(CreateFrozenMemoryOf(backend, "frozen", bytes));
  CHECK(FrozenMapping::Map(std::move(frozen), announced, UnsealedMemory::kAccept).error() ==
        Rule::kHandleSize);
}

TEST_CASE("Memory that is not frozen is refused where that is asked for") {
  const LeakCheck leak_check;
  const auto bytes = Bytes(100);
  for (const MemoryBackend backend : {MemoryBackend::kMemfd, MemoryBackend::kPosixShm}) {
    Handle frozen = Must(CreateFrozenMemoryOf(backend, "frozen", bytes));
    const auto mapped =
        FrozenMapping::Map(std::move(frozen), bytes.size(), UnsealedMemory::kRefuse);
    if (CapabilitiesOf(backend).freeze_is_proof) {
      CHECK(mapped);
    } else {
      CHECK(mapped.error() == Rule::kHandleSeals);
    }
  }
}

}  // namespace
}  // namespace baton::testing
