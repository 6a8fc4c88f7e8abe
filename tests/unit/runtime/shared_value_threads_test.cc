#include <baton/shared_value.h>

#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdint>
#include <thread>

#include "runtime/shmem/shmem_table.h"
#include "tests/support/must.h"
#include "tests/support/patience.h"

namespace baton {
namespace {

using testing::kPatience;
using testing::Must;

struct Pose {
  std::array<std::uint32_t, 33> same;  // all of them equal, or it is half of two values
  std::uint8_t odd_sized;
};

UnsafeShmem Allocate(std::uint64_t size) {
  const auto table =
      std::make_shared<internal::ShmemTable>(Side::kParent, "PTest", ChannelOptions(), [] {});
  return Must(table->AllocateUnsafe(size));
}

TEST_CASE("a value in shared memory is read whole, or not at all") {
  UnsafeShmem memory = Allocate(4096);
  auto writer = Must(SharedValue<Pose>::At(memory, 64));
  const auto reader = Must(SharedValue<Pose>::At(memory, 64));
  const Pose fresh = Must(reader.Read(kPatience));
  CHECK(fresh.same[32] == 0);

  constexpr std::uint32_t kLast = 20'000;
  const std::jthread writing([&] {
    for (std::uint32_t value = 1; value <= kLast; ++value) {
      Pose pose = {};
      pose.same.fill(value);
      writer.Write(pose);
    }
  });
  std::uint32_t newest = 0;
  while (newest < kLast) {
    const Pose pose = Must(reader.Read(kPatience));
    const bool is_whole = pose.same == [&] {
      std::array<std::uint32_t, 33> expected;
      expected.fill(pose.same[0]);
      return expected;
    }();
    REQUIRE(is_whole);
    REQUIRE(pose.same[0] >= newest);
    newest = pose.same[0];
  }
}

TEST_CASE("a value in shared memory whose writer died inside costs the deadline") {
  UnsafeShmem memory = Allocate(4096);
  auto value = Must(SharedValue<std::uint32_t>::At(memory, 0));
  value.Write(7);
  CHECK(Must(value.Read(kPatience)) == 7);

  memory.bytes()[0] |= std::byte{1};  // being written
  CHECK(value.Read(std::chrono::milliseconds(0)).error() == std::errc::timed_out);
  CHECK(value.Read(std::chrono::milliseconds(3)).error() == std::errc::timed_out);
  value.Write(8);  // by whoever writes next
  CHECK(Must(value.Read(kPatience)) == 8);
}

TEST_CASE("a value in shared memory lies where it fits") {
  UnsafeShmem memory = Allocate(100);
  using Value = SharedValue<std::uint64_t>;
  STATIC_REQUIRE(Value::kSize == 16);
  CHECK(Value::At(memory, 80));
  const std::uint64_t unfit = GENERATE(4U, 81U, 88U, 104U, ~std::uint64_t{0}, ~std::uint64_t{7});
  CHECK(Value::At(memory, unfit).error() == std::errc::invalid_argument);
  CHECK(Value::At(UnsafeShmem(), 0).error() == Errc::kEmptyShmem);
}

TEST_CASE("a handle that is kept by a value keeps the memory") {
  auto value = [] {
    const UnsafeShmem memory = Allocate(64);
    return Must(SharedValue<int>::At(memory, 0));
  }();
  value.Write(5);
  CHECK(Must(value.Read(kPatience)) == 5);
}

}  // namespace
}  // namespace baton
