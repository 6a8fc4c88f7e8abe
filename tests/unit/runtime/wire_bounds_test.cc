// Bounds, defaults and versions of fields.
#include <flatbuffers/flatbuffers.h>
#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

#include "tests/unit/runtime/wire_kinds.h"

using namespace wire_types;
using baton::Errc;
using baton::Rule;

namespace {

const Bytes kEmptyMessage = [] {
  constexpr std::uint16_t kWords[] = {8, 0, 4, 4, 4, 0};
  const auto bytes = std::as_bytes(std::span(kWords));
  return Bytes(bytes.begin(), bytes.end());
}();

// Encodes `value` in a field with these bounds, and decodes what a peer without bounds writes.
// True: both take it; false: both refuse it, and name the same place.
template <class Value>
bool Takes(const wire::Type& type, const wire::Bounds& bounds, const Value& value) {
  const wire::Row row[] = {
      {.name = "only", .offset = 0, .slot = 0, .type = &type, .bounds = &bounds}};
  const wire::Table bounded = {"Bounded", row};
  const wire::Row free_row[] = {{"only", 0, 0, &type}};
  const wire::Table free = {"Free", free_row};

  wire::Encoder encoder;
  const void* const places[] = {&value};
  const auto sent = encoder.Encode(bounded, places, 1 << 20);
  if (!sent.has_value()) {
    CHECK(sent.error() == Errc::kOutOfBounds);
    CHECK(encoder.refused_field().starts_with("only"));
  }
  const std::string place = encoder.refused_field();
  const bool is_sent = sent.has_value();
  const auto bytes = encoder.Encode(free, places, 1 << 20);
  REQUIRE(bytes.has_value());
  Value received = {};
  void* const into[] = {&received};
  std::string field;
  const auto decoded = wire::Decode(bounded, bytes->bytes, into, {wire::kNewestVersion, &field});
  if (!decoded.has_value()) {
    CHECK(decoded.error() == Rule::kBounds);
    CHECK(field.starts_with(place + ": "));
  }
  CHECK(decoded.has_value() == is_sent);
  return is_sent;
}

constexpr wire::Bounds kSigned = {
    .has_min = true, .has_max = true, .min = {.signed_value = -5}, .max = {.signed_value = 5}};
constexpr wire::Bounds kUnsigned = {
    .has_min = true, .has_max = true, .min = {.unsigned_value = 2}, .max = {.unsigned_value = 4}};
constexpr wire::Default kGoodDefault = {.bits = 4};
constexpr wire::Bounds kReal = {
    .has_min = true, .has_max = true, .min = {.real_value = -0.5}, .max = {.real_value = 0.5}};

struct Defaults {
  std::uint32_t number = 7;
  bool flag = true;
  double ratio = 0.25;
  float small = 1.5;
  Mode mode = Mode::kOff;
  std::string text = "unnamed";
  friend bool operator==(const Defaults&, const Defaults&) = default;
};

}  // namespace

TEST_CASE("numbers keep to their bounds, both ends included", "[wire][bounds]") {
  for (int number = -10; number <= 10; ++number) {
    const bool is_good = number >= -5 && number <= 5;
    CHECK(Takes(wire::kInt8, kSigned, static_cast<std::int8_t>(number)) == is_good);
    CHECK(Takes(wire::kInt16, kSigned, static_cast<std::int16_t>(number)) == is_good);
    CHECK(Takes(wire::kInt32, kSigned, std::int32_t{number}) == is_good);
    CHECK(Takes(wire::kInt64, kSigned, std::int64_t{number}) == is_good);
  }
  for (unsigned number = 0; number < 10; ++number) {
    const bool is_good = number >= 2 && number <= 4;
    CHECK(Takes(wire::kUint8, kUnsigned, static_cast<std::uint8_t>(number)) == is_good);
    CHECK(Takes(wire::kUint16, kUnsigned, static_cast<std::uint16_t>(number)) == is_good);
    CHECK(Takes(wire::kUint32, kUnsigned, std::uint32_t{number}) == is_good);
    CHECK(Takes(wire::kUint64, kUnsigned, std::uint64_t{number}) == is_good);
  }
  CHECK_FALSE(Takes(wire::kUint64, kUnsigned, std::numeric_limits<std::uint64_t>::max()));
  CHECK_FALSE(Takes(wire::kInt64, kSigned, std::numeric_limits<std::int64_t>::min()));
  CHECK(Takes(wire::kDouble, kReal, 0.5));
  CHECK_FALSE(Takes(wire::kDouble, kReal, 0.5000001));
  CHECK(Takes(wire::kFloat, kReal, -0.5F));
  CHECK_FALSE(Takes(wire::kFloat, kReal, -0.6F));
  CHECK_FALSE(Takes(wire::kDouble, kReal, std::nan("")));
  CHECK_FALSE(Takes(wire::kFloat, kReal, std::numeric_limits<float>::infinity()));
}

TEST_CASE("one bound alone leaves the other side open", "[wire][bounds]") {
  constexpr wire::Bounds kMin = {.has_min = true, .min = {.unsigned_value = 3}};
  CHECK(Takes(wire::kUint32, kMin, 4'000'000'000u));
  CHECK_FALSE(Takes(wire::kUint32, kMin, 2u));
  constexpr wire::Bounds kMax = {.has_max = true, .max = {.signed_value = 3}};
  CHECK(Takes(wire::kInt32, kMax, -2'000'000'000));
  CHECK_FALSE(Takes(wire::kInt32, kMax, 4));
}

TEST_CASE("of text and bytes it is the length in bytes", "[wire][bounds]") {
  CHECK_FALSE(Takes(wire::kString, kUnsigned, std::string("1")));
  CHECK(Takes(wire::kString, kUnsigned, std::string("1234")));
  CHECK_FALSE(Takes(wire::kString, kUnsigned, std::string("12345")));
  CHECK_FALSE(Takes(wire::kString, kUnsigned, std::string("\u20ac\u20ac")));  // six bytes
  CHECK(Takes(wire::kBytes, kUnsigned, Bytes(2)));
  CHECK_FALSE(Takes(wire::kBytes, kUnsigned, Bytes(5)));
}

TEST_CASE("bounds look through wrappers to each innermost value", "[wire][bounds]") {
  CHECK(Takes(kWords, kUnsigned, std::vector<std::string>{"12", "1234"}));
  CHECK_FALSE(Takes(kWords, kUnsigned, std::vector<std::string>{"12", "1"}));
  CHECK(Takes(kMaybeNumber, kUnsigned, std::optional<std::uint32_t>()));
  CHECK(Takes(kMaybeNumber, kUnsigned, std::optional<std::uint32_t>(3)));
  CHECK_FALSE(Takes(kMaybeNumber, kUnsigned, std::optional<std::uint32_t>(0)));
  CHECK_FALSE(Takes(kHoles, kUnsigned, std::vector<std::optional<std::uint32_t>>{3, {}, 5}));
  CHECK(Takes(kPair, kSigned, Pair{-5, 5}));
  CHECK_FALSE(Takes(kPair, kSigned, Pair{0, 6}));
  CHECK(Takes(kCounts, kUnsigned, Counts{{"", 2}, {"a long key", 4}}));
  CHECK_FALSE(Takes(kCounts, kUnsigned, Counts{{"abc", 5}}));
  CHECK(Takes(kGrid, kUnsigned, std::vector<std::vector<std::string>>{{"12"}, {}}));
  CHECK_FALSE(Takes(kGrid, kUnsigned, std::vector<std::vector<std::string>>{{"12"}, {""}}));
}

TEST_CASE("MaxCount limits the outermost array or map", "[wire][bounds]") {
  constexpr wire::Bounds kTwo = {.max_count = 2};
  CHECK(Takes(kWords, kTwo, std::vector<std::string>{"a", "long text"}));
  CHECK_FALSE(Takes(kWords, kTwo, std::vector<std::string>(3)));
  CHECK(Takes(kGrid, kTwo, std::vector<std::vector<std::string>>{{"1", "2", "3"}}));
  CHECK_FALSE(Takes(kGrid, kTwo, std::vector<std::vector<std::string>>(3)));
  CHECK(Takes(kMaybeShorts, kTwo, std::optional<std::vector<std::uint16_t>>()));
  CHECK_FALSE(Takes(kMaybeShorts, kTwo, std::make_optional<std::vector<std::uint16_t>>(3)));
  CHECK_FALSE(Takes(kCounts, kTwo, Counts{{"a", 1}, {"b", 1}, {"c", 1}}));
  CHECK_FALSE(Takes(kFlags, kTwo, std::vector<bool>(3)));
  CHECK(Takes(kFlags, kTwo, std::vector<bool>(2)));
}

TEST_CASE("an absent field has its default, which bounds judge as well", "[wire][bounds]") {
  static constexpr wire::Default kSeven = {.bits = 7};
  static constexpr wire::Default kTrue = {.bits = 1};
  static constexpr wire::Default kQuarter = {.real = 0.25};
  static constexpr wire::Default kOneAndAHalf = {.real = 1.5};
  static constexpr wire::Default kOff = {.bits = 0};
  static constexpr wire::Default kUnnamed = {.text = "unnamed"};
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winvalid-offsetof"
  static constexpr wire::Row kRows[] = {
      {"number", offsetof(Defaults, number), 0, &wire::kUint32, nullptr, &kSeven},
      {"flag", offsetof(Defaults, flag), 1, &wire::kBool, nullptr, &kTrue},
      {"ratio", offsetof(Defaults, ratio), 2, &wire::kDouble, nullptr, &kQuarter},
      {"small", offsetof(Defaults, small), 3, &wire::kFloat, nullptr, &kOneAndAHalf},
      {"mode", offsetof(Defaults, mode), 4, &kMode, nullptr, &kOff},
      {"text", offsetof(Defaults, text), 5, &wire::kString, nullptr, &kUnnamed}};
#pragma GCC diagnostic pop
  static constexpr wire::Table kTable = {"Defaults", kRows};

  Defaults received = {1, false, 1, 1, Mode::kFast, "x"};
  REQUIRE(DecodeInto(kTable, kEmptyMessage, &received).has_value());
  CHECK(received == Defaults());

  // The general path leaves defaults out and writes all else; the short way writes everything.
  const Defaults all_default;
  wire::Table general = kTable;
  general.flat = wire::FlatLayout();
  const auto bytes = Encode(general, &all_default);
  REQUIRE(bytes.has_value());
  const auto& root = *flatbuffers::GetRoot<flatbuffers::Table>(bytes->data());
  for (const wire::Row& row : kRows) {
    INFO(row.name);
    const bool is_written = root.CheckField(flatbuffers::FieldIndexToOffset(row.slot));
    CHECK(is_written == (row.type->kind == wire::Kind::kString));
  }
  const Defaults zero = {0, false, 0, 0, Mode::kFast, ""};
  const auto zero_bytes = Encode(kTable, &zero);
  REQUIRE(zero_bytes.has_value());
  REQUIRE(DecodeInto(kTable, *zero_bytes, &received).has_value());
  CHECK(received == zero);

  static constexpr wire::Row kBounded[] = {{"n", 0, 0, &wire::kUint32, &kUnsigned}};
  static constexpr wire::Row kGood[] = {{"n", 0, 0, &wire::kUint32, &kUnsigned, &kGoodDefault}};
  static constexpr wire::Table kBoundedTable = {"Bounded", kBounded};
  static constexpr wire::Table kGoodTable = {"Good", kGood};
  std::uint32_t number = 3;
  CHECK(DecodeInto(kBoundedTable, kEmptyMessage, &number).error() == Rule::kBounds);
  REQUIRE(DecodeInto(kGoodTable, kEmptyMessage, &number).has_value());
  CHECK(number == 4);
}

namespace {

// Version 1 had `old` and `gone`; 2 added `memory`, `shape` and `number`; 3 took `gone` away.
struct Evolved {
  std::uint32_t old = 0;
  std::uint32_t gone = 0;
  FakeShmem memory;
  Shape shape;
  std::uint32_t number = 5;
};
constexpr wire::Default kFive = {.bits = 5};
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winvalid-offsetof"
constexpr wire::Row kEvolvedRows[] = {
    {"old", offsetof(Evolved, old), 0, &wire::kUint32},
    {"gone", offsetof(Evolved, gone), 1, &wire::kUint32, nullptr, nullptr, 1, 3},
    {"memory", offsetof(Evolved, memory), 2, &wire::kShmem, nullptr, nullptr, 2},
    {"shape", offsetof(Evolved, shape), 3, &kShape, nullptr, nullptr, 2},
    {"number", offsetof(Evolved, number), 4, &wire::kUint32, &kUnsigned, &kFive, 2}};
#pragma GCC diagnostic pop
constexpr wire::Table kEvolved = {"Evolved", kEvolvedRows};

}  // namespace

TEST_CASE("fields travel in the versions in which they exist", "[wire][versions]") {
  Evolved sent;
  sent.old = 1;
  sent.gone = 2;
  sent.shape = MakeShape<1>(3u);
  sent.number = 4;
  const std::uint32_t version = GENERATE(1u, 2u, 3u);
  CAPTURE(version);
  wire::Encoder encoder;
  const auto encoded = encoder.Encode(kEvolved, PlacesIn(kEvolved, &sent), 1 << 12, version);
  REQUIRE(encoded.has_value());
  CHECK(encoded->shared_memory.size() == (version == 1 ? 0 : 1));
  CHECK(encoded->since == (version == 1 ? 1 : 2));
  for (const wire::OutgoingShmem& memory : encoded->shared_memory) {
    const wire::ShmemReference reference;
    std::memcpy(encoded->bytes.data() + memory.position, &reference, sizeof(reference));
  }
  Evolved received;
  const auto decoded =
      wire::Decode(kEvolved, encoded->bytes, PlacesIn(kEvolved, &received), {.version = version});
  REQUIRE(decoded.has_value());
  CHECK(received.old == 1);
  CHECK(received.gone == (version < 3 ? 2 : 0));
  CHECK(received.shape == (version > 1 ? sent.shape : Shape()));
  CHECK(received.number == (version > 1 ? 4 : 5));
}

TEST_CASE("what a version does not have is ignored when it comes, and no fault when not",
          "[wire][versions]") {
  Evolved received;
  const auto places = PlacesIn(kEvolved, &received);
  CHECK(wire::Decode(kEvolved, kEmptyMessage, places, {.version = 1}).has_value());
  CHECK(wire::Decode(kEvolved, kEmptyMessage, places, {.version = 2}).error() ==
        Rule::kMissingField);

  Evolved sent;
  sent.number = 4;
  wire::Encoder encoder;
  const auto encoded = encoder.Encode(kEvolved, PlacesIn(kEvolved, &sent), 1 << 12, 2);
  REQUIRE(encoded.has_value());
  const auto ignored = wire::Decode(kEvolved, encoded->bytes, places, {.version = 1});
  REQUIRE(ignored.has_value());
  CHECK(ignored->empty());
  CHECK(received.number == 5);
}
