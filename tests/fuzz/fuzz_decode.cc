// Any bytes at all, as a message of every shape the mapping knows: they decode to values or break a
// rule. What decodes can be sent again, and arrives as the same values.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <baton/base/check.h>
#include <baton/shmem_slice.h>

#include "tests/unit/runtime/wire_kinds.h"

namespace {

namespace wire = baton::wire;
using wire_types::Bytes;
using wire_types::Counts;
using wire_types::FakeShmem;
using wire_types::Holder;
using wire_types::Kinds;
using wire_types::PlacesIn;
using wire_types::Rich;

// A message of everything, of itself, of shared memory and handles, with bounds, defaults and
// versions.
struct Message {
  Rich rich;
  std::vector<Rich> riches;
  std::optional<Holder> holder;
  std::vector<std::vector<std::vector<std::uint64_t>>> cube;
  std::optional<Kinds> kinds;
  std::vector<FakeShmem> files;
  std::optional<FakeShmem> floats;
  Counts counts;
  std::uint32_t width = 7;
  std::uint32_t newer = 0;
  std::vector<baton::ShmemSlice> slices;
};

constexpr wire::Type kRich = wire::kStructOf<Rich, wire_types::kRichTable>;
constexpr wire::Type kRiches = wire::kArrayOf<Rich, kRich>;
constexpr wire::Type kMaybeHolder = wire::kOptionalOf<Holder, wire_types::kHolder>;
constexpr wire::Type kLine = wire::kArrayOf<std::uint64_t, wire::kUint64>;
constexpr wire::Type kPlane = wire::kArrayOf<std::vector<std::uint64_t>, kLine>;
constexpr wire::Type kCube = wire::kArrayOf<std::vector<std::vector<std::uint64_t>>, kPlane>;

constexpr wire::Type kMaybeKinds = wire::kOptionalOf<Kinds, wire_types::kKinds>;
constexpr wire::Type kFiles = wire::kArrayOf<FakeShmem, wire::kFileDescriptor>;
constexpr wire::Type kFloats = wire::kTypedShmemOf<float>;
constexpr wire::Type kMaybeFloats = wire::kOptionalOf<FakeShmem, kFloats>;
constexpr wire::Type kSlices = wire::kArrayOf<baton::ShmemSlice, wire::kShmemSlice>;
constexpr wire::Bounds kFewAndSmall = {
    .has_max = true, .max = {.unsigned_value = 1000}, .max_count = 50};
constexpr wire::Bounds kFrom3To70 = {
    .has_min = true, .has_max = true, .min = {.unsigned_value = 3}, .max = {.unsigned_value = 70}};
constexpr wire::Default kSeven = {.bits = 7};
constexpr std::uint32_t kVersion = 2;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winvalid-offsetof"
constexpr wire::Row kRows[] = {
    {"rich", offsetof(Message, rich), 0, &kRich},
    {"riches", offsetof(Message, riches), 1, &kRiches},
    {"holder", offsetof(Message, holder), 2, &kMaybeHolder},
    {"cube", offsetof(Message, cube), 3, &kCube},
    {"kinds", offsetof(Message, kinds), 4, &kMaybeKinds},
    {"files", offsetof(Message, files), 5, &kFiles},
    {"floats", offsetof(Message, floats), 6, &kMaybeFloats},
    {"counts", offsetof(Message, counts), 7, &wire_types::kCounts, &kFewAndSmall},
    {"width", offsetof(Message, width), 8, &wire::kUint32, &kFrom3To70, &kSeven},
    {"newer", offsetof(Message, newer), 9, &wire::kUint32, nullptr, nullptr, 3},
    {"slices", offsetof(Message, slices), 10, &kSlices}};
#pragma GCC diagnostic pop
constexpr wire::Table kMessage = {"Message", kRows};

// As runtime/shmem would: every hole becomes a reference to something.
Bytes EncodeFilled(const Message& message) {
  wire::Encoder encoder;
  const auto encoded =
      encoder.Encode(kMessage, PlacesIn(kMessage, &message), std::size_t{1} << 30, kVersion);
  BATON_CHECK(encoded.has_value());
  std::uint32_t index = 0;
  for (const wire::OutgoingShmem& memory : encoded->shared_memory) {
    if (memory.kind == wire::Kind::kFileDescriptor) {
      std::memcpy(encoded->bytes.data() + memory.position, &index, sizeof(index));
      ++index;
      continue;
    }
    wire::ShmemReference reference;
    const bool is_floats = message.floats.has_value() && memory.memory == &*message.floats;
    if (!is_floats) reference.size = ~std::uint64_t{0};  // whatever a slice says lies inside
    std::memcpy(encoded->bytes.data() + memory.position, &reference, sizeof(reference));
  }
  return Bytes(encoded->bytes.begin(), encoded->bytes.end());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Message received;
  const auto bytes = std::as_bytes(std::span(data, size));
  const wire::DecodeOptions options = {.version = kVersion};
  const auto places = wire::Decode(kMessage, bytes, PlacesIn(kMessage, &received), options);
  if (!places.has_value()) {
    BATON_CHECK(places.error().category() == baton::RuleCategory());
    return 0;
  }
  const Bytes once = EncodeFilled(received);
  Message again;
  const auto again_places = wire::Decode(kMessage, once, PlacesIn(kMessage, &again), options);
  BATON_CHECK(again_places.has_value());
  BATON_CHECK(again_places->size() == places->size());
  BATON_CHECK(EncodeFilled(again) == once);
  return 0;
}
