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

#include "tests/unit/runtime/wire_types.h"

namespace {

namespace wire = baton::wire;
using wire_types::Bytes;
using wire_types::Holder;
using wire_types::PlacesIn;
using wire_types::Rich;

// A message of everything, of itself, and of shared memory.
struct Message {
  Rich rich;
  std::vector<Rich> riches;
  std::optional<Holder> holder;
  std::vector<std::vector<std::vector<std::uint64_t>>> cube;
};

constexpr wire::Type kRich = wire::kStructOf<Rich, wire_types::kRichTable>;
constexpr wire::Type kRiches = wire::kArrayOf<Rich, kRich>;
constexpr wire::Type kMaybeHolder = wire::kOptionalOf<Holder, wire_types::kHolder>;
constexpr wire::Type kLine = wire::kArrayOf<std::uint64_t, wire::kUint64>;
constexpr wire::Type kPlane = wire::kArrayOf<std::vector<std::uint64_t>, kLine>;
constexpr wire::Type kCube = wire::kArrayOf<std::vector<std::vector<std::uint64_t>>, kPlane>;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winvalid-offsetof"
constexpr wire::Row kRows[] = {{"rich", offsetof(Message, rich), 0, &kRich},
                               {"riches", offsetof(Message, riches), 1, &kRiches},
                               {"holder", offsetof(Message, holder), 2, &kMaybeHolder},
                               {"cube", offsetof(Message, cube), 3, &kCube}};
#pragma GCC diagnostic pop
constexpr wire::Table kMessage = {"Message", kRows};

// As runtime/shmem would: every hole becomes a reference to something.
Bytes EncodeFilled(const Message& message) {
  wire::Encoder encoder;
  const auto encoded = encoder.Encode(kMessage, PlacesIn(kMessage, &message), std::size_t{1} << 30);
  BATON_CHECK(encoded.has_value());
  for (const wire::OutgoingShmem& memory : encoded->shared_memory) {
    const wire::ShmemReference reference;
    std::memcpy(encoded->bytes.data() + memory.position, &reference, sizeof(reference));
  }
  return Bytes(encoded->bytes.begin(), encoded->bytes.end());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Message received;
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto places = wire::Decode(kMessage, bytes, PlacesIn(kMessage, &received));
  if (!places.has_value()) {
    BATON_CHECK(places.error().category() == baton::RuleCategory());
    return 0;
  }
  const Bytes once = EncodeFilled(received);
  Message again;
  const auto again_places = wire::Decode(kMessage, once, PlacesIn(kMessage, &again));
  BATON_CHECK(again_places.has_value());
  BATON_CHECK(again_places->size() == places->size());
  BATON_CHECK(EncodeFilled(again) == once);
  return 0;
}
