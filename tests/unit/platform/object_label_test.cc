#include <baton/platform/object_label.h>

#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <string>

#include <baton/platform/shared_memory.h>
#include "tests/support/must.h"
#include "tests/support/skip.h"

namespace baton::platform {
namespace {

using baton::testing::Must;

std::string Read(const Handle& object, const char* name) {
  std::array<char, 300> value = {};
  const ssize_t size = ::fgetxattr(object.get(), name, value.data(), value.size());
  return size < 0 ? "" : std::string(value.data(), static_cast<std::size_t>(size));
}

TEST_CASE("A label is an attribute of the object, seen through every handle to it") {
  const SharedMemory memory = Must(SharedMemory::Create("labelled", 4096));
  if (!LabelObject(memory.handle(), "kind", "shmem")) {
    SKIP_TEST("this kernel has no attributes for memory (Linux 6.6)");
  }
  const Handle other = Must(memory.handle().Duplicate());
  CHECK(Read(other, "user.baton.kind") == "shmem");
  CHECK(LabelObject(other, "kind", "other"));
  CHECK(Read(memory.handle(), "user.baton.kind") == "other");
  CHECK(LabelObject(memory.handle(), "long", std::string(5000, 'x')));
  CHECK(Read(memory.handle(), "user.baton.long") == std::string(200, 'x'));
}

TEST_CASE("What no label can be put on says so, and nothing happens") {
  int ends[2] = {-1, -1};
  REQUIRE(::pipe(ends) == 0);
  const Handle reader(ends[0]);
  const Handle writer(ends[1]);
  CHECK_FALSE(LabelObject(reader, "kind", "shmem"));
  CHECK_FALSE(LabelObject(Handle(), "kind", "shmem"));
}

}  // namespace
}  // namespace baton::platform
