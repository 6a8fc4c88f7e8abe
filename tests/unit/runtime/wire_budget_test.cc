#include <catch2/catch.hpp>

#include <flatbuffers/flatbuffers.h>

#include "tests/unit/runtime/wire_types.h"

using namespace wire_types;
using baton::Rule;
using flatbuffers::FlatBufferBuilder;
using flatbuffers::uoffset_t;
using flatbuffers::voffset_t;

namespace {

// uint64[][][]
using Numbers = std::vector<std::uint64_t>;
constexpr wire::Type kNumbers = wire::kArrayOf<std::uint64_t, wire::kUint64>;
constexpr wire::Type kRows = wire::kArrayOf<Numbers, kNumbers>;
constexpr wire::Type kCube = wire::kArrayOf<std::vector<Numbers>, kRows>;

constexpr voffset_t kValue = 4;  // the first field, of boxes and of our roots

uoffset_t TableOf(FlatBufferBuilder& builder, uoffset_t content) {
  const uoffset_t start = builder.StartTable();
  builder.AddOffset(kValue, flatbuffers::Offset<void>(content));
  return builder.EndTable(start);
}

// A vector that names the same object again and again.
uoffset_t Repeat(FlatBufferBuilder& builder, uoffset_t object, std::size_t times) {
  return builder.CreateVector(std::vector(times, flatbuffers::Offset<void>(object))).o;
}

Bytes Finish(FlatBufferBuilder& builder, uoffset_t root) {
  builder.Finish(flatbuffers::Offset<void>(root));
  const auto* const first = reinterpret_cast<const std::byte*>(builder.GetBufferPointer());
  return Bytes(first, first + builder.GetSize());
}

// 960 x 960 x 500 numbers: 3.7 GB, by naming one vector 960 times, and that one 960 times.
Bytes Bomb() {
  FlatBufferBuilder builder;
  const uoffset_t numbers = builder.CreateVector(std::vector<std::uint64_t>(500, 1)).o;
  const uoffset_t rows = Repeat(builder, TableOf(builder, numbers), 960);
  const uoffset_t cube = Repeat(builder, TableOf(builder, rows), 960);
  return Finish(builder, TableOf(builder, cube));
}

// What flatc would generate for the root and the boxes of the bomb: `Verify` of generated code.
template <class Content>
struct Box : private flatbuffers::Table {
  bool Verify(flatbuffers::Verifier& verifier) const {
    return VerifyTableStart(verifier) && VerifyOffset(verifier, kValue) &&
           Content::Verify(verifier, GetPointer<const void*>(kValue)) && verifier.EndTable();
  }
};

struct NumberVector {
  static bool Verify(flatbuffers::Verifier& verifier, const void* vector) {
    return verifier.VerifyVector(static_cast<const flatbuffers::Vector<std::uint64_t>*>(vector));
  }
};

template <class Inner>
struct BoxVector {
  static bool Verify(flatbuffers::Verifier& verifier, const void* vector) {
    using Boxes = flatbuffers::Vector<flatbuffers::Offset<Box<Inner>>>;
    const auto* const boxes = static_cast<const Boxes*>(vector);
    return verifier.VerifyVector(boxes) && verifier.VerifyVectorOfTables(boxes);
  }
};

template <const wire::Type& Type, class Value>
std::error_code BudgetErrorOf(const Bytes& bytes) {
  Value value;
  const auto decoded = DecodeInto(kOnly<Type>, bytes, &value);
  return decoded.has_value() ? std::error_code() : decoded.error();
}

}  // namespace

TEST_CASE("a bomb that FlatBuffers' own verifier lets pass is over the budget", "[wire]") {
  const Bytes bomb = Bomb();
  CHECK(bomb.size() < 12'000);
  using Root = Box<BoxVector<BoxVector<NumberVector>>>;
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(bomb.data()), bomb.size());
  REQUIRE(verifier.VerifyBuffer<Root>(nullptr));

  std::vector<std::vector<Numbers>> cube;
  const auto decoded = DecodeInto(kOnly<kCube>, bomb, &cube);
  REQUIRE(decoded.has_error());
  CHECK(decoded.error() == Rule::kDecodeBudget);
  std::size_t numbers = 0;
  for (const auto& rows : cube) {
    for (const auto& row : rows) numbers += row.size();
  }
  CHECK(numbers * sizeof(std::uint64_t) < 64 * bomb.size() + 4096);
}

TEST_CASE("one long string named a thousand times is over the budget", "[wire]") {
  FlatBufferBuilder builder;
  const uoffset_t text = builder.CreateString(std::string(8000, 'x')).o;
  const Bytes bytes = Finish(builder, TableOf(builder, Repeat(builder, text, 1000)));
  CHECK(BudgetErrorOf<kWords, std::vector<std::string>>(bytes) == Rule::kDecodeBudget);
}

TEST_CASE("a few shared strings are fine: other writers of FlatBuffers pool them", "[wire]") {
  FlatBufferBuilder builder;
  const uoffset_t text = builder.CreateSharedString("shared").o;
  const Bytes bytes = Finish(builder, TableOf(builder, Repeat(builder, text, 20)));
  std::vector<std::string> words;
  REQUIRE(DecodeInto(kOnly<kWords>, bytes, &words).has_value());
  CHECK(words == std::vector<std::string>(20, "shared"));
}

TEST_CASE("one empty table named often, large in memory, is over the budget", "[wire]") {
  static constexpr wire::Type kRich = wire::kStructOf<Rich, kRichTable>;
  static constexpr wire::Type kRiches = wire::kArrayOf<Rich, kRich>;
  FlatBufferBuilder builder;
  const uoffset_t empty = builder.EndTable(builder.StartTable());
  const Bytes bytes = Finish(builder, TableOf(builder, Repeat(builder, empty, 1000)));
  std::vector<Rich> riches;
  const auto decoded = DecodeInto(kOnly<kRiches>, bytes, &riches);
  REQUIRE(decoded.has_error());
  CHECK(decoded.error() == Rule::kDecodeBudget);
  CHECK(riches.capacity() == 0);  // refused before it was allocated
}

TEST_CASE("an honest message of values that are large in memory pays by padding", "[wire]") {
  static constexpr wire::Type kRich = wire::kStructOf<Rich, kRichTable>;
  static constexpr wire::Type kRiches = wire::kArrayOf<Rich, kRich>;
  struct Hollow {
    std::optional<std::string> fields[64];
  };
  static const std::vector<wire::Row> rows = [] {
    std::vector<wire::Row> all;
    for (std::uint16_t n = 0; n < 64; ++n) {
      const auto offset = static_cast<std::uint32_t>(n * sizeof(std::optional<std::string>));
      all.push_back({"field", offset, n, &kMaybeText});
    }
    return all;
  }();
  static const wire::Table table = {"Hollow", rows};
  static constexpr wire::Type kHollow = wire::kStructOf<Hollow, table>;
  static constexpr wire::Type kHollows = wire::kArrayOf<Hollow, kHollow>;

  SECTION("a struct of optionals, all empty") {
    const std::vector<Hollow> sent(1000);
    const auto bytes = Encode(kOnly<kHollows>, &sent);
    REQUIRE(bytes.has_value());
    CHECK(bytes->size() * 64 > sent.size() * sizeof(Hollow));
    std::vector<Hollow> received;
    REQUIRE(DecodeInto(kOnly<kHollows>, *bytes, &received).has_value());
    CHECK(received.size() == sent.size());
  }
  SECTION("a struct of everything, all of it the default") {
    const std::vector<Rich> sent(300);
    const auto bytes = Encode(kOnly<kRiches>, &sent);
    REQUIRE(bytes.has_value());
    std::vector<Rich> received;
    REQUIRE(DecodeInto(kOnly<kRiches>, *bytes, &received).has_value());
    CHECK(received == sent);
  }
  SECTION("the padding counts towards the limit") {
    const std::vector<Hollow> sent(1000);
    const auto bytes = Encode(kOnly<kHollows>, &sent);
    REQUIRE(bytes.has_value());
    const auto refused = Encode(kOnly<kHollows>, &sent, bytes->size() - 1);
    REQUIRE(refused.has_error());
    CHECK(refused.error() == baton::Errc::kMessageTooLarge);
  }
}

TEST_CASE("a vector that claims more elements than the message has is malformed", "[wire]") {
  const std::uint32_t claimed = GENERATE(0xffffffffu, 0x80000000u, 0x40000000u, 0x20000000u, 9u);
  FlatBufferBuilder builder;
  const uoffset_t vector = builder.CreateVector(std::vector<std::uint64_t>{1}).o;
  Bytes bytes = Finish(builder, TableOf(builder, vector));
  REQUIRE(bytes.size() <= 40);
  std::memcpy(bytes.data() + bytes.size() - 12, &claimed, sizeof(claimed));

  CHECK(BudgetErrorOf<kNumbers, Numbers>(bytes) == Rule::kMalformed);
  CHECK(BudgetErrorOf<kFlags, std::vector<bool>>(bytes) == Rule::kMalformed);
  CHECK(BudgetErrorOf<kWords, std::vector<std::string>>(bytes) == Rule::kMalformed);
  CHECK(BudgetErrorOf<kCube, std::vector<std::vector<Numbers>>>(bytes) == Rule::kMalformed);
  CHECK(BudgetErrorOf<kShmemList, std::vector<FakeShmem>>(bytes) == Rule::kMalformed);
  CHECK(BudgetErrorOf<wire::kString, std::string>(bytes) == Rule::kMalformed);
  CHECK(BudgetErrorOf<wire::kBytes, Bytes>(bytes) == Rule::kMalformed);
}

namespace {

Bytes NestedTables(int depth) {
  FlatBufferBuilder builder;
  uoffset_t table = TableOf(builder, Repeat(builder, 0, 0));
  for (int n = 1; n < depth; ++n) table = TableOf(builder, Repeat(builder, table, 1));
  return Finish(builder, table);
}

}  // namespace

TEST_CASE("tables nest 64 deep", "[wire]") {
  Tree tree;
  CHECK(DecodeInto(kTreeTable, NestedTables(64), &tree).has_value());
  const auto decoded = DecodeInto(kTreeTable, NestedTables(GENERATE(65, 1000)), &tree);
  REQUIRE(decoded.has_error());
  CHECK(decoded.error() == Rule::kMalformed);
}

TEST_CASE("branches that name each other twice at every level end, and soon", "[wire]") {
  FlatBufferBuilder builder;
  uoffset_t table = TableOf(builder, Repeat(builder, 0, 0));
  for (int n = 1; n < 60; ++n) table = TableOf(builder, Repeat(builder, table, 2));
  Tree tree;
  const auto decoded = DecodeInto(kTreeTable, Finish(builder, table), &tree);
  REQUIRE(decoded.has_error());
  CHECK(decoded.error() == Rule::kDecodeBudget);
}

TEST_CASE("shared memory named twice is reported twice", "[wire]") {
  static constexpr wire::Row kRow[] = {{"memory", 0, 0, &wire::kShmem}};
  static constexpr wire::Table kOne = {"One", kRow};
  static constexpr wire::Type kOneType = wire::kStructOf<FakeShmem, kOne>;
  static constexpr wire::Type kList = wire::kArrayOf<FakeShmem, kOneType>;
  FlatBufferBuilder builder;
  const uoffset_t start = builder.StartTable();
  builder.Align(8);
  wire::ShmemReference reference;
  builder.PushBytes(reinterpret_cast<const std::uint8_t*>(&reference), sizeof(reference));
  builder.AddStructOffset(kValue, builder.GetSize());
  const uoffset_t holder = builder.EndTable(start);
  const Bytes bytes = Finish(builder, TableOf(builder, Repeat(builder, holder, 2)));
  std::vector<FakeShmem> list;
  void* const places[] = {&list};
  const auto decoded = wire::Decode(kOnly<kList>, bytes, places);
  REQUIRE(decoded.has_value());
  REQUIRE(decoded->size() == 2);
  CHECK((*decoded)[0].memory == &list[0]);
  CHECK((*decoded)[1].memory == &list[1]);
}
