#include <catch2/catch.hpp>

#include <string>
#include <variant>
#include <vector>

#include "tests/unit/compiler/parsed.h"

namespace batonc {
namespace {

using testing::Parsed;
using Strings = std::vector<std::string>;

TEST_CASE("parser: includes say what they look for") {
  const Parsed parsed(
      "include a; include protocol PB; include \"c/d.idl\"; include \"e/f.h\"; struct S {};");
  REQUIRE(parsed.tree.includes.size() == 4);
  CHECK(parsed.tree.includes[0].candidates == Strings{"a.idlh", "a.ipdlh"});
  CHECK(parsed.tree.includes[1].candidates == Strings{"PB.idl", "PB.ipdl"});
  CHECK(parsed.tree.includes[1].kind == IncludeSyntax::Kind::kProtocol);
  CHECK(parsed.tree.includes[2].candidates == Strings{"c/d.idl"});
  CHECK(parsed.tree.includes[2].kind == IncludeSyntax::Kind::kPath);
  CHECK(parsed.tree.includes[3].candidates == Strings{"e/f.h"});
  CHECK(parsed.tree.includes[3].kind == IncludeSyntax::Kind::kCppHeader);
  CHECK(parsed.Problems().empty());
}

TEST_CASE("parser: IPDL's own dialect looks for its own files first") {
  const Parsed parsed("include a; include protocol PB; include \"c.ipdlh\"; struct S {};",
                      "test.ipdlh");
  CHECK(parsed.tree.dialect == Dialect::kIpdl);
  REQUIRE(parsed.tree.includes.size() == 3);
  CHECK(parsed.tree.includes[0].candidates == Strings{"a.ipdlh", "a.idlh"});
  CHECK(parsed.tree.includes[1].candidates == Strings{"PB.ipdl", "PB.idl"});
  CHECK(parsed.tree.includes[2].kind == IncludeSyntax::Kind::kCppHeader);
  CHECK(parsed.Problems().empty());
}

// As it reads aloud: "array of optional of uint8".
std::string Aloud(const TypeSyntax& type) {
  const auto inner = [&](std::size_t index) { return Aloud(type.inner.at(index)); };
  switch (type.form) {
    case TypeSyntax::Form::kName: {
      const std::string name = (type.is_nullable ? "nullable " : "") + type.name;
      return type.inner.empty() ? name : name + " with " + inner(0);
    }
    case TypeSyntax::Form::kArray: return "array of " + inner(0);
    case TypeSyntax::Form::kFixedArray: {
      const auto* number = std::get_if<NumberSyntax>(&type.count.value().what);
      return (number != nullptr ? std::to_string(number->magnitude)
                                : std::get<Name>(type.count->what).text) +
             " of " + inner(0);
    }
    case TypeSyntax::Form::kOptional: return "optional " + inner(0);
    case TypeSyntax::Form::kUniquePtr: return "pointer to " + inner(0);
    case TypeSyntax::Form::kMap: return "map from " + inner(0) + " to " + inner(1);
  }
  return "";
}

TEST_CASE("parser: types nest from the inside") {
  struct Case {
    const char* written;
    const char* read;
  };
  const Case given = GENERATE(values<Case>({
      {"uint8", "uint8"},
      {"uint8[]?[]", "array of optional array of uint8"},
      {"nullable PFoo[]", "array of nullable PFoo"},
      {"UniquePtr<UniquePtr<A>[]>?", "optional pointer to array of pointer to A"},
      {"Endpoint<PFooParent>?", "optional Endpoint with PFooParent"},
      {"float[16][kCount]", "kCount of 16 of float"},
      {"map<string, uint32[]>[]", "array of map from string to array of uint32"},
      {"map<string, map<A, B>>", "map from string to map from A to B"},
      {"map", "map"},
      {"map<A>", "map with A"},
      {"Shmem<float>", "Shmem with float"},
  }));
  INFO(given.written);
  const std::string written = given.written;
  const Parsed parsed("struct S { " + written + " f; };");
  CHECK(parsed.Problems().empty());
  const FieldSyntax& field = parsed.Only<StructSyntax>().fields.at(0);
  CHECK(Aloud(field.type) == given.read);
  CHECK(field.name.text == "f");
  CHECK(field.type.span == Span{FileId{0}, 11, static_cast<std::uint32_t>(11 + written.size())});
}

std::string Valued(const ValueSyntax& value) {
  return std::visit(
      Overloaded{[](const NumberSyntax& number) {
                   return (number.negative ? "-" : "") + std::to_string(number.magnitude);
                 },
                 [](const RealSyntax& real) { return "real " + std::to_string(real.value); },
                 [](const StringSyntax& string) { return "text " + string.text; },
                 [](const Name& name) { return "name " + name.text; }},
      value.what);
}

TEST_CASE("parser: values") {
  struct Case {
    const char* written;
    const char* read;
  };
  const Case given = GENERATE(values<Case>({
      {"1", "1"},
      {"-0x10", "-16"},
      {"0.5", "real 0.500000"},
      {"-1e1", "real -10.000000"},
      {"\"x y\"", "text x y"},
      {"\"\"", "text "},
      {"true", "name true"},
      {"kBusy", "name kBusy"},
  }));
  const Parsed field(std::string("struct S { T f = ") + given.written + "; };");
  CHECK(field.Problems().empty());
  CHECK(Valued(field.Only<StructSyntax>().fields.at(0).default_value.value()) == given.read);
  const Parsed constant(std::string("const T kName = ") + given.written + ";");
  CHECK(constant.Problems().empty());
  CHECK(constant.Names() == Strings{"kName"});
  CHECK(Valued(constant.Only<ConstantSyntax>().value) == given.read);
}

TEST_CASE("parser: attributes stand before what they belong to") {
  const Parsed parsed(
      "[A, B=c, C=\"d\", D=-5, E=0.5, F=250ms, G=parent] protocol P {\n"
      " child: [M] async X([Q] T t) returns ([R] T u); };");
  CHECK(parsed.Problems().empty());
  const Attributes& attributes = parsed.tree.declarations.at(0).attributes;
  REQUIRE(attributes.size() == 7);
  CHECK_FALSE(attributes[0].value.has_value());
  CHECK(std::get<Name>(*attributes[1].value).text == "c");
  CHECK(std::get<StringSyntax>(*attributes[2].value).text == "d");
  CHECK(std::get<NumberSyntax>(*attributes[3].value).negative);
  CHECK(std::get<RealSyntax>(*attributes[4].value).value == 0.5);
  CHECK(std::get<DurationSyntax>(*attributes[5].value).number.magnitude == 250);
  CHECK(std::get<DurationSyntax>(*attributes[5].value).unit == "ms");
  CHECK(std::get<Name>(*attributes[6].value).text == "parent");
  const MessageSyntax& message = parsed.Only<ProtocolSyntax>().messages.at(0);
  CHECK(message.attributes.at(0).name.text == "M");
  CHECK(message.parameters.at(0).attributes.at(0).name.text == "Q");
  CHECK(message.returns.value().at(0).attributes.at(0).name.text == "R");
}

TEST_CASE("parser: the tree of a protocol comes before its messages") {
  const Parsed parsed(
      "sync protocol P { manager A or B; manages C; manages D;\n"
      "parent: async __delete__(); sync C() returns (T t) fails (E); };");
  CHECK(parsed.Problems().empty());
  const auto& protocol = parsed.Only<ProtocolSyntax>();
  CHECK(protocol.is_sync == true);
  REQUIRE(protocol.managers.size() == 2);
  CHECK(protocol.managers[1].text == "B");
  REQUIRE(protocol.manages.size() == 2);
  CHECK(protocol.manages[1].text == "D");
  REQUIRE(protocol.messages.size() == 2);
  CHECK_FALSE(protocol.messages[0].is_sync);
  CHECK(protocol.messages[1].is_sync);
  CHECK(protocol.messages[1].fails.value().name == "E");
}

TEST_CASE("parser: using says what C++ calls it and where it is") {
  const Parsed parsed("[RefCounted] using class a::b::C<D> from \"x/y.h\"; struct S {};");
  CHECK(parsed.Problems().empty());
  CHECK(parsed.Names() == Strings{"C<D>", "S"});
  const auto& external = std::get<UsingSyntax>(parsed.tree.declarations.at(0).what);
  CHECK(external.kind == UsingSyntax::Kind::kClass);
  CHECK(external.qualified_name == "a::b::C<D>");
  CHECK(external.header == "x/y.h");
  CHECK(parsed.tree.declarations.at(0).attributes.size() == 1);
}

TEST_CASE("parser: words of ours are names wherever they mean nothing") {
  const Parsed parsed(
      "struct map { const enum; resource map; fails const; };\n"
      "enum resource { enum, const, fails };\n"
      "protocol P { child: async fails(map map, enum resource) returns (const fails); };");
  CHECK(parsed.Problems().empty());
  CHECK(parsed.Names() == Strings{"map", "resource", "P"});
}

TEST_CASE("parser: a header of ours may hold nothing but using") {
  CHECK(Parsed("using A from \"a.h\";", "test.idlh").Problems().empty());
}

TEST_CASE("parser: a label holds until the next one") {
  const Parsed parsed(
      "protocol P { child: async A(); async B() returns (); both: async C(uint8 d, E e); };");
  const auto& messages = parsed.Only<ProtocolSyntax>().messages;
  REQUIRE(messages.size() == 3);
  CHECK(messages[0].direction == Direction::kToChild);
  CHECK_FALSE(messages[0].returns.has_value());
  CHECK(messages[1].direction == Direction::kToChild);
  CHECK(messages[1].returns.has_value());
  CHECK(messages[2].direction == Direction::kBoth);
  CHECK(messages[2].parameters.size() == 2);
}

TEST_CASE("parser: declarations know the namespaces around them") {
  const Parsed parsed("namespace a { namespace b { struct S {}; } enum E { kA }; } struct T {};");
  REQUIRE(parsed.Names() == Strings{"S", "E", "T"});
  CHECK(parsed.tree.declarations[0].namespace_path.size() == 2);
  CHECK(parsed.tree.declarations[1].namespace_path.size() == 1);
  CHECK(parsed.tree.declarations[2].namespace_path.empty());
}

TEST_CASE("parser: a namespace may have a doc, a label has none") {
  CHECK(Parsed("/// n\nnamespace n { struct S {}; }").Problems().empty());
  CHECK(Parsed("protocol P {\n/// l\nchild: async A(); };").Problems() == std::vector<int>{106});
}

TEST_CASE("parser: docs go to what follows them") {
  const Parsed parsed("/// e\nenum E {\n/// a\nkA, /// b\nkB\n};");
  CHECK(parsed.tree.declarations.at(0).doc == Doc{"e"});
  const auto& enumerators = parsed.Only<EnumSyntax>().enumerators;
  CHECK(enumerators.at(0).doc == Doc{"a"});
  CHECK(enumerators.at(1).doc == Doc{"b"});
  CHECK(parsed.Problems().empty());
}

}  // namespace
}  // namespace batonc
