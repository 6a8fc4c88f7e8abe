// A slice owns all of its memory, and says which part is meant.
#include <baton/shmem_slice.h>

#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <utility>

#include <baton/wire/print.h>
#include <baton/wire/table.h>
#include "runtime/shmem/shmem_table.h"
#include "tests/support/leak_check.h"
#include "tests/support/must.h"

namespace baton::internal {
namespace {

using testing::Must;

std::shared_ptr<ShmemTable> ATable() {
  return std::make_shared<ShmemTable>(Side::kParent, "PTest", ChannelOptions(), [] {});
}

TEST_CASE("slice: the part that is meant, and the whole again") {
  const testing::LeakCheck leak_check;
  const auto owner = ATable();
  Shmem memory = Must(owner->Allocate(5000));
  std::byte* const place = memory.bytes().data();
  const ShmemId id = memory.id();
  ShmemSlice slice = Must(ShmemSlice::Of(std::move(memory), 1000, 200));
  CHECK(memory.state() == ShmemState::kEmpty);
  CHECK(slice.state() == ShmemState::kOwned);
  CHECK(slice.id() == id);
  CHECK(slice.bytes().data() == place + 1000);
  CHECK(slice.size() == 200);
  CHECK(slice.offset() == 1000);
  CHECK(slice.whole_size() == 5000);
  const ShmemSlice& constant = slice;
  CHECK(constant.bytes().data() == place + 1000);

  Shmem whole = slice.Release();
  CHECK(whole.bytes().data() == place);
  CHECK(whole.size() == 5000);
  CHECK(slice.state() == ShmemState::kEmpty);
  CHECK(slice.bytes().empty());
  CHECK(slice.offset() == 0);
  CHECK(slice.whole_size() == 0);
}

TEST_CASE("slice: what does not lie inside is refused, and the memory is untouched") {
  const auto owner = ATable();
  Shmem memory = Must(owner->Allocate(100));
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  const auto [offset, length] = GENERATE_COPY(table<std::uint64_t, std::uint64_t>(
      {{0, 101}, {1, 100}, {100, 1}, {101, 0}, {kMax, 1}, {1, kMax}, {kMax, kMax}, {99, 2}}));
  CAPTURE(offset, length);
  CHECK(ShmemSlice::Of(std::move(memory), offset, length).error() == Errc::kSliceBounds);
  CHECK(memory.state() == ShmemState::kOwned);
  CHECK(memory.size() == 100);
}

TEST_CASE("slice: all of it, nothing of it, the last byte") {
  const auto owner = ATable();
  const auto [offset, length] =
      GENERATE(table<std::uint64_t, std::uint64_t>({{0, 100}, {0, 0}, {100, 0}, {99, 1}, {50, 0}}));
  CAPTURE(offset, length);
  const ShmemSlice slice = Must(ShmemSlice::Of(Must(owner->Allocate(100)), offset, length));
  CHECK(slice.size() == length);
  CHECK(slice.offset() == offset);
}

TEST_CASE("slice: of nothing, and of what was sent, there is none") {
  CHECK(ShmemSlice::Of(Shmem(), 0, 0).error() == Errc::kEmptyShmem);
  const auto owner = ATable();
  Shmem sent = Must(owner->Allocate(10));
  const wire::OutgoingShmem outgoing[] = {{wire::Kind::kShmem, &sent, 0}};
  Must(owner->Depart(outgoing));
  CHECK(ShmemSlice::Of(std::move(sent), 0, 1).error() == Errc::kAlreadySent);
  CHECK(sent.state() == ShmemState::kSent);
}

TEST_CASE("slice: one that was moved from is empty") {
  const testing::LeakCheck leak_check;
  const auto owner = ATable();
  ShmemSlice first = Must(ShmemSlice::Of(Must(owner->Allocate(100)), 10, 20));
  ShmemSlice second = std::move(first);
  CHECK(first.state() == ShmemState::kEmpty);  // NOLINT(bugprone-use-after-move)
  CHECK(first.bytes().empty());
  CHECK(first.offset() == 0);
  CHECK(first.Release().state() == ShmemState::kEmpty);
  CHECK(second.size() == 20);
  second = ShmemSlice();  // frees it
  CHECK(second.whole_size() == 0);
}

TEST_CASE("slice: printed with its range") {
  const auto owner = ATable();
  ShmemSlice slice = Must(ShmemSlice::Of(Must(owner->Allocate(100)), 10, 20));
  CHECK(
      wire::Print(wire::kShmemSlice, &slice).starts_with("ShmemSlice(20 bytes at 10 of 100, id "));
  slice = ShmemSlice();
  CHECK(wire::Print(wire::kShmemSlice, &slice) == "ShmemSlice(empty)");
}

}  // namespace
}  // namespace baton::internal
