// The classes that generated code is made with: Union, Boxed, Tainted, and the bytes of codecs.
#include <baton/union.h>

#include <catch2/catch.hpp>

#include <baton/generated.h>
#include <baton/tainted.h>
#include <baton/wire/bytes.h>

#include "tests/unit/runtime/wire_kinds.h"

using namespace wire_types;
using baton::Boxed;
using baton::Errc;
using baton::Tainted;

namespace {

struct MoveOnly {
  std::unique_ptr<int> value;
};
class Handles : public baton::Union<int, MoveOnly, baton::Shmem> {
 public:
  using Union::Union;
};
class Expression
    : public baton::Union<int, Boxed<std::optional<Expression>>, std::map<std::string, Expression>,
                          Boxed<std::array<Expression, 2>>> {
 public:
  using Union::Union;
};

static_assert(std::is_copy_constructible_v<Shape> && std::is_nothrow_move_constructible_v<Shape>);
static_assert(std::equality_comparable<Shape> && std::equality_comparable<Expression>);
static_assert(std::is_move_constructible_v<Handles> && !std::is_copy_constructible_v<Handles>);
static_assert(!std::equality_comparable<Handles>);

}  // namespace

TEST_CASE("a union begins as its first alternative", "[union]") {
  const Shape shape;
  CHECK(shape.index() == 0);
  CHECK(shape.get<0>() == Point());
  CHECK(shape.get_if<1>() == nullptr);
}

TEST_CASE("a union is copied, compared and moved with what it holds", "[union]") {
  const Shape inner = MakeShape<3>(std::vector{MakeShape<2>("text"), Shape()});
  Shape one = MakeShape<5>(inner);
  Shape other = one;
  CHECK(one == other);
  other.get<5>().get<3>().pop_back();  // a copy of its own
  CHECK(one != other);
  CHECK(one.get<5>() == inner);
  other = one;
  CHECK(one == other);
  const Shape moved = std::move(one);
  CHECK(moved == other);
  one = moved;  // what was moved from can be assigned to
  CHECK(one == other);
}

TEST_CASE("get and Visit look through the box", "[union]") {
  Shape shape;
  Shape& inner = shape.emplace<5>();
  inner.emplace<1>(7u);
  const auto number_of = [](const auto& held) -> std::uint32_t {
    if constexpr (std::is_same_v<std::decay_t<decltype(held)>, Shape>) {
      return held.template get<1>();
    } else {
      return 0;
    }
  };
  CHECK(std::as_const(shape).Visit(number_of) == 7);
  shape.Visit([](auto& held) {
    if constexpr (std::is_same_v<std::decay_t<decltype(held)>, Shape>) held.template emplace<1>(8u);
  });
  CHECK(shape.get<5>().get<1>() == 8);
}

TEST_CASE("a union of itself by optional, map and array", "[union]") {
  Expression expression;
  expression.emplace<1>().emplace(std::in_place_index<0>, 5);
  Expression map;
  map.emplace<2>()["key"] = expression;
  Expression pair;
  pair.emplace<3>()[1] = map;
  const Expression copy = pair;
  CHECK(copy == pair);
  CHECK(copy.get<3>()[1].get<2>().at("key").get<1>()->get<0>() == 5);
}

TEST_CASE("a union of what can only be moved is moved", "[union]") {
  Handles handles(std::in_place_index<1>, MoveOnly{std::make_unique<int>(5)});
  const Handles moved = std::move(handles);
  CHECK(*moved.get<1>().value == 5);
}

TEST_CASE("a box is a value", "[union]") {
  Boxed<std::string> one(std::string("one"));
  const Boxed<std::string> other = one;
  CHECK(one == other);
  *one = "changed";
  CHECK(*other == "one");
  CHECK_FALSE(one == other);
  const Boxed<std::string> moved = std::move(one);
  CHECK(*moved == "changed");
  CHECK(one.get() == nullptr);
  CHECK_FALSE(one == other);
  one = other;
  CHECK(one == other);
}

TEST_CASE("a tainted value comes out when it is valid", "[tainted]") {
  const Tainted<std::uint32_t> width(99);
  const auto is_small = [](std::uint32_t w) { return w < 100; };
  const auto good = width.Validate(is_small);
  REQUIRE(good.has_value());
  CHECK(*good == 99);
  CHECK(Tainted<std::uint32_t>(100).Validate(is_small).error() == Errc::kTainted);
  CHECK(width.unsafe() == 99);
  CHECK(width.Passback() == 99);
}

TEST_CASE("what can only be moved is validated and moved out", "[tainted]") {
  Tainted<std::unique_ptr<int>> pointer(std::make_unique<int>(5));
  auto good = std::move(pointer).Validate([](const auto& p) { return p != nullptr; });
  REQUIRE(good.has_value());
  CHECK(**good == 5);
}

TEST_CASE("the runtime decodes into a tainted value as into a plain one", "[tainted]") {
  const std::string sent = "text";
  const auto bytes = Encode(kOnly<wire::kString>, &sent);
  REQUIRE(bytes.has_value());
  Tainted<std::string> received;
  REQUIRE(DecodeInto(kOnly<wire::kString>, *bytes, &received).has_value());
  CHECK(received.unsafe() == "text");
}

TEST_CASE("numbers and text as bytes and back", "[codec]") {
  Bytes bytes;
  wire::ByteWriter writer(bytes);
  writer.Write(std::uint16_t{0x0102});
  writer.Write(-1.5);
  writer.Write(true);
  writer.Write("text");
  writer.Write(Mode::kSlow);
  CHECK(bytes.size() == 2 + 8 + 1 + 4 + 4 + 1);
  CHECK(bytes[0] == std::byte{2});  // little-endian

  wire::ByteReader reader(bytes);
  std::uint16_t number = 0;
  double real = 0;
  bool flag = false;
  std::string text;
  Mode mode = {};
  REQUIRE(reader.Read(number));
  REQUIRE(reader.Read(real));
  REQUIRE(reader.Read(flag));
  REQUIRE(reader.Read(text));
  REQUIRE(reader.Read(mode));
  CHECK(reader.empty());
  CHECK(number == 0x0102);
  CHECK(real == -1.5);
  CHECK(flag);
  CHECK(text == "text");
  CHECK(mode == Mode::kSlow);
  CHECK_FALSE(reader.Read(number));
  CHECK(number == 0x0102);
}

TEST_CASE("a reader takes nothing that is not there", "[codec]") {
  const Bytes bytes = {std::byte{9}, std::byte{0}, std::byte{0}, std::byte{0}, std::byte{'x'}};
  wire::ByteReader reader(bytes);
  std::string text = "before";
  std::uint64_t number = 1;
  bool flag = true;
  std::span<const std::byte> view;
  CHECK_FALSE(reader.Read(text));  // nine characters are said, one is there
  CHECK_FALSE(reader.Read(number));
  CHECK_FALSE(reader.Read(flag));
  CHECK_FALSE(reader.ReadBytes(6, view));
  CHECK(reader.size() == 5);
  CHECK(text == "before");
  CHECK(number == 1);
}
