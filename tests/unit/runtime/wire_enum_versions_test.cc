// Enumerators that came later, or have gone.
#include <catch2/catch.hpp>

#include <vector>

#include <baton/shmem.h>

#include "runtime/wire/enum_lifetime.h"
#include "tests/unit/runtime/wire_kinds.h"

using namespace wire_types;
using baton::Errc;
using baton::Rule;

namespace {

// As batonc writes it: `enum Tone { kLow, [Removed=3] kOld = 1, [Since=2] kHigh = 4 }`.
enum class Tone : std::uint8_t { kLow, kOld, kHigh = 4 };
constexpr std::int64_t kToneValues[] = {0, 1, 4};
constexpr const char* kToneNames[] = {"kLow", "kOld", "kHigh"};
constexpr wire::Lifetime kToneLifetimes[] = {{1, 0}, {1, 3}, {2, 0}};
constexpr wire::Enumeration ToneLike(bool is_flags, bool is_extensible) {
  return {.name = "Tone",
          .underlying = wire::Kind::kUint8,
          .values = kToneValues,
          .default_value = 0,
          .names = kToneNames,
          .is_flags = is_flags,
          .is_extensible = is_extensible,
          .lifetimes = kToneLifetimes};
}
constexpr wire::Enumeration kTones = ToneLike(false, false);
constexpr wire::Enumeration kToneFlags = ToneLike(true, false);
constexpr wire::Enumeration kOpenTones = ToneLike(false, true);
constexpr wire::Type kTone = wire::kEnumOf<Tone, kTones>;
constexpr wire::Type kTonesArray = wire::kArrayOf<Tone, kTone>;

constexpr wire::Row kOneRow[] = {{"one", 0, 0, &kTone}};
constexpr wire::Row kManyRow[] = {{"many", 0, 0, &kTonesArray}};
constexpr wire::Table kOne = {"One", kOneRow};
constexpr wire::Table kMany = {"Many", kManyRow};

// What does not look at versions may not have it.
static_assert(kOne.flat.field_count == 0 && kMany.flat.field_count == 0);

bool IsIn(const wire::Enumeration& enumeration, std::int64_t value, std::uint32_t version) {
  return wire::Exists(wire::LifetimeOf(enumeration, value), version);
}

}  // namespace

TEST_CASE("an enumerator is a value in the versions that have it", "[wire][versions]") {
  for (const std::uint32_t version : {1u, 2u, 3u, 4u}) {
    CHECK(IsIn(kTones, 0, version));
    CHECK(IsIn(kTones, 1, version) == (version < 3));
    CHECK(IsIn(kTones, 4, version) == (version >= 2));
    CHECK(IsIn(kToneFlags, 5, version) == (version == 2));
    CHECK(IsIn(kToneFlags, 0, version));
    CHECK(IsIn(kOpenTones, 4, version));
  }
}

TEST_CASE("an enumerator that the peer does not know does not leave", "[wire][versions]") {
  wire::Encoder encoder;
  const auto encode = [&](Tone tone, std::uint32_t version) {
    const void* const places[] = {&tone};
    return encoder.Encode(kOne, places, 1 << 10, version);
  };
  CHECK(encode(Tone::kHigh, 1).error() == Errc::kPeerTooOld);
  CHECK(encoder.refused_field() == "one");
  CHECK(encode(Tone::kOld, 3).error() == Errc::kInvalidValue);
  CHECK(encode(static_cast<Tone>(2), 3).error() == Errc::kInvalidValue);
  CHECK(encode(Tone::kLow, 1)->since == 1);
  CHECK(encode(Tone::kHigh, 2)->since == 2);  // for what is sent before the peer is known
  CHECK(encoder.refused_field().empty());

  const std::vector<Tone> tones = {Tone::kLow, Tone::kHigh};
  const void* const places[] = {&tones};
  CHECK(encoder.Encode(kMany, places, 1 << 10, 1).error() == Errc::kPeerTooOld);
  CHECK(encoder.refused_field() == "many[1]");
}

TEST_CASE("an enumerator of another version is refused when it comes", "[wire][versions]") {
  wire::Encoder encoder;
  const std::vector<Tone> sent = {Tone::kLow, Tone::kHigh};
  const void* const places[] = {&sent};
  const auto encoded = encoder.Encode(kMany, places, 1 << 10, 2);
  REQUIRE(encoded.has_value());
  std::vector<Tone> received;
  void* const into[] = {&received};
  std::string field;
  CHECK(wire::Decode(kMany, encoded->bytes, into, {.version = 2}).has_value());
  CHECK(received == sent);
  const wire::DecodeOptions older = {.version = 1, .refused_field = &field};
  CHECK(wire::Decode(kMany, encoded->bytes, into, older).error() == Rule::kEnumValue);
  CHECK(field == "many[1]: 4 is no Tone in version 1");
}

TEST_CASE("what older readers need and newer writers leave out is for newer ones alone",
          "[wire][versions]") {
  const wire::Row row[] = {{"gone", 0, 0, &wire::kShmem, nullptr, nullptr, 1, 3}};
  const wire::Table table = {"Gone", row};
  const baton::Shmem memory;
  const void* const places[] = {&memory};
  wire::Encoder encoder;
  CHECK(encoder.Encode(table, places, 1 << 10, 3)->since == 3);
  CHECK(encoder.Encode(table, places, 1 << 10, 2)->since == 1);
}
