#include <catch2/catch.hpp>

#include <flatbuffers/flatbuffers.h>

#include <cstring>
#include <initializer_list>

#include "tests/unit/runtime/wire_types.h"

using namespace wire_types;
using baton::Rule;

namespace {

// A message written by hand, 16 bits at a time.
Bytes Words(std::initializer_list<std::uint16_t> words) {
  const auto bytes = std::as_bytes(std::span(words.begin(), words.size()));
  return Bytes(bytes.begin(), bytes.end());
}

template <const wire::Type& Type, class Value>
std::error_code DecodingErrorOf(std::span<const std::byte> bytes) {
  Value value = {};
  const auto decoded = DecodeInto(kOnly<Type>, bytes, &value);
  return decoded.has_value() ? std::error_code() : decoded.error();
}

// Points: {x int32, y int32} of one table. Offsets in bytes are those of the comments.
std::error_code PointErrorOf(const Bytes& bytes) {
  Point point;
  const auto decoded = DecodeInto(kPointTable, bytes, &point);
  return decoded.has_value() ? std::error_code() : decoded.error();
}

// A message whose only field, of `Raw`, holds `raw`.
template <class Raw>
Bytes WithField(Raw raw) {
  flatbuffers::FlatBufferBuilder builder;
  const auto start = builder.StartTable();
  builder.AddElement(4, raw);
  builder.Finish(flatbuffers::Offset<void>(builder.EndTable(start)));
  const auto* const first = reinterpret_cast<const std::byte*>(builder.GetBufferPointer());
  return Bytes(first, first + builder.GetSize());
}

template <class Raw>
Bytes WithVector(const std::vector<Raw>& raw) {
  flatbuffers::FlatBufferBuilder builder;
  const auto vector = builder.CreateVector(raw);
  const auto start = builder.StartTable();
  builder.AddOffset(4, vector);
  builder.Finish(flatbuffers::Offset<void>(builder.EndTable(start)));
  const auto* const first = reinterpret_cast<const std::byte*>(builder.GetBufferPointer());
  return Bytes(first, first + builder.GetSize());
}

bool IsRule(std::error_code error) {
  return error.category() == baton::RuleCategory();
}

constexpr wire::Type kHolders = wire::kArrayOf<Holder, kHolder>;

// All shapes at once, shared memory too.
Bytes HolderBytes() {
  Holder holder = {{1}, 77, {2}, FakeShmem{3}, {{4}, {5}}, {FakeShmem{6}, std::nullopt}};
  const std::vector<Holder> list = {std::move(holder)};
  wire::Encoder encoder;
  const void* const places[] = {&list};
  const auto encoded = encoder.Encode(kOnly<kHolders>, places, 4096);
  REQUIRE(encoded.has_value());
  for (const wire::OutgoingShmem& memory : encoded->shared_memory) {
    const wire::ShmemReference reference;
    std::memcpy(encoded->bytes.data() + memory.position, &reference, sizeof(reference));
  }
  return Bytes(encoded->bytes.begin(), encoded->bytes.end());
}

}  // namespace

TEST_CASE("fields that are absent have the values that the page promises", "[wire]") {
  // root offset 8 | vtable {4, 4} | table {vtable 4 bytes before}
  const Bytes empty = Words({8, 0, 4, 4, 4, 0});
  Rich rich = GENERATE(Rich(), Everything());
  REQUIRE(DecodeInto(kRichTable, empty, &rich).has_value());
  CHECK(rich == Rich());
  CHECK(rich.mode == Mode::kFast);
  CHECK(rich.port == Port::kFirst);
  CHECK(rich.huge == Huge::kLow);
  CHECK(rich.leaf.mode == Mode::kFast);
}

TEST_CASE("a box without a value holds the default", "[wire]") {
  flatbuffers::FlatBufferBuilder builder;
  const auto box = flatbuffers::Offset<void>(builder.EndTable(builder.StartTable()));
  const auto boxes = builder.CreateVector(std::vector{box, box});
  const auto start = builder.StartTable();
  builder.AddOffset(4, boxes);
  builder.Finish(flatbuffers::Offset<void>(builder.EndTable(start)));
  const auto* const first = reinterpret_cast<const std::byte*>(builder.GetBufferPointer());
  const std::span bytes(first, builder.GetSize());

  std::vector<std::optional<std::uint32_t>> holes;
  REQUIRE(DecodeInto(kOnly<kHoles>, bytes, &holes).has_value());
  CHECK(holes == std::vector<std::optional<std::uint32_t>>(2));
  std::vector<Bytes> blobs;
  REQUIRE(DecodeInto(kOnly<kBlobs>, bytes, &blobs).has_value());
  CHECK(blobs == std::vector<Bytes>(2));
}

TEST_CASE("an absent Shmem is a missing field unless it is optional", "[wire]") {
  const Bytes empty = Words({8, 0, 4, 4, 4, 0});
  CHECK(DecodingErrorOf<wire::kShmem, FakeShmem>(empty) == Rule::kMissingField);
  CHECK(DecodingErrorOf<wire::kUnsafeShmem, FakeShmem>(empty) == Rule::kMissingField);
  CHECK(DecodingErrorOf<kMaybeShmem, std::optional<FakeShmem>>(empty) == std::error_code());
  CHECK(DecodingErrorOf<kHolder, Holder>(empty) == Rule::kMissingField);  // within an absent struct
}

TEST_CASE("fields with larger ids than the reader knows are ignored", "[wire]") {
  const Rich rich = Everything();
  const auto bytes = Encode(kRichTable, &rich);
  REQUIRE(bytes.has_value());
  static constexpr wire::Table kOlder = {"Older", std::span(kRichRows).first(8)};
  Rich received;
  REQUIRE(DecodeInto(kOlder, *bytes, &received).has_value());
  CHECK(received.i64 == rich.i64);
  CHECK(received.u64 == 0);
}

TEST_CASE("bools are 0 or 1", "[wire]") {
  CHECK(DecodingErrorOf<wire::kBool, bool>(WithField<std::uint8_t>(1)) == std::error_code());
  CHECK(DecodingErrorOf<wire::kBool, bool>(WithField<std::uint8_t>(0)) == std::error_code());
  const std::uint8_t bad = GENERATE(2, 3, 128, 255);
  CHECK(DecodingErrorOf<wire::kBool, bool>(WithField(bad)) == Rule::kBoolValue);
  CHECK(DecodingErrorOf<kMaybeFlag, std::optional<bool>>(WithField(bad)) == Rule::kBoolValue);
  CHECK(DecodingErrorOf<kFlags, std::vector<bool>>(WithVector<std::uint8_t>({0, 1, bad})) ==
        Rule::kBoolValue);
}

TEST_CASE("enums are one of their enumerators", "[wire]") {
  const auto mode = GENERATE(values<std::int8_t>({-128, -3, -1, 1, 2, 4, 127}));
  CHECK(DecodingErrorOf<kMode, Mode>(WithField(mode)) == Rule::kEnumValue);
  CHECK(DecodingErrorOf<kMaybeMode, std::optional<Mode>>(WithField(mode)) == Rule::kEnumValue);
  CHECK(DecodingErrorOf<kModeList, std::vector<Mode>>(WithVector<std::int8_t>({0, mode})) ==
        Rule::kEnumValue);
  const auto port = GENERATE(values<std::uint16_t>({0, 2, 499, 501, 65534}));
  CHECK(DecodingErrorOf<kPort, Port>(WithField(port)) == Rule::kEnumValue);
  const auto huge = GENERATE(values<std::uint64_t>(
      {0, 6, 8, 0x7fffffffffffffff, 0x8000000000000000, 0x8000000000000002, 0xffffffffffffffff}));
  CHECK(DecodingErrorOf<kHuge, Huge>(WithField(huge)) == Rule::kEnumValue);
}

TEST_CASE("every enumerator of every width arrives", "[wire]") {
  for (const Mode mode : {Mode::kSlow, Mode::kOff, Mode::kFast}) {
    CHECK(DecodingErrorOf<kMode, Mode>(WithField(static_cast<std::int8_t>(mode))) ==
          std::error_code());
  }
  for (const Port port : {Port::kFirst, Port::kMiddle, Port::kLast}) {
    CHECK(DecodingErrorOf<kPort, Port>(WithField(static_cast<std::uint16_t>(port))) ==
          std::error_code());
  }
  for (const Huge huge : {Huge::kLow, Huge::kHigh}) {
    CHECK(DecodingErrorOf<kHuge, Huge>(WithField(static_cast<std::uint64_t>(huge))) ==
          std::error_code());
  }
}

TEST_CASE("text is UTF-8 and ends in a zero", "[wire]") {
  CHECK(
      DecodingErrorOf<wire::kString, std::string>(WithVector<std::uint8_t>({'a', 'b', 0xff, 0})) ==
      Rule::kMalformed);  // four bytes of content, and nothing behind them
  Bytes text = Words({8, 0, 4, 4, 4, 0});
  flatbuffers::FlatBufferBuilder builder;
  const auto string = builder.CreateString("ab\xff", 3);
  const auto start = builder.StartTable();
  builder.AddOffset(4, string);
  builder.Finish(flatbuffers::Offset<void>(builder.EndTable(start)));
  const auto* const first = reinterpret_cast<const std::byte*>(builder.GetBufferPointer());
  text.assign(first, first + builder.GetSize());
  CHECK(DecodingErrorOf<wire::kString, std::string>(text) == Rule::kNotUtf8);
  text.back() = std::byte{'x'};
  CHECK(DecodingErrorOf<wire::kString, std::string>(text) == Rule::kMalformed);
}

TEST_CASE("a reference to shared memory is of a known kind and has nothing in reserve", "[wire]") {
  struct Case {
    std::uint32_t kind;
    std::uint32_t generation;
    std::uint32_t capacity;
    bool good;
  };
  const Case one = GENERATE(values<Case>({{1, 0, 0, true},
                                          {2, 0, 0, true},
                                          {0, 0, 0, false},
                                          {4, 0, 0, false},
                                          {1, 1, 0, true},
                                          {2, 1, 0, false},
                                          {1, 0, 1u << 31, true},
                                          {2, 0, 1u << 31, false}}));
  const FakeShmem memory = {};
  wire::Encoder encoder;
  const void* const outgoing[] = {&memory};
  const auto encoded = encoder.Encode(kOnly<wire::kShmem>, outgoing, 256);
  REQUIRE(encoded.has_value());
  wire::ShmemReference reference;
  reference.kind = one.kind;
  reference.generation = one.generation;
  reference.capacity = one.capacity;
  std::memcpy(encoded->bytes.data() + encoded->shared_memory[0].position, &reference,
              sizeof(reference));
  const auto error = DecodingErrorOf<wire::kShmem, FakeShmem>(encoded->bytes);
  CHECK(error == (one.good ? std::error_code() : make_error_code(Rule::kMalformed)));
}

TEST_CASE("tables written by hand: what is well-formed is read", "[wire]") {
  // 0: root 12 | 4: vtable {8, 12, x at 4, y at 8} | 12: table {vtable 8 before, x, y}
  CHECK(PointErrorOf(Words({12, 0, 8, 12, 4, 8, 8, 0, 1, 0, 2, 0})) == std::error_code());
  // y overlaps x: odd, but nothing is out of bounds
  CHECK(PointErrorOf(Words({12, 0, 8, 12, 4, 4, 8, 0, 1, 0, 2, 0})) == std::error_code());
  // the vtable overlaps the root offset: {8, 0} read as {size 8, table size 0} is too small a table
  CHECK(PointErrorOf(Words({8, 0, 8, 12, 8, 0, 1, 0, 2, 0})) == Rule::kMalformed);
  // the vtable lies behind the table, 12 bytes from it
  CHECK(PointErrorOf(Words({4, 0, 0xfff4, 0xffff, 1, 0, 2, 0, 8, 12, 4, 8})) == std::error_code());
  // the vtable is the table itself, read as {size 0, ...}
  CHECK(PointErrorOf(Words({4, 0, 0, 0, 0, 0})) == Rule::kMalformed);
}

TEST_CASE("tables written by hand: what is not is refused", "[wire]") {
  const Bytes bad =
      GENERATE(Words({}), Words({8, 0, 4}),                     // shorter than any message
               Words({0, 0, 4, 4, 4, 0}),                       // the root names itself
               Words({6, 0, 4, 4, 4, 0}),                       // a table that is not aligned
               Words({12, 0, 4, 4, 4, 0}),                      // a root behind the end
               Words({0xffff, 0xffff, 4, 4, 4, 0}),             // a root far behind the end
               Words({8, 0, 4, 4, 12, 0}),                      // a vtable before the message
               Words({8, 0, 4, 4, 0xfffc, 0xffff}),             // a vtable behind the end
               Words({8, 0, 4, 4, 0, 0x8000}),                  // a vtable 2 GiB away
               Words({8, 0, 4, 4, 3, 0}),                       // a vtable that is not aligned
               Words({8, 0, 5, 4, 4, 0}),                       // a vtable of odd size
               Words({8, 0, 2, 4, 4, 0}),                       // a vtable too short for itself
               Words({8, 0, 10, 4, 4, 0}),                      // a vtable over the end
               Words({8, 0, 4, 2, 4, 0}),                       // a table too short for itself
               Words({8, 0, 4, 8, 4, 0}),                       // a table over the end
               Words({12, 0, 8, 12, 2, 8, 8, 0, 1, 0, 2, 0}),   // a field over the vtable offset
               Words({12, 0, 8, 12, 10, 8, 8, 0, 1, 0, 2, 0}),  // a field over the table's end
               Words({12, 0, 8, 12, 4, 6, 8, 0, 1, 0, 2, 0}),   // a field that is not aligned
               Words({12, 0, 8, 8, 4, 8, 8, 0, 1, 0, 2, 0}),    // a field outside its table
               Words({12, 0, 8, 12, 4, 0xfffc, 8, 0, 1, 0, 2, 0}));  // a field far outside
  CHECK(PointErrorOf(bad) == Rule::kMalformed);
}

TEST_CASE("every prefix of a message is refused or is a value, never worse", "[wire]") {
  const Rich rich = Everything();
  const auto whole = Encode(kRichTable, &rich);
  REQUIRE(whole.has_value());
  std::size_t refused = 0;
  for (std::size_t length = 0; length < whole->size(); ++length) {
    const Bytes prefix(whole->begin(), whole->begin() + static_cast<std::ptrdiff_t>(length));
    Rich received;
    const auto decoded = DecodeInto(kRichTable, prefix, &received);
    if (decoded.has_value()) continue;
    CHECK(IsRule(decoded.error()));
    ++refused;
  }
  // Only the padding behind the last string may be missing.
  CHECK(refused + 4 > whole->size());
}

TEST_CASE("every corruption of one byte is refused or is a value, never worse", "[wire]") {
  const Rich rich = Everything();
  const auto whole = Encode(kRichTable, &rich);
  REQUIRE(whole.has_value());
  std::size_t refused = 0;
  Bytes bytes = *whole;
  int first = 0;  // with a sanitizer each byte takes other values
  for (std::byte& byte : bytes) {
    const std::byte original = byte;
    for (int value = first++ % BATON_TEST_SLOWNESS; value < 256; value += BATON_TEST_SLOWNESS) {
      byte = static_cast<std::byte>(value);
      Rich received;
      const auto decoded = DecodeInto(kRichTable, bytes, &received);
      if (decoded.has_value()) {
        if (!Encode(kRichTable, &received).has_value()) FAIL("what was read cannot be sent");
      } else {
        if (!IsRule(decoded.error())) FAIL("not the peer's fault: " << decoded.error().message());
        ++refused;
      }
    }
    byte = original;
  }
  CHECK(refused > 0);
}

TEST_CASE("every corruption of references to shared memory is refused or is a value", "[wire]") {
  Bytes bytes = HolderBytes();
  for (std::byte& byte : bytes) {
    const std::byte original = byte;
    for (int value = 0; value < 256; ++value) {
      byte = static_cast<std::byte>(value);
      std::vector<Holder> received;
      void* const places[] = {&received};
      const auto decoded = wire::Decode(kOnly<kHolders>, bytes, places);
      if (!decoded.has_value()) {
        if (!IsRule(decoded.error())) FAIL("not the peer's fault: " << decoded.error().message());
        continue;
      }
      for (const wire::IncomingShmem& place : *decoded) {
        static_cast<FakeShmem*>(place.memory)->number = 1;  // every place is writable
      }
    }
    byte = original;
  }
}
