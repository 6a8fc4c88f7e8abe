#include <catch2/catch.hpp>

#include "compiler/spell/spell.h"
#include "tests/unit/compiler/model_builder.h"

namespace batonc {
namespace {

TEST_CASE("spell: types read as they are written") {
  ModelBuilder builder;
  const StructId frame = builder.AddStruct("Frame", {});
  const ProtocolId camera = builder.AddProtocol("PCamera", {});
  const auto spelled = [&](const Type& type) {
    return Spell(builder.model(), type, NameStyle::kShort);
  };
  CHECK(spelled(MapType(Of(StringType{}), OptionalType(Of(frame)))) == "map<string, Frame?>");
  CHECK(spelled(Of(FixedArrayOf{std::make_shared<const Type>(Of(Scalar::kFloat)), 16})) ==
        "float[16]");
  CHECK(spelled(Of(EndpointType{camera, Side::kChild, true})) == "ManagedEndpoint<PCameraChild>");
  CHECK(spelled(Of(ActorType{camera, true})) == "nullable PCamera");
  CHECK(spelled(Of(MemoryType{MemoryKind::kFrozenShmem,
                              std::make_shared<const Type>(Of(Scalar::kUint8))})) ==
        "FrozenShmem<uint8>");
  CHECK(Spell(builder.model(), UniquePtrType(Of(frame)), NameStyle::kFull) ==
        "UniquePtr<media::Frame>");
}

TEST_CASE("spell: the parts of a type know what they name") {
  ModelBuilder builder;
  const StructId frame = builder.AddStruct("Frame", {});
  const auto parts =
      SpellParts(builder.model(), ArrayType(OptionalType(Of(frame))), NameStyle::kShort);
  REQUIRE(parts.size() == 2);
  CHECK(parts[0].text == "Frame");
  CHECK(parts[0].declaration == Declaration(frame));
  CHECK(parts[1].text == "?[]");
  CHECK_FALSE(parts[1].declaration);
}

TEST_CASE("spell: values and attributes") {
  const Model model;
  CHECK(Spell(model, Value(Integer{true, 5})) == "-5");
  CHECK(Spell(model, Value(true)) == "true");
  CHECK(Spell(model, Value(0.5)) == "0.5");
  Message message;
  message.deadline_us = 2'000'000;
  message.compress = Compress::kAll;
  message.because = "no choice";
  message.lifetime = {3, 4};
  CHECK(SpellAttributes(message) == std::vector<std::string>{"Because=\"no choice\"", "Deadline=2s",
                                                             "Compress=all", "Since=3",
                                                             "Removed=4"});
}

}  // namespace
}  // namespace batonc
