#include <catch2/catch.hpp>

#include <flatbuffers/flatbuffers.h>

#include <memory>

#include "tests/unit/runtime/wire_types.h"

using namespace wire_types;
using baton::Errc;

namespace {

// The root of a message of ours, as FlatBuffers itself reads it.
const flatbuffers::Table& RootOf(const Bytes& bytes) {
  return *flatbuffers::GetRoot<flatbuffers::Table>(bytes.data());
}

flatbuffers::voffset_t FieldOf(std::uint16_t slot) {
  return flatbuffers::FieldIndexToOffset(slot);
}

Tree TreeOfDepth(int depth) {
  Tree tree;
  for (int n = 1; n < depth; ++n) {
    Tree outer;
    outer.branches.push_back(std::move(tree));
    tree = std::move(outer);
  }
  return tree;
}

}  // namespace

TEST_CASE("a scalar that is its default is left out, all else is written", "[wire]") {
  const Rich rich;
  const auto bytes = Encode(kRichTable, &rich);
  REQUIRE(bytes.has_value());
  const flatbuffers::Table& root = RootOf(*bytes);
  for (const wire::Row& row : kRichRows) {
    const bool scalar = row.type->kind <= wire::Kind::kEnum;
    const bool optional = row.type->kind == wire::Kind::kOptional;
    INFO(row.name);
    CHECK(root.CheckField(FieldOf(row.slot)) == (!scalar && !optional));
  }
}

TEST_CASE("what an optional holds is written even if it is the default", "[wire]") {
  Rich rich;
  rich.maybe_number = 0;
  rich.maybe_flag = false;
  rich.maybe_mode = Mode::kFast;
  const auto bytes = Encode(kRichTable, &rich);
  REQUIRE(bytes.has_value());
  const flatbuffers::Table& root = RootOf(*bytes);
  CHECK(root.CheckField(FieldOf(24)));
  CHECK(root.CheckField(FieldOf(25)));
  CHECK(root.CheckField(FieldOf(26)));
}

TEST_CASE("an enumerator of zero that is not the first one is written", "[wire]") {
  Rich rich;
  rich.mode = Mode::kOff;
  const auto bytes = Encode(kRichTable, &rich);
  REQUIRE(bytes.has_value());
  CHECK(RootOf(*bytes).CheckField(FieldOf(11)));
  CHECK(RootOf(*bytes).GetField<std::int8_t>(FieldOf(11), 3) == 0);
}

TEST_CASE("text that is not UTF-8 is refused, wherever it hides", "[wire]") {
  const std::string bad =
      GENERATE("\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "abc\xe2\x82",
               "12345678\x80", "\xf8\x88\x80\x80\x80", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf");
  Rich rich;
  SECTION("in a field") {
    rich.text = bad;
  }
  SECTION("in a vector") {
    rich.words = {"good", bad};
  }
  SECTION("in a box") {
    rich.grid = {{"good"}, {bad}};
  }
  SECTION("in an optional") {
    rich.maybe_text = bad;
  }
  SECTION("in a struct in a vector") {
    rich.leaves = {{bad, Mode::kFast, {}, {}}};
  }
  const auto bytes = Encode(kRichTable, &rich);
  REQUIRE(bytes.has_error());
  CHECK(bytes.error() == Errc::kInvalidValue);
}

TEST_CASE("all of Unicode is text, and so are zeros", "[wire]") {
  Rich rich;
  rich.text = std::string(
      "\0\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"
      "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf",
      26);
  CHECK(Encode(kRichTable, &rich).has_value());
}

TEST_CASE("a number that is no enumerator is refused", "[wire]") {
  Rich rich;
  SECTION("in a field") {
    rich.mode = static_cast<Mode>(1);
  }
  SECTION("between two others, 64 bits") {
    rich.huge = static_cast<Huge>(0x8000000000000000);
  }
  SECTION("in a vector") {
    rich.modes = {Mode::kOff, static_cast<Mode>(-1)};
  }
  SECTION("in an optional") {
    rich.maybe_mode = static_cast<Mode>(100);
  }
  SECTION("in a struct") {
    rich.leaf.mode = static_cast<Mode>(-128);
  }
  const auto bytes = Encode(kRichTable, &rich);
  REQUIRE(bytes.has_error());
  CHECK(bytes.error() == Errc::kInvalidValue);
}

TEST_CASE("a message over the limit is refused, one at the limit is not", "[wire]") {
  const Rich rich = Everything();
  const auto bytes = Encode(kRichTable, &rich);
  REQUIRE(bytes.has_value());
  CHECK(Encode(kRichTable, &rich, bytes->size()).has_value());
  for (std::size_t limit = 0; limit < bytes->size(); ++limit) {
    const auto refused = Encode(kRichTable, &rich, limit);
    REQUIRE(refused.has_error());
    CHECK(refused.error() == Errc::kMessageTooLarge);
  }
}

TEST_CASE("a vector of any kind that is far too long is refused before it is built", "[wire]") {
  constexpr std::size_t kMany = 3'000'000;
  Rich rich;
  SECTION("bytes") {
    rich.blob.resize(kMany);
  }
  SECTION("text") {
    rich.text.resize(kMany);
  }
  SECTION("bools") {
    rich.flags.resize(kMany);
  }
  SECTION("numbers") {
    rich.doubles.resize(kMany);
  }
  SECTION("enums") {
    rich.modes.resize(kMany, Mode::kOff);
  }
  SECTION("strings") {
    rich.words.resize(kMany);
  }
  SECTION("boxes") {
    rich.holes.resize(kMany);
  }
  const auto bytes = Encode(kRichTable, &rich);
  REQUIRE(bytes.has_error());
  CHECK(bytes.error() == Errc::kMessageTooLarge);
}

TEST_CASE("values nest as deep as the reader allows and no deeper", "[wire]") {
  const Tree deepest = TreeOfDepth(64);
  const auto bytes = Encode(kTreeTable, &deepest);
  REQUIRE(bytes.has_value());
  Tree received;
  CHECK(DecodeInto(kTreeTable, *bytes, &received).has_value());

  const Tree deeper = TreeOfDepth(65);
  const auto refused = Encode(kTreeTable, &deeper);
  REQUIRE(refused.has_error());
  CHECK(refused.error() == Errc::kInvalidValue);
}

TEST_CASE("a table with more inline bytes than a vtable can count is refused", "[wire]") {
  constexpr std::size_t kFields = 0x10000 / sizeof(wire::ShmemReference) + 1;
  const auto memories = std::make_unique<FakeShmem[]>(kFields);
  std::vector<wire::Row> rows;
  std::vector<const void*> values;
  for (std::size_t n = 0; n < kFields; ++n) {
    rows.push_back({"memory", 0, static_cast<std::uint16_t>(n), &wire::kShmem});
    values.push_back(&memories[n]);
  }
  const wire::Table table = {"Wide", rows};
  wire::Encoder encoder;
  const auto encoded = encoder.Encode(table, values, 1 << 20);
  REQUIRE(encoded.has_error());
  CHECK(encoded.error() == Errc::kMessageTooLarge);
}

TEST_CASE("many different layouts of one struct take no quadratic time or space", "[wire]") {
  // 11 optionals, 2048 ways to leave some out: every way a vtable of its own.
  struct Sparse {
    std::optional<std::uint32_t> fields[11];
  };
  static const std::vector<wire::Row> rows = [] {
    std::vector<wire::Row> all;
    for (std::uint16_t n = 0; n < 11; ++n) {
      all.push_back({"field", n * static_cast<std::uint32_t>(sizeof(std::optional<std::uint32_t>)),
                     n, &kMaybeNumber});
    }
    return all;
  }();
  static const wire::Table table = {"Sparse", rows};
  static constexpr wire::Type kSparse = wire::kStructOf<Sparse, table>;
  static constexpr wire::Type kSparses = wire::kArrayOf<Sparse, kSparse>;

  std::vector<Sparse> sent(4096);
  for (std::size_t n = 0; n < sent.size(); ++n) {
    for (std::size_t bit = 0; bit < 11; ++bit) {
      if ((n >> bit) & 1) sent[n].fields[bit] = static_cast<std::uint32_t>(n);
    }
  }
  const auto bytes = Encode(kOnly<kSparses>, &sent);
  REQUIRE(bytes.has_value());
  std::vector<Sparse> received;
  REQUIRE(DecodeInto(kOnly<kSparses>, *bytes, &received).has_value());
  REQUIRE(received.size() == sent.size());
  for (std::size_t n = 0; n < sent.size(); ++n) {
    REQUIRE(std::ranges::equal(received[n].fields, sent[n].fields));
  }
}
