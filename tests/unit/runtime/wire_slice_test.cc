// A ShmemSlice through the codec: the range is in the message, the memory is a Shmem like any
// other.
#include <catch2/catch.hpp>
#include <cstring>
#include <limits>
#include <optional>
#include <vector>

#include <baton/shmem_slice.h>
#include "runtime/wire/shmem_slice_access.h"
#include "tests/unit/runtime/wire_by_hand.h"
#include "tests/unit/runtime/wire_types.h"

namespace wire_types {
namespace {

using baton::Rule;
using baton::ShmemSlice;
using baton::internal::ShmemSliceAccess;

struct Parts {
  ShmemSlice one;
  std::uint8_t between = 0;
  std::optional<ShmemSlice> maybe;
  std::vector<ShmemSlice> list;
};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winvalid-offsetof"
constexpr wire::Type kMaybe = wire::kOptionalOf<ShmemSlice, wire::kShmemSlice>;
constexpr wire::Type kList = wire::kArrayOf<ShmemSlice, wire::kShmemSlice>;
constexpr wire::Row kPartsRows[] = {{"one", offsetof(Parts, one), 0, &wire::kShmemSlice},
                                    {"between", offsetof(Parts, between), 1, &wire::kUint8},
                                    {"maybe", offsetof(Parts, maybe), 2, &kMaybe},
                                    {"list", offsetof(Parts, list), 3, &kList}};
constexpr wire::Table kPartsTable = {"Parts", kPartsRows};
#pragma GCC diagnostic pop

wire::SliceReference RangeOf(const ShmemSlice& slice) {
  return ShmemSliceAccess::Describe(slice);
}

// What the encoder left, with every hole filled as memory of `size` bytes.
Bytes EncodeFilled(const Parts& parts, std::uint64_t size) {
  wire::Encoder encoder;
  const auto encoded = encoder.Encode(kPartsTable, PlacesIn(kPartsTable, &parts), 1 << 16);
  REQUIRE(encoded.has_value());
  for (const wire::OutgoingShmem& memory : encoded->shared_memory) {
    CHECK(memory.kind == wire::Kind::kShmem);
    REQUIRE(memory.position % 8 == 0);
    REQUIRE(memory.position + sizeof(wire::SliceReference) <= encoded->bytes.size());
    const auto hole = encoded->bytes.subspan(memory.position, sizeof(wire::ShmemReference));
    CHECK(std::ranges::all_of(hole, [](std::byte byte) { return byte == std::byte{0}; }));
    wire::ShmemReference reference;
    reference.size = size;
    std::memcpy(hole.data(), &reference, sizeof(reference));
  }
  return Bytes(encoded->bytes.begin(), encoded->bytes.end());
}

TEST_CASE("slices leave holes behind which their ranges stand", "[wire]") {
  Parts sent;
  ShmemSliceAccess::SetRange(sent.one, 1, 2);
  sent.between = 77;
  ShmemSliceAccess::SetRange(sent.maybe.emplace(), 3, 4);
  sent.list.resize(2);
  ShmemSliceAccess::SetRange(sent.list[0], 5, 6);
  ShmemSliceAccess::SetRange(sent.list[1], 7, 0);
  const Bytes bytes = EncodeFilled(sent, 11);

  Parts received;
  const auto places = wire::Decode(kPartsTable, bytes, PlacesIn(kPartsTable, &received));
  REQUIRE(places.has_value());
  REQUIRE(places->size() == 4);
  CHECK((*places)[0].memory == &received.one);  // by which the field is named
  for (const wire::IncomingShmem& place : *places) {
    CHECK(place.kind == wire::Kind::kShmem);
    CHECK(place.reference.size == 11);
  }
  CHECK(RangeOf(received.one).offset == 1);
  CHECK(RangeOf(received.one).length == 2);
  CHECK(received.between == 77);
  REQUIRE(received.maybe.has_value());
  CHECK(RangeOf(*received.maybe).offset == 3);
  CHECK(RangeOf(*received.maybe).length == 4);
  REQUIRE(received.list.size() == 2);
  CHECK(RangeOf(received.list[0]).offset == 5);
  CHECK(RangeOf(received.list[0]).length == 6);
  CHECK(RangeOf(received.list[1]).offset == 7);
  CHECK(RangeOf(received.list[1]).length == 0);
}

TEST_CASE("a slice that does not lie inside its memory is a fault, at every edge", "[wire]") {
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  constexpr std::uint64_t kEdges[] = {0,        1,          4095,     4096,     4097,
                                      1u << 31, 0xffffffff, kMax / 2, kMax - 1, kMax};
  int refused = 0;
  for (const std::uint64_t offset : kEdges) {
    for (const std::uint64_t length : kEdges) {
      for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{4096}, kMax}) {
        Parts parts;
        ShmemSliceAccess::SetRange(parts.one, offset, length);
        const Bytes bytes = EncodeFilled(parts, size);
        Parts received;
        std::string field;
        const auto decoded = wire::Decode(kPartsTable, bytes, PlacesIn(kPartsTable, &received),
                                          {.refused_field = &field});
        const bool is_inside = offset <= size && length <= size - offset;
        CAPTURE(offset, length, size);
        REQUIRE(decoded.has_value() == is_inside);
        if (is_inside) continue;
        ++refused;
        REQUIRE(decoded.error() == Rule::kSliceBounds);
        REQUIRE(field == "one: " + std::to_string(length) + " bytes at " + std::to_string(offset) +
                             " of " + std::to_string(size));
      }
    }
  }
  CHECK(refused > 100);
}

TEST_CASE("a slice that is absent, or refers to nothing, is a fault", "[wire]") {
  Parts received;
  static constexpr wire::Table kNothing = {"Nothing", {}};
  const Bytes empty = Encode(kNothing, &received).value();
  const auto absent = wire::Decode(kPartsTable, empty, PlacesIn(kPartsTable, &received));
  REQUIRE(absent.has_error());
  CHECK(absent.error() == Rule::kMissingField);

  Parts parts;
  wire::Encoder encoder;
  const auto encoded = encoder.Encode(kPartsTable, PlacesIn(kPartsTable, &parts), 1 << 16);
  REQUIRE(encoded.has_value());
  wire::ShmemReference reference;
  SECTION("of no kind") {
    reference.kind = 0;
  }
  SECTION("of a generation that only safe memory has") {
    reference.kind = wire::ShmemReference::kUnsafe;
    reference.generation = 1;
  }
  std::memcpy(encoded->bytes.data() + encoded->shared_memory[0].position, &reference,
              sizeof(reference));
  const auto decoded = wire::Decode(kPartsTable, encoded->bytes, PlacesIn(kPartsTable, &received));
  REQUIRE(decoded.has_error());
  CHECK(decoded.error() == Rule::kMalformed);
}

}  // namespace
}  // namespace wire_types
