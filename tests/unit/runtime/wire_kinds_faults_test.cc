// What a peer may do wrong with the kinds of values in wire_kinds.h: each lie has its rule.
#include "tests/unit/runtime/wire_kinds.h"

#include <flatbuffers/flatbuffers.h>
#include <catch2/catch.hpp>

#include <initializer_list>

using namespace wire_types;
using baton::Rule;
using flatbuffers::FlatBufferBuilder;
using flatbuffers::uoffset_t;

namespace {

constexpr flatbuffers::voffset_t kFirst = 4;
constexpr flatbuffers::voffset_t kSecond = 6;

Bytes FinishFaulty(FlatBufferBuilder& builder, uoffset_t root) {
  builder.Finish(flatbuffers::Offset<void>(root));
  const auto* const first = reinterpret_cast<const std::byte*>(builder.GetBufferPointer());
  return Bytes(first, first + builder.GetSize());
}

uoffset_t FaultyTable(FlatBufferBuilder& builder, uoffset_t content) {
  const uoffset_t start = builder.StartTable();
  builder.AddOffset(kFirst, flatbuffers::Offset<void>(content));
  return builder.EndTable(start);
}

uoffset_t EmptyTable(FlatBufferBuilder& builder) {
  return builder.EndTable(builder.StartTable());
}

uoffset_t FaultyRepeat(FlatBufferBuilder& builder, uoffset_t object, std::size_t times) {
  return builder.CreateVector(std::vector(times, flatbuffers::Offset<void>(object))).o;
}

// The table of a union; either part may be left out.
uoffset_t UnionOf(FlatBufferBuilder& builder, int tag, uoffset_t value) {
  const uoffset_t start = builder.StartTable();
  if (value != 0) builder.AddOffset(kSecond, flatbuffers::Offset<void>(value));
  if (tag >= 0) builder.AddElement(kFirst, static_cast<std::uint8_t>(tag));
  return builder.EndTable(start);
}

template <const wire::Type& Type, class Value>
std::error_code FaultOf(std::span<const std::byte> bytes) {
  Value value = {};
  const auto decoded = DecodeInto(kOnly<Type>, bytes, &value);
  return decoded.has_value() ? std::error_code() : decoded.error();
}

Bytes FaultyWords(std::initializer_list<std::uint16_t> words) {
  const auto bytes = std::as_bytes(std::span(words.begin(), words.size()));
  return Bytes(bytes.begin(), bytes.end());
}

const Bytes kNoFields = FaultyWords({8, 0, 4, 4, 4, 0});

// A map<uint8, uint8> whose keys come in this order.
Bytes MapOf(std::initializer_list<std::uint8_t> keys) {
  FlatBufferBuilder builder;
  std::vector<flatbuffers::Offset<void>> entries;
  for (const std::uint8_t key : keys) {
    const uoffset_t start = builder.StartTable();
    if (key != 0) builder.AddElement(kFirst, key);
    builder.AddElement(kSecond, std::uint8_t{9});
    entries.emplace_back(builder.EndTable(start));
  }
  return FinishFaulty(builder, FaultyTable(builder, builder.CreateVector(entries).o));
}

template <class Raw>
Bytes NumbersOf(const std::vector<Raw>& numbers) {
  FlatBufferBuilder builder;
  return FinishFaulty(builder, FaultyTable(builder, builder.CreateVector(numbers).o));
}

}  // namespace

TEST_CASE("a union written by hand, byte by byte", "[wire][kinds]") {
  // 0: root 12 | 4: vtable {6, 8, field at 4} | 12: root table {vtable, offset 12 -> 28}
  // 20: vtable {8, 12, tag at 4, value at 8} | 28: union {vtable, tag 2, offset 12 -> 48}
  // 40: vtable {6, 8, value at 4} | 48: box {vtable, 77}
  const Bytes bytes = FaultyWords(
      {12, 0, 6, 8, 4, 0, 8, 0, 12, 0, 8, 12, 4, 8, 8, 0, 2, 0, 12, 0, 6, 8, 4, 0, 8, 0, 77, 0});
  Shape shape;
  REQUIRE(DecodeInto(kOnly<kShape>, bytes, &shape).has_value());
  CHECK(shape == MakeShape<1>(77u));
}

TEST_CASE("a map written by hand, byte by byte", "[wire][kinds]") {
  // 0: root 12 | 4: vtable {6, 8, field at 4} | 12: root table {vtable, offset 4 -> 20}
  // 20: vector {2, -> 40, -> 52} | 32: vtable {8, 6, key at 4, value at 5} | 40, 52: entries
  const Bytes bytes = FaultyWords({12,
                                   0,
                                   6,
                                   8,
                                   4,
                                   0,
                                   8,
                                   0,
                                   4,
                                   0,
                                   2,
                                   0,
                                   16,
                                   0,
                                   24,
                                   0,
                                   8,
                                   6,
                                   4,
                                   5,
                                   8,
                                   0,
                                   1 + (10 << 8),
                                   0,
                                   0,
                                   0,
                                   20,
                                   0,
                                   2 + (20 << 8),
                                   0});
  Small map;
  REQUIRE(DecodeInto(kOnly<kSmall>, bytes, &map).has_value());
  CHECK(map == Small{{1, 10}, {2, 20}});
}

TEST_CASE("a union must hold something that exists", "[wire][kinds]") {
  FlatBufferBuilder builder;
  const uoffset_t box = EmptyTable(builder);
  SECTION("a good one, for comparison") {
    const uoffset_t good = UnionOf(builder, 2, box);
    CHECK(FaultOf<kShape, Shape>(FinishFaulty(builder, FaultyTable(builder, good))) ==
          std::error_code());
  }
  SECTION("NONE, or beyond the last, or absent") {
    const int tag = GENERATE(0, 8, 9, 255, -1);
    const uoffset_t bad = UnionOf(builder, tag, box);
    const Bytes bytes = FinishFaulty(builder, FaultyTable(builder, bad));
    CHECK(FaultOf<kShape, Shape>(bytes) == Rule::kUnionTag);
    CHECK(FaultOf<kMaybeShape, std::optional<Shape>>(bytes) == Rule::kUnionTag);
  }
  SECTION("a tag without a value") {
    const uoffset_t bad = UnionOf(builder, 2, 0);
    CHECK(FaultOf<kShape, Shape>(FinishFaulty(builder, FaultyTable(builder, bad))) ==
          Rule::kUnionTag);
  }
  SECTION("absent") {
    CHECK(FaultOf<kShape, Shape>(kNoFields) == Rule::kUnionTag);
    CHECK(FaultOf<kMaybeShape, std::optional<Shape>>(kNoFields) == std::error_code());
    static constexpr wire::Row kRow[] = {{"shape", 0, 0, &kShape}};
    static constexpr wire::Table kTable = {"Holder", kRow};
    static constexpr wire::Type kStruct = wire::kStructOf<Shape, kTable>;
    CHECK(FaultOf<kStruct, Shape>(kNoFields) == Rule::kUnionTag);  // in an absent struct
  }
}

TEST_CASE("the keys of a map ascend", "[wire][kinds]") {
  CHECK(FaultOf<kSmall, Small>(MapOf({})) == std::error_code());
  CHECK(FaultOf<kSmall, Small>(MapOf({0, 1, 2, 255})) == std::error_code());
  CHECK(FaultOf<kSmall, Small>(MapOf({1, 1})) == Rule::kMapOrder);
  CHECK(FaultOf<kSmall, Small>(MapOf({0, 0})) == Rule::kMapOrder);
  CHECK(FaultOf<kSmall, Small>(MapOf({2, 1})) == Rule::kMapOrder);
  CHECK(FaultOf<kSmall, Small>(MapOf({1, 5, 3})) == Rule::kMapOrder);
}

TEST_CASE("text keys ascend by their bytes", "[wire][kinds]") {
  const auto counts_of = [](std::initializer_list<const char*> keys) {
    FlatBufferBuilder builder;
    std::vector<flatbuffers::Offset<void>> entries;
    for (const char* key : keys) {
      const uoffset_t text = builder.CreateString(key).o;
      entries.emplace_back(FaultyTable(builder, text));
    }
    return FinishFaulty(builder, FaultyTable(builder, builder.CreateVector(entries).o));
  };
  CHECK(FaultOf<kCounts, Counts>(counts_of({"", "a", "ab", "b", "\xc3\xa9"})) == std::error_code());
  CHECK(FaultOf<kCounts, Counts>(counts_of({"b", "a"})) == Rule::kMapOrder);
  CHECK(FaultOf<kCounts, Counts>(counts_of({"\xc3\xa9", "z"})) == Rule::kMapOrder);
  CHECK(FaultOf<kCounts, Counts>(counts_of({"a", "a"})) == Rule::kMapOrder);
  CHECK(FaultOf<kCounts, Counts>(counts_of({"\xff"})) == Rule::kNotUtf8);
}

TEST_CASE("a fixed array has exactly its elements", "[wire][kinds]") {
  CHECK(FaultOf<kPair, Pair>(NumbersOf<std::int16_t>({1, 2})) == std::error_code());
  CHECK(FaultOf<kPair, Pair>(NumbersOf<std::int16_t>({})) == Rule::kFixedCount);
  CHECK(FaultOf<kPair, Pair>(NumbersOf<std::int16_t>({1})) == Rule::kFixedCount);
  CHECK(FaultOf<kPair, Pair>(NumbersOf<std::int16_t>({1, 2, 3})) == Rule::kFixedCount);
  using Bits = std::array<bool, 3>;
  CHECK(FaultOf<kBits, Bits>(NumbersOf<std::uint8_t>({1, 0, 1})) == std::error_code());
  CHECK(FaultOf<kBits, Bits>(NumbersOf<std::uint8_t>({1, 0, 2})) == Rule::kBoolValue);
  CHECK(FaultOf<kBits, Bits>(NumbersOf<std::uint8_t>({1, 0})) == Rule::kFixedCount);
  CHECK(FaultOf<kBits, Bits>(kNoFields) == std::error_code());

  std::array<Mode, 2> modes = {Mode::kOff, Mode::kOff};
  REQUIRE(DecodeInto(kOnly<kModePair>, kNoFields, &modes).has_value());
  CHECK(modes == std::array{Mode::kFast, Mode::kFast});
}

TEST_CASE("bytes that a codec does not take are a fault", "[wire][kinds]") {
  const auto color_of = [](const std::vector<std::uint8_t>& raw) { return NumbersOf(raw); };
  CHECK(FaultOf<kColor, Color>(color_of({1, 2, 3, 4, 1, 0, 0, 0, 'x'})) == std::error_code());
  CHECK(FaultOf<kColor, Color>(color_of({})) == Rule::kCodecValue);
  CHECK(FaultOf<kColor, Color>(color_of({1, 2, 3, 4, 2, 0, 0, 0, 'x'})) == Rule::kCodecValue);
  CHECK(FaultOf<kColor, Color>(color_of({1, 2, 3, 4, 0, 0, 0, 0, 'x'})) == Rule::kCodecValue);
  CHECK(FaultOf<kSharedColor, std::shared_ptr<Color>>(color_of({1})) == Rule::kCodecValue);
  CHECK(FaultOf<kNullableColor, std::shared_ptr<Color>>(color_of({1})) == Rule::kCodecValue);
  CHECK(FaultOf<kColor, Color>(kNoFields) == Rule::kMissingField);
  CHECK(FaultOf<kSharedColor, std::shared_ptr<Color>>(kNoFields) == Rule::kMissingField);
  CHECK(FaultOf<kNullableColor, std::shared_ptr<Color>>(kNoFields) == std::error_code());
}

TEST_CASE("flags are combinations of flags, open enums are any number", "[wire][kinds]") {
  const auto field_of = [](auto raw) {
    FlatBufferBuilder builder;
    const uoffset_t start = builder.StartTable();
    builder.AddElement(kFirst, raw);
    return FinishFaulty(builder, builder.EndTable(start));
  };
  for (int flags = 0; flags < 256; ++flags) {
    const bool is_good = (flags & ~(1 | 2 | 8)) == 0;
    const auto error = FaultOf<kAccess, Access>(field_of(static_cast<std::uint8_t>(flags)));
    CHECK(error == (is_good ? std::error_code() : make_error_code(Rule::kEnumValue)));
  }
  for (const int level : {-32768, -2, -1, 0, 1, 32767}) {
    CHECK(FaultOf<kLevel, Level>(field_of(static_cast<std::int16_t>(level))) == std::error_code());
  }
}

TEST_CASE("references: an index is a place, memory of floats is a number of floats",
          "[wire][kinds]") {
  FakeShmem memory;
  wire::Encoder encoder;
  const void* const outgoing[] = {&memory};
  static constexpr wire::Type kFloats = wire::kTypedShmemOf<float>;
  for (const std::uint64_t size : {0, 1, 3, 4, 6, 4096, 4098}) {
    const auto encoded = encoder.Encode(kOnly<kFloats>, outgoing, 256);
    REQUIRE(encoded.has_value());
    wire::ShmemReference reference;
    reference.size = size;
    std::memcpy(encoded->bytes.data() + encoded->shared_memory[0].position, &reference,
                sizeof(reference));
    const auto error = FaultOf<kFloats, FakeShmem>(encoded->bytes);
    CHECK(error == (size % 4 == 0 ? std::error_code() : make_error_code(Rule::kElementSize)));
  }

  const auto encoded = encoder.Encode(kOnly<wire::kFileDescriptor>, outgoing, 256);
  REQUIRE(encoded.has_value());
  REQUIRE(encoded->shared_memory.size() == 1);
  CHECK(encoded->shared_memory[0].kind == wire::Kind::kFileDescriptor);
  const std::uint32_t index = 3;
  std::memcpy(encoded->bytes.data() + encoded->shared_memory[0].position, &index, sizeof(index));
  void* const incoming[] = {&memory};
  const auto places = wire::Decode(kOnly<wire::kFileDescriptor>, encoded->bytes, incoming);
  REQUIRE(places.has_value());
  REQUIRE(places->size() == 1);
  CHECK((*places)[0].reference.handle == 3);
  CHECK(FaultOf<wire::kFileDescriptor, FakeShmem>(kNoFields) == Rule::kMissingField);
}

TEST_CASE("sharing cannot make much of little: unions, maps, pointers, fixed arrays",
          "[wire][kinds]") {
  FlatBufferBuilder builder;
  SECTION("one alternative named by many unions") {
    const uoffset_t text = builder.CreateString(std::string(4000, 'x')).o;
    const uoffset_t shape = UnionOf(builder, 3, FaultyTable(builder, text));
    const Bytes bytes =
        FinishFaulty(builder, FaultyTable(builder, FaultyRepeat(builder, shape, 1000)));
    CHECK(FaultOf<kShapes, std::vector<Shape>>(bytes) == Rule::kDecodeBudget);
  }
  SECTION("one map named by many elements") {
    std::vector<flatbuffers::Offset<void>> entries;
    for (int key = 1; key < 256; ++key) {
      const uoffset_t start = builder.StartTable();
      builder.AddElement(kFirst, static_cast<std::uint8_t>(key));
      entries.emplace_back(builder.EndTable(start));
    }
    const uoffset_t box = FaultyTable(builder, builder.CreateVector(entries).o);
    const Bytes bytes =
        FinishFaulty(builder, FaultyTable(builder, FaultyRepeat(builder, box, 1000)));
    CHECK(FaultOf<kMaps, std::vector<Small>>(bytes) == Rule::kDecodeBudget);
  }
  SECTION("groups in groups, each twice") {
    uoffset_t shape = UnionOf(builder, 2, EmptyTable(builder));
    for (int n = 0; n < 15; ++n) {
      shape = UnionOf(builder, 4, FaultyTable(builder, FaultyRepeat(builder, shape, 2)));
    }
    const Bytes bytes = FinishFaulty(builder, FaultyTable(builder, shape));
    CHECK(FaultOf<kShape, Shape>(bytes) == Rule::kDecodeBudget);
  }
  SECTION("unions deeper than 64 tables") {
    uoffset_t shape = UnionOf(builder, 2, EmptyTable(builder));
    for (int n = 0; n < 100; ++n) shape = UnionOf(builder, 6, shape);
    const Bytes bytes = FinishFaulty(builder, FaultyTable(builder, shape));
    CHECK(FaultOf<kShape, Shape>(bytes) == Rule::kMalformed);
  }
  SECTION("a list by pointers deeper than 64 tables") {
    uoffset_t node = EmptyTable(builder);
    for (int n = 0; n < 100; ++n) {
      const uoffset_t start = builder.StartTable();
      builder.AddOffset(kSecond, flatbuffers::Offset<void>(node));
      node = builder.EndTable(start);
    }
    Node list;
    CHECK(DecodeInto(kNodeTable, FinishFaulty(builder, node), &list).error() == Rule::kMalformed);
  }
  SECTION("a large struct behind one table named by many pointers") {
    struct Large {
      std::array<std::uint8_t, 100'000> bytes = {};
    };
    static constexpr wire::Table kLargeTable = {"Large", {}};
    static constexpr wire::Type kLarge = wire::kStructOf<Large, kLargeTable>;
    static constexpr wire::Type kPointer = wire::kUniquePtrOf<Large, kLarge>;
    static constexpr wire::Type kPointers = wire::kArrayOf<std::unique_ptr<Large>, kPointer>;
    const uoffset_t box = FaultyTable(builder, EmptyTable(builder));
    const Bytes bytes =
        FinishFaulty(builder, FaultyTable(builder, FaultyRepeat(builder, box, 100)));
    std::vector<std::unique_ptr<Large>> pointers;
    const auto decoded = DecodeInto(kOnly<kPointers>, bytes, &pointers);
    REQUIRE(decoded.has_error());
    CHECK(decoded.error() == Rule::kDecodeBudget);
    // Refused before the first one was made that the message does not pay for.
    CHECK(std::ranges::none_of(pointers, [](const auto& one) { return one != nullptr; }));
  }
}

TEST_CASE("every corruption of one byte of every kind is a rule or a value", "[wire][kinds]") {
  const Kinds kinds = EveryKind();
  const auto whole = Encode(kKindsTable, &kinds);
  REQUIRE(whole.has_value());
  std::size_t refused = 0;
  Bytes bytes = *whole;
  for (std::byte& byte : bytes) {
    const std::byte original = byte;
    for (int value = 0; value < 256; value += 5) {
      byte = static_cast<std::byte>(value);
      Kinds received;
      const auto decoded = DecodeInto(kKindsTable, bytes, &received);
      if (!decoded.has_value()) {
        ++refused;
        if (decoded.error().category() != baton::RuleCategory()) {
          FAIL("not the peer's fault: " << decoded.error().message());
        }
      } else if (!Encode(kKindsTable, &received)) {
        FAIL("what was read cannot be sent");
      }
    }
    byte = original;
  }
  CHECK(refused > 0);
}

TEST_CASE("the field that was refused is named", "[wire][kinds]") {
  FlatBufferBuilder builder;
  const uoffset_t shape = UnionOf(builder, 6, UnionOf(builder, 0, EmptyTable(builder)));
  const Bytes bytes = FinishFaulty(builder, FaultyTable(builder, shape));
  Shape value;
  void* const places[] = {&value};
  std::string field;
  const auto decoded = wire::Decode(kOnly<kShape>, bytes, places, {wire::kNewestVersion, &field});
  CHECK(decoded.error() == Rule::kUnionTag);
  CHECK(field == "only.inner: alternative 0 of 7 in Shape");
}
