#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <utility>

#include <baton/platform/handle.h>
#include "tests/support/leak_check.h"
#include "tests/support/must.h"
#include "tests/unit/platform/is_open.h"

namespace baton::platform {
namespace {

using baton::testing::LeakCheck;
using baton::testing::Must;

Handle OpenSomething() {
  Handle handle(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  REQUIRE(handle);
  return handle;
}

TEST_CASE("A handle closes what it holds") {
  const LeakCheck leak_check;
  NativeHandle native = kNoHandle;
  SECTION("when it goes away") {
    const Handle handle = OpenSomething();
    native = handle.get();
    REQUIRE(IsOpen(native));
  }
  SECTION("when it is reset") {
    Handle handle = OpenSomething();
    native = handle.get();
    handle.Reset();
    CHECK_FALSE(handle);
    handle.Reset();
  }
  SECTION("when it gets another one") {
    Handle handle = OpenSomething();
    native = handle.get();
    Handle other = OpenSomething();
    handle = std::move(other);
    CHECK(IsOpen(handle.get()));
    CHECK_FALSE(other);
  }
  CHECK_FALSE(IsOpen(native));
}

TEST_CASE("A handle that is moved or released is not closed") {
  const LeakCheck leak_check;
  Handle handle = OpenSomething();
  const NativeHandle native = handle.get();

  SECTION("moved") {
    const Handle moved = std::move(handle);
    CHECK(moved.get() == native);
    CHECK_FALSE(handle);
    CHECK(IsOpen(native));
  }
  SECTION("moved to itself") {
    Handle& same = handle;
    handle = std::move(same);
    CHECK(handle.get() == native);
    CHECK(IsOpen(native));
  }
  SECTION("released") {
    CHECK(handle.Release() == native);
    CHECK_FALSE(handle);
    CHECK(IsOpen(native));
    ::close(native);
  }
}

TEST_CASE("A duplicate is a second, close-on-exec handle to the same object") {
  const LeakCheck leak_check;
  const Handle handle = OpenSomething();
  const Handle duplicate = Must(handle.Duplicate());

  struct stat one = {}, two = {};
  REQUIRE(::fstat(handle.get(), &one) == 0);
  REQUIRE(::fstat(duplicate.get(), &two) == 0);
  CHECK(duplicate.get() != handle.get());
  CHECK(one.st_ino == two.st_ino);
  CHECK(::fcntl(duplicate.get(), F_GETFD) == FD_CLOEXEC);
}

TEST_CASE("Duplicating nothing is an error of the system") {
  CHECK(Handle().Duplicate().error() == std::errc::bad_file_descriptor);
}

}  // namespace
}  // namespace baton::platform
