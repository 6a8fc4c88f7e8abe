// The round trip of every kind of value in wire_kinds.h.
#include "tests/unit/runtime/wire_kinds.h"

#include <catch2/catch.hpp>

#include <random>

using namespace wire_types;
using baton::Errc;

namespace {

Bytes MustEncode(const Kinds& kinds) {
  const auto bytes = Encode(kKindsTable, &kinds);
  REQUIRE(bytes.has_value());
  return *bytes;
}

// What a value of every kind must look like behind the trip.
void CheckSame(const Kinds& got, const Kinds& sent) {
  CHECK(got.shape == sent.shape);
  CHECK(got.shapes == sent.shapes);
  CHECK(got.maybe_shape == sent.maybe_shape);
  CHECK(got.matrix == sent.matrix);
  CHECK(got.names == sent.names);
  CHECK(got.bits == sent.bits);
  CHECK(got.modes == sent.modes);
  CHECK(got.points == sent.points);
  CHECK(got.pairs == sent.pairs);
  CHECK(got.counts == sent.counts);
  CHECK(got.leaves == sent.leaves);
  CHECK(got.by_mode == sent.by_mode);
  CHECK(got.maps == sent.maps);
  CHECK(got.shapes_by_name == sent.shapes_by_name);
  CHECK(got.color == sent.color);
  CHECK(got.colors == sent.colors);
  REQUIRE(got.shared != nullptr);
  CHECK(*got.shared == *sent.shared);
  REQUIRE((got.nullable == nullptr) == (sent.nullable == nullptr));
  if (sent.nullable != nullptr) CHECK(*got.nullable == *sent.nullable);
  CHECK(got.nullables.size() == sent.nullables.size());
  CHECK(got.access == sent.access);
  CHECK(got.level == sent.level);
  // Whatever is behind pointers: the same bytes.
  CHECK(MustEncode(got) == MustEncode(sent));
}

// Values at random, most of them small.
class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}

  std::uint32_t Below(std::uint32_t limit) {
    return std::uniform_int_distribution<std::uint32_t>(0, limit - 1)(engine_);
  }
  std::string Text() { return std::string(Below(9), static_cast<char>('a' + Below(26))); }
  Mode AnyMode() {
    constexpr Mode kAll[] = {Mode::kSlow, Mode::kOff, Mode::kFast};
    return kAll[Below(3)];
  }
  Color AnyColor() { return {Below(1000), Text()}; }

  Shape AnyShape(int depth) {
    switch (Below(depth == 0 ? 3 : 7)) {
      case 0: return MakeShape<0>(Point{static_cast<int>(Below(5)), -7});
      case 1: return MakeShape<1>(Below(100));
      case 2: return MakeShape<2>(Text());
      case 3: return MakeShape<3>(Shapes(depth - 1));
      case 4: return MakeShape<4>(Below(100));
      case 5: return MakeShape<5>(AnyShape(depth - 1));
      default: return MakeShape<6>(AnyMode());
    }
  }
  std::vector<Shape> Shapes(int depth) {
    std::vector<Shape> shapes(Below(4));
    for (Shape& shape : shapes) shape = AnyShape(depth);
    return shapes;
  }

  Kinds Anything() {
    Kinds kinds;
    kinds.shape = AnyShape(4);
    kinds.shapes = Shapes(4);
    if (Below(2) == 0) kinds.maybe_shape = AnyShape(2);
    for (float& number : kinds.matrix) number = static_cast<float>(Below(3));
    for (std::string& name : kinds.names) name = Text();
    for (bool& bit : kinds.bits) bit = Below(2) == 0;
    for (Mode& mode : kinds.modes) mode = AnyMode();
    for (std::uint32_t n = Below(5); n > 0; --n) kinds.counts[Text()] = Below(3);
    for (std::uint32_t n = Below(5); n > 0; --n)
      kinds.leaves[static_cast<int>(Below(99)) - 50] = {};
    for (std::uint32_t n = Below(5); n > 0; --n) kinds.by_mode[AnyMode()] = Text();
    for (std::uint32_t n = Below(5); n > 0; --n) kinds.shapes_by_name[Text()] = AnyShape(2);
    kinds.maps.resize(Below(3));
    for (Small& map : kinds.maps) map[static_cast<std::uint8_t>(Below(256))] = 1;
    std::unique_ptr<Node>* end = &kinds.list;
    for (std::uint32_t n = Below(6); n > 0; --n, end = &(*end)->next) {
      *end = std::make_unique<Node>();
      (*end)->number = Below(2);
    }
    kinds.color = AnyColor();
    kinds.colors.resize(Below(3), AnyColor());
    if (Below(2) == 0) kinds.nullable = std::make_shared<Color>(AnyColor());
    kinds.nullables.resize(Below(3));
    kinds.access = static_cast<Access>(Below(4) | (Below(2) << 3));
    kinds.level = static_cast<Level>(Below(65536));
    return kinds;
  }

 private:
  std::mt19937 engine_;
};

}  // namespace

TEST_CASE("every kind of value survives the trip", "[wire][kinds]") {
  const Kinds sent = GENERATE(false, true) ? EveryKind() : Kinds();
  Kinds received = GENERATE(false, true) ? EveryKind() : Kinds();  // what was there does not matter
  REQUIRE(DecodeInto(kKindsTable, MustEncode(sent), &received).has_value());
  CheckSame(received, sent);
}

TEST_CASE("values at random survive the trip", "[wire][kinds]") {
  for (unsigned seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    const Kinds sent = Random(seed).Anything();
    Kinds received;
    REQUIRE(DecodeInto(kKindsTable, MustEncode(sent), &received).has_value());
    CheckSame(received, sent);
  }
}

TEST_CASE("two alternatives of one type stay apart", "[wire][kinds]") {
  const Shape sent = MakeShape<4>(7u);
  const auto bytes = Encode(kOnly<kShape>, &sent);
  REQUIRE(bytes.has_value());
  Shape received;
  REQUIRE(DecodeInto(kOnly<kShape>, *bytes, &received).has_value());
  CHECK(received.index() == 4);
  CHECK(received.get<4>() == 7);
  CHECK(received != MakeShape<1>(7u));
}

TEST_CASE("what owned pointers lead to arrives, the null ones as null", "[wire][kinds]") {
  const Kinds sent = EveryKind();
  Kinds received;
  REQUIRE(DecodeInto(kKindsTable, MustEncode(sent), &received).has_value());
  REQUIRE(received.list != nullptr);
  REQUIRE(received.list->next != nullptr);
  CHECK(received.list->next->number == 8);
  CHECK(received.list->next->next == nullptr);
  REQUIRE(received.pointers.size() == 2);
  CHECK(received.pointers[0] == nullptr);
  REQUIRE(received.pointers[1] != nullptr);
  CHECK(*received.pointers[1] == 0);
  REQUIRE(received.nullables.size() == 2);
  CHECK(received.nullables[0] == nullptr);
  REQUIRE(received.nullables[1] != nullptr);
  CHECK(received.nullables[1]->name == "five");
}

TEST_CASE("what cannot be sent is refused, and its field is named", "[wire][kinds]") {
  Kinds kinds = EveryKind();
  std::string field;
  SECTION("a shared value that is null") {
    kinds.shared = nullptr;
    field = "shared";
  }
  SECTION("a value that its codec does not write") {
    kinds.colors[1].name = "unsendable";
    field = "colors[1]";
  }
  SECTION("a box that was moved from") {
    const Shape taken = std::move(kinds.shape);
    field = "shape";
  }
  SECTION("text that is not UTF-8, in a union in a map") {
    kinds.shapes_by_name["b"] = MakeShape<2>("\xff");
    field = "shapes_by_name[1].text";
  }
  SECTION("a key that is not UTF-8") {
    kinds.counts["\xff"] = 1;
    field = "counts[3]";
  }
  SECTION("a number that is no enumerator, in a fixed array") {
    kinds.modes[1] = static_cast<Mode>(1);
    field = "modes[1]";
  }
  SECTION("a flag that does not exist") {
    kinds.access = static_cast<Access>(4);
    field = "access";
  }
  wire::Encoder encoder;
  const auto refused = encoder.Encode(kKindsTable, PlacesIn(kKindsTable, &kinds), 1 << 20);
  REQUIRE(refused.has_error());
  CHECK(refused.error() == Errc::kInvalidValue);
  CHECK(encoder.refused_field() == field);
}

TEST_CASE("every limit below its length refuses a message of every kind", "[wire][kinds]") {
  const Kinds kinds = EveryKind();
  const std::size_t length = MustEncode(kinds).size();
  CHECK(Encode(kKindsTable, &kinds, length).has_value());
  for (std::size_t limit = 0; limit < length; ++limit) {
    const auto refused = Encode(kKindsTable, &kinds, limit);
    REQUIRE(refused.has_error());
    CHECK(refused.error() == Errc::kMessageTooLarge);
  }
}

TEST_CASE("unions and owned pointers nest as deep as the reader allows", "[wire][kinds]") {
  const auto shape_of_depth = [](int depth) {
    Shape shape;
    for (int n = 1; n < depth; ++n) shape = MakeShape<5>(std::move(shape));
    return shape;
  };
  // The root, a table for each union, and the point.
  const Shape deepest = shape_of_depth(62);
  const auto bytes = Encode(kOnly<kShape>, &deepest);
  REQUIRE(bytes.has_value());
  Shape received;
  CHECK(DecodeInto(kOnly<kShape>, *bytes, &received).has_value());
  const Shape deeper = shape_of_depth(63);
  CHECK(Encode(kOnly<kShape>, &deeper).error() == Errc::kInvalidValue);

  Node list;
  Node* last = &list;
  for (int n = 1; n < 64; ++n) {
    last->next = std::make_unique<Node>();
    last = last->next.get();
  }
  REQUIRE(Encode(kNodeTable, &list).has_value());
  last->next = std::make_unique<Node>();
  CHECK(Encode(kNodeTable, &list).error() == Errc::kInvalidValue);
}

TEST_CASE("an honest message of large alternatives and entries pays by padding", "[wire][kinds]") {
  SECTION("unions") {
    const std::vector<Shape> sent(5000, MakeShape<6>());
    const auto bytes = Encode(kOnly<kShapes>, &sent);
    REQUIRE(bytes.has_value());
    std::vector<Shape> received;
    REQUIRE(DecodeInto(kOnly<kShapes>, *bytes, &received).has_value());
    CHECK(received == sent);
  }
  SECTION("maps") {
    std::vector<Small> sent(3000);
    for (Small& map : sent) map = {{0, 0}, {1, 0}, {2, 0}};
    const auto bytes = Encode(kOnly<kMaps>, &sent);
    REQUIRE(bytes.has_value());
    std::vector<Small> received;
    REQUIRE(DecodeInto(kOnly<kMaps>, *bytes, &received).has_value());
    CHECK(received == sent);
  }
  SECTION("a large struct behind every pointer") {
    struct Large {
      std::array<std::uint8_t, 4000> bytes = {};
    };
    static constexpr wire::Table kLargeTable = {"Large", {}};
    static constexpr wire::Type kLarge = wire::kStructOf<Large, kLargeTable>;
    static constexpr wire::Type kPointer = wire::kUniquePtrOf<Large, kLarge>;
    static constexpr wire::Type kPointers = wire::kArrayOf<std::unique_ptr<Large>, kPointer>;
    std::vector<std::unique_ptr<Large>> sent;
    for (int n = 0; n < 100; ++n) sent.push_back(std::make_unique<Large>());
    const auto bytes = Encode(kOnly<kPointers>, &sent);
    REQUIRE(bytes.has_value());
    CHECK(bytes->size() * 64 > sent.size() * sizeof(Large));
    std::vector<std::unique_ptr<Large>> received;
    REQUIRE(DecodeInto(kOnly<kPointers>, *bytes, &received).has_value());
    CHECK(received.size() == sent.size());
  }
}
