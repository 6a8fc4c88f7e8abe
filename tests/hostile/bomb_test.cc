// A message of 12 KB that passes FlatBuffers' own verifier and would decode to megabytes, by
// sharing offsets; sent through a channel. The gigabyte relatives are in tests/unit/runtime.
#include <flatbuffers/flatbuffers.h>

#include <catch2/catch.hpp>

#include "tests/hostile/evil_parent.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

namespace PEcho = ::testing::PEcho;

struct alignas(8) Reference {
  std::byte bytes[sizeof(wire::ShmemReference)] = {};
};

// The parameters of Post: `count` parcels, all of them the same table with one label of `size`.
std::vector<std::byte> SharedParcels(std::size_t count, std::size_t size) {
  flatbuffers::FlatBufferBuilder builder;
  const auto label = builder.CreateString(std::string(size, 'x'));
  wire::ShmemReference reference;
  reference.id_low = 1;
  reference.size = 1;
  reference.transfer = 1;
  reference.handle = 0;
  Reference memory;
  std::memcpy(memory.bytes, &reference, sizeof(reference));

  const auto parcel_start = builder.StartTable();
  builder.AddOffset(flatbuffers::FieldIndexToOffset(0), label);
  builder.AddStruct(flatbuffers::FieldIndexToOffset(1), &memory);
  const flatbuffers::Offset<void> parcel(builder.EndTable(parcel_start));
  const std::vector<flatbuffers::Offset<void>> parcels(count, parcel);
  const auto vector = builder.CreateVector(parcels);
  const auto root_start = builder.StartTable();
  builder.AddOffset(flatbuffers::FieldIndexToOffset(0), vector);
  builder.Finish(flatbuffers::Offset<void>(builder.EndTable(root_start)));
  const auto* begin = reinterpret_cast<const std::byte*>(builder.GetBufferPointer());
  return {begin, begin + builder.GetSize()};
}

void SendPost(EvilParent& evil, std::span<const std::byte> payload) {
  auto header = evil.HeaderOf(PEcho::kPost);
  header.handles = 1;
  const platform::Handle handles[] = {
      Must(Must(platform::SharedMemory::Create("evil", 1)).handle().Duplicate())};
  evil.Send(EvilParent::FrameOf(header, payload), handles);
}

TEST_CASE("hostile: a parcel made by hand is taken, once") {
  const Guarded guarded;
  EvilParent evil;
  evil.SayHello();
  SendPost(evil, SharedParcels(1, 100));
  evil.ExpectAlive();
  CHECK(evil.victim->traffic().shmem_bytes_received == 1);
}

TEST_CASE("hostile: twelve kilobytes that decode to nine megabytes by sharing") {
  const Guarded guarded;
  EvilParent evil;
  evil.SayHello();
  const auto bomb = SharedParcels(1500, 6000);
  CHECK(bomb.size() < 12'500);
  SendPost(evil, bomb);
  evil.ExpectFault(Rule::kDecodeBudget);
}

TEST_CASE("hostile: memory named twice by sharing its table") {
  const Guarded guarded;
  EvilParent evil;
  evil.SayHello();
  SendPost(evil, SharedParcels(2, 10));
  evil.ExpectFault(Rule::kHandleIndex);
}

}  // namespace
}  // namespace baton::testing
