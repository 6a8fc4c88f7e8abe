#include <baton/shared_lock.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "runtime/shmem/shmem_table.h"
#include "tests/support/leak_check.h"
#include "tests/support/must.h"
#include "tests/support/patience.h"

namespace baton {
namespace {

using testing::kPatience;
using testing::Must;

std::shared_ptr<internal::ShmemTable> Table() {
  return std::make_shared<internal::ShmemTable>(Side::kParent, "PTest", ChannelOptions(), [] {});
}

TEST_CASE("locks of one side at one place are the same lock") {
  const testing::LeakCheck leak_check;
  const auto table = Table();
  const UnsafeShmem memory = Must(table->AllocateUnsafe(4096));
  auto lock = Must(SharedLock::At(memory, 64));
  auto same = Must(SharedLock::At(memory, 64));
  auto other = Must(SharedLock::At(memory, 128));

  std::optional held = Must(lock.TryLock());
  CHECK(same.TryLock().error() == std::errc::timed_out);
  CHECK(same.Lock(std::chrono::milliseconds(2)).error() == std::errc::timed_out);
  CHECK(other.TryLock());
  held.reset();
  CHECK(same.TryLock());
}

TEST_CASE("what is held is given up once, by whoever has it last") {
  const auto table = Table();
  const UnsafeShmem memory = Must(table->AllocateUnsafe(64));
  auto lock = Must(SharedLock::At(memory, 0));
  auto held = Must(lock.Lock(kPatience));
  auto moved = std::move(held);
  CHECK_FALSE(lock.TryLock());
  moved = Must(Must(SharedLock::At(Must(table->AllocateUnsafe(64)), 0)).TryLock());
  CHECK(lock.TryLock());
}

TEST_CASE("a lock keeps its memory, and outlives its channel") {
  auto table = Table();
  auto lock = [&] {
    const UnsafeShmem memory = Must(table->AllocateUnsafe(64));
    return Must(SharedLock::At(memory, 0));
  }();
  table->Close();
  table.reset();
  CHECK(lock.TryLock());
}

TEST_CASE("a lock lies where it fits") {
  const auto table = Table();
  const UnsafeShmem memory = Must(table->AllocateUnsafe(200));
  CHECK(SharedLock::At(memory, 128));
  const std::uint64_t unfit = GENERATE(8U, 192U, 256U, ~std::uint64_t{63}, ~std::uint64_t{0});
  CHECK(SharedLock::At(memory, unfit).error() == std::errc::invalid_argument);
  CHECK(SharedLock::At(UnsafeShmem(), 0).error() == Errc::kEmptyShmem);
}

TEST_CASE("no lock can be made of memory whose channel has gone") {
  auto table = Table();
  const UnsafeShmem memory = Must(table->AllocateUnsafe(64));
  table.reset();
  CHECK(SharedLock::At(memory, 0).error() == Errc::kClosed);
}

}  // namespace
}  // namespace baton
