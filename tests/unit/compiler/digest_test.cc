// What the schema hash stands for.
#include "compiler/lower/digest.h"

#include <catch2/catch.hpp>

#include "tests/unit/compiler/models.h"

namespace batonc {
namespace {

TEST_CASE("the id of a message is the FNV-1a hash of its full name") {
  // Published test vectors of the hash.
  CHECK(MessageId("") == 0x811c9dc5);
  CHECK(MessageId("a") == 0xe40c292c);
  CHECK(MessageId("foobar") == 0xbf9cf968);
}

// A protocol that reaches an enum through a struct, beside a struct that it does not reach.
struct HashedModel : Models {
  HashedModel() {
    const FileId file = AddFile("a");
    const EnumId color = AddEnum(file, "Color", Scalar::kUint8, {0, 3});
    const StructId dot = AddStruct(file, "Dot", {FieldOf("color", Array(TypeOf(color)))});
    AddStruct(file, "Unused", {});
    Protocol& protocol = AddProtocol(file, "PPaint");
    AddMessage(protocol, "Draw", Direction::kToChild, {FieldOf("dot", Optional(TypeOf(dot)))},
               std::vector{FieldOf("count", kNumber)});
  }
  std::uint64_t Hash(std::uint32_t version = 1) const {
    return SchemaHash(model, model.protocols[0], version);
  }
};

TEST_CASE("the canonical text holds all that two sides must agree on") {
  const HashedModel hashed;
  CHECK(CanonicalText(hashed.model, hashed.model.protocols[0], 1) ==
        "enum media::Color : uint8 (kValue0 = 0, kValue1 = 3) default kValue0\n"
        "struct media::Dot (media::Color[] color)\n"
        "protocol media::PPaint\n"
        "child: async Draw(media::Dot? dot) returns (uint32 count)\n");
}

TEST_CASE("a managed protocol is in the schema of the versions that make actors of it") {
  Models models;
  const FileId file = models.AddFile("a");
  models.AddProtocol(file, "PWindow");
  models.AddProtocol(file, "PTab");
  Protocol& window = models.model.protocols[0];
  const ProtocolId tab{1};
  window.manages = {tab};
  const auto text = [&](std::uint32_t version) {
    return CanonicalText(models.model, models.model.protocols[0], version);
  };
  const std::string with_tab = "protocol media::PTab\n";
  CHECK_THAT(text(1), Catch::EndsWith(with_tab));  // who knows how it comes to be

  SECTION("by a constructor") {
    Message& constructor = Models::AddMessage(window, "PTab", Direction::kToChild, {});
    constructor.constructs = tab;
    constructor.lifetime.since = 2;
  }
  SECTION("by an endpoint in a struct") {
    const Type endpoint = TypeOf(EndpointType{tab, Side::kChild, true});
    const StructId gift = models.AddStruct(file, "Gift", {FieldOf("end", Optional(endpoint))});
    Models::AddMessage(window, "Give", Direction::kToChild, {FieldOf("gift", TypeOf(gift))});
    models.model.structs[0].fields[0].lifetime.since = 2;
  }
  CHECK_THAT(text(1), !Catch::Contains(with_tab));
  CHECK_THAT(text(2), Catch::EndsWith(with_tab));
}

TEST_CASE("the schema hash changes with whatever changes the wire, and with nothing else") {
  const std::uint64_t hash = HashedModel().Hash();
  HashedModel changed;
  SECTION("not with comments or with what is not reached") {
    changed.model.protocols[0].doc = {"Paints."};
    changed.model.structs[1].fields.push_back(FieldOf("n", kNumber));
    CHECK(changed.Hash() == hash);
    return;
  }
  SECTION("not with the order of declarations, or with what only one side sees") {
    Message& draw = changed.model.protocols[0].messages[0];
    draw.compress = Compress::kAll;
    draw.priority = Priority::kInput;
    draw.is_tainted = true;
    draw.has_virtual_send = true;
    draw.deadline_us = 5;
    changed.model.protocols[0].trusts = Side::kParent;
    CHECK(changed.Hash() == hash);
    Models::AddMessage(changed.model.protocols[0], "Erase", Direction::kToChild, {});
    const std::uint64_t longer = changed.Hash();
    std::swap(changed.model.protocols[0].messages[0], changed.model.protocols[0].messages[1]);
    CHECK(changed.Hash() == longer);
    CHECK(longer != hash);
    return;
  }
  SECTION("not with what another version has") {
    Field late = FieldOf("late", kText);
    late.lifetime.since = 2;
    changed.model.structs[0].fields.push_back(late);
    Models::AddMessage(changed.model.protocols[0], "Erase", Direction::kToChild, {})
        .lifetime.since = 2;
    Enumerator violet;
    violet.name = "kViolet";
    violet.value = 9;
    violet.lifetime.since = 2;
    changed.model.enums[0].enumerators.push_back(violet);
    CHECK(changed.Hash(1) == hash);
    CHECK(changed.Hash(2) != hash);
    return;
  }
  SECTION("a field in the middle, even of a later version: the others' ids change") {
    Field early = FieldOf("early", kText);
    early.lifetime.since = 2;
    changed.model.structs[0].fields.insert(changed.model.structs[0].fields.begin(), early);
  }
  SECTION("a bound") {
    changed.model.structs[0].fields[0].bounds.max_count = 5;
  }
  SECTION("a default") {
    changed.model.protocols[0].messages[0].parameters[0].default_value = Integer{false, 1};
  }
  SECTION("flags") {
    changed.model.enums[0].is_flags = true;
  }
  SECTION("which enumerator is the default") {
    std::swap(changed.model.enums[0].enumerators[0], changed.model.enums[0].enumerators[1]);
  }
  SECTION("an extensible enum") {
    changed.model.enums[0].is_extensible = true;
  }
  SECTION("sync") {
    changed.model.protocols[0].messages[0].is_sync = true;
  }
  SECTION("nested") {
    changed.model.protocols[0].messages[0].nesting = Nesting::kInsideSync;
  }
  SECTION("an answer that may be an error") {
    changed.model.protocols[0].messages[0].fails = kText;
  }
  SECTION("an enumerator's value") {
    changed.model.enums[0].enumerators[1].value = 4;
  }
  SECTION("an enumerator's name") {
    changed.model.enums[0].enumerators[1].name = "kRed";
  }
  SECTION("an enum's width") {
    changed.model.enums[0].underlying = Scalar::kUint16;
  }
  SECTION("a field's type") {
    changed.model.structs[0].fields[0].type = kText;
  }
  SECTION("a field's name") {
    changed.model.structs[0].fields[0].name = "colour";
  }
  SECTION("a field more") {
    changed.model.structs[0].fields.push_back(FieldOf("n", kNumber));
  }
  SECTION("a direction") {
    changed.model.protocols[0].messages[0].direction = Direction::kBoth;
  }
  SECTION("a parameter") {
    changed.model.protocols[0].messages[0].parameters.clear();
  }
  SECTION("no reply any more") {
    changed.model.protocols[0].messages[0].returns.reset();
  }
  SECTION("an empty reply") {
    changed.model.protocols[0].messages[0].returns->clear();
  }
  SECTION("a message's name") {
    changed.model.protocols[0].messages[0].name = "Paint";
  }
  SECTION("the namespace") {
    changed.model.protocols[0].namespace_path = {"art"};
  }
  CHECK(changed.Hash() != hash);
}

}  // namespace
}  // namespace batonc
