// Values as text.
#include <baton/wire/print.h>

#include <catch2/catch.hpp>

#include <baton/endpoint.h>
#include <baton/file_descriptor.h>
#include <baton/shmem.h>

#include "tests/unit/runtime/wire_kinds.h"

using namespace wire_types;
using wire::NameOf;
using wire::Print;

namespace {

template <class Value>
std::string Printed(const wire::Type& type, const Value& value) {
  return Print(type, &value);
}

}  // namespace

TEST_CASE("numbers, bools and text print as they are written", "[print]") {
  CHECK(Printed(wire::kBool, true) == "true");
  CHECK(Printed(wire::kInt8, std::int8_t{-5}) == "-5");
  CHECK(Printed(wire::kUint8, std::uint8_t{200}) == "200");
  CHECK(Printed(wire::kUint64, ~std::uint64_t{0}) == "18446744073709551615");
  CHECK(Printed(wire::kDouble, 0.1) == "0.1");
  CHECK(Printed(wire::kFloat, 1.5F) == "1.5");
  CHECK(Printed(wire::kString, std::string("h\u00e9 \"x\" \\ \n\x1b")) ==
        "\"h\u00e9 \\\"x\\\" \\\\ \\x0a\\x1b\"");
  CHECK(Printed(wire::kBytes, Bytes{std::byte{0}, std::byte{0xff}}) == "0x00ff");
}

TEST_CASE("enums print by name, flags by their names", "[print]") {
  CHECK(NameOf(kAccesses, 2) == "kWrite");
  CHECK(NameOf(kAccesses, 3).empty());
  CHECK(NameOf(kModes, 3).empty());  // whose table has no names
  CHECK(Printed(kAccess, Access::kHidden) == "kHidden");
  CHECK(Printed(kAccess, static_cast<Access>(3)) == "kRead|kWrite");
  CHECK(Printed(kAccess, static_cast<Access>(0)) == "0");
  CHECK(Printed(kAccess, static_cast<Access>(16 + 1)) == "17");
  CHECK(Printed(kLevel, Level::kLow) == "kLow");
  CHECK(Printed(kLevel, static_cast<Level>(7)) == "7");
  CHECK(Printed(kHuge, Huge::kHigh) == "9223372036854775809");
}

TEST_CASE("what is made of others prints in brackets", "[print]") {
  CHECK(Printed(kPoint, Point{1, -2}) == "{x: 1, y: -2}");
  CHECK(Printed(kPair, Pair{3, 4}) == "[3, 4]");
  CHECK(Printed(kFlags, std::vector<bool>{true, false}) == "[true, false]");
  CHECK(Printed(kWords, std::vector<std::string>{}) == "[]");
  CHECK(Printed(kCounts, Counts{{"a", 1}, {"b", 2}}) == "{\"a\": 1, \"b\": 2}");
  CHECK(Printed(kMaybeNumber, std::optional<std::uint32_t>()) == "none");
  CHECK(Printed(kMaybeNumber, std::optional<std::uint32_t>(4)) == "4");
  CHECK(Printed(kShape, MakeShape<5>(MakeShape<1>(7u))) == "inner(number(7))");
  CHECK(Printed(kColor, Color{1, ""}) == "0x0100000000000000");
  CHECK(Printed(kNullableColor, std::shared_ptr<Color>()) == "none");
  CHECK(Printed(kSharedColor, std::shared_ptr<Color>()) == "null");
  CHECK(Printed(wire::kShmem, baton::Shmem()) == "Shmem(empty)");
  CHECK(Printed(wire::kUnsafeShmem, baton::UnsafeShmem()) == "UnsafeShmem(empty)");
  CHECK(Printed(wire::kFileDescriptor, baton::FileDescriptor()) == "FileDescriptor(-1)");
}

TEST_CASE("an endpoint prints whether it is one, and its label", "[print]") {
  auto ends = baton::internal::CreateEndpointParts();
  REQUIRE(ends);
  const baton::wire::Type& type = baton::wire::kEndpointOf<1>;
  CHECK(Printed(type, ends->first) == "Endpoint");
  ends->first.trust_label = 7;
  CHECK(Printed(type, ends->first) == "Endpoint labelled 7");
  ends->first.socket.Reset();
  CHECK(Printed(type, ends->first) == "Endpoint(empty) labelled 7");
}

TEST_CASE("a union that was moved from prints, too", "[print]") {
  Shape shape = MakeShape<5>();
  const Shape taken = std::move(shape);
  CHECK(Printed(kShape, shape) == "(moved from)");
  CHECK(Printed(kShape, taken) == "inner(point({x: 0, y: 0}))");
}

TEST_CASE("long values are cut, and say how long they are", "[print]") {
  CHECK_THAT(Printed(wire::kString, std::string(1000, 'x')), Catch::EndsWith("... (1000 bytes)"));
  CHECK_THAT(Printed(wire::kBytes, Bytes(1000)), Catch::EndsWith("... (1000 bytes)"));
  CHECK_THAT(Printed(kOctets, std::vector<std::uint8_t>(1000)),
             Catch::EndsWith("... (1000 elements)]"));
  Counts counts;
  for (std::uint32_t n = 0; n < 100; ++n) counts[std::to_string(n)] = n;
  CHECK_THAT(Printed(kCounts, counts), Catch::EndsWith("... (100 entries)}"));
}

TEST_CASE("whatever it is, the text is short", "[print]") {
  std::vector<std::vector<std::string>> grid(16,
                                             std::vector<std::string>(16, std::string(150, 'x')));
  CHECK(Printed(kGrid, grid).size() < 5000);
  Shape deep;
  for (int n = 0; n < 1'000; ++n) deep = MakeShape<5>(std::move(deep));
  CHECK(Printed(kShape, deep).size() < 10'000);
  const Kinds kinds = EveryKind();
  CHECK_THAT(Print(kKinds, &kinds), Catch::StartsWith("{shape: inner(text(\"inside\"))"));
}
