// What a mapping does when the system says no. What it promises otherwise is in
// tests/conformance/shared_memory_conformance.h.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>

#include <baton/platform/fault_injection.h>
#include <baton/platform/shared_memory.h>
#include "tests/support/leak_check.h"
#include "tests/support/must.h"
#include "tests/support/sealed_memory.h"
#include "tests/support/skip.h"

namespace baton::platform {
namespace {

using baton::testing::LeakCheck;
using baton::testing::Must;
using testing::FailNthCall;

TEST_CASE("No mapping: nothing to touch, nothing to unmap, nothing to revoke") {
  Mapping mapping;
  CHECK_FALSE(mapping);
  CHECK(mapping.bytes().empty());
  CHECK(mapping.Revoke());
  CHECK(mapping.Grant());
}

TEST_CASE("Memory whose writing was sealed off by a peer cannot be mapped, and that is a value") {
  SKIP_UNLESS_SEALED();
  const LeakCheck leak_check;
  const SharedMemory memory = Must(SharedMemory::Create("sealed", 4096));
  REQUIRE(::fcntl(memory.handle().get(), F_ADD_SEALS, F_SEAL_WRITE) == 0);
  CHECK(memory.Map().error() == std::errc::operation_not_permitted);
}

TEST_CASE("Moved-from memory cannot be mapped, and that is a value") {
  SharedMemory memory = Must(SharedMemory::Create("moved", 4096));
  const SharedMemory moved = std::move(memory);
  CHECK(memory.Map().error() == std::errc::bad_file_descriptor);
  CHECK(moved.Map());
}

TEST_CASE("A failed revocation leaves the mapping accessible, a failed grant leaves it revoked") {
  if (!testing::kCanInjectFaults) SKIP_TEST("a build in which no system call can be made to fail");
  const LeakCheck leak_check;
  const SharedMemory memory = Must(SharedMemory::Create("refused", 4096));
  Mapping mapping = Must(memory.Map());
  {
    const FailNthCall fault(1, ENOMEM);
    CHECK(mapping.Revoke().error() == Cause::kExhausted);
  }
  mapping.bytes().front() = std::byte{1};
  Must(mapping.Revoke());
  {
    const FailNthCall fault(1, ENOMEM);
    CHECK(mapping.Grant().error() == Cause::kExhausted);
  }
  const Handle null(::open("/dev/zero", O_RDONLY | O_CLOEXEC));
  CHECK(::read(null.get(), mapping.bytes().data(), 1) == -1);
  CHECK(errno == EFAULT);
}

}  // namespace
}  // namespace baton::platform
