#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include "compiler/lex/lexer.h"
#include "compiler/parse/parser.h"

namespace batonc {
namespace {

struct Parsed {
  explicit Parsed(std::string text, std::string path = "test.idl")
      : source(FileId{0}, std::move(path), std::move(text)) {
    tree = Parse(Lex(source, diagnostics), diagnostics);
  }

  std::vector<int> Problems() const {
    std::vector<int> numbers;
    for (const Diagnostic& one : diagnostics.Sorted()) numbers.push_back(one.number);
    return numbers;
  }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const DeclarationSyntax& one : tree.declarations) names.push_back(one.name.text);
    return names;
  }
  template <class T>
  const T& Only() const {
    REQUIRE(tree.declarations.size() == 1);
    return std::get<T>(tree.declarations[0].what);
  }

  SourceFile source;
  Diagnostics diagnostics;
  SyntaxTree tree;
};

using Strings = std::vector<std::string>;
using Numbers = std::vector<int>;

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

TEST_CASE("parser: what IPDL lacks is told once, and understood all the same") {
  struct Case {
    const char* text;
    Numbers problems;
    Strings names;
  };
  const Case given = GENERATE(values<Case>({
      {"[Flags] enum E : uint8 { [Since=3] kA, kB = 4 }; struct A {};", {214}, {"E", "A"}},
      {"const double k = -0.5; struct A {};", {214}, {"k", "A"}},
      {"resource struct S { float[4] a; };", {214, 214}, {"S"}},
      {"resource union U { int; };", {214}, {"U"}},
      {"struct S { [Max=3, Min=1] int a = 2; };", {214, 214}, {"S"}},
      {"struct S { map<string, int[3]> a; };", {214}, {"S"}},
      {"struct S { map<string> a; Shmem<int> b; };", {214}, {"S"}},
      {"protocol P { child: [Deadline=5ms, Since=2] async A() returns () fails (E); };",
       {214, 214},
       {"P"}},
      {"protocol P { child: async A([Max=3, Min=2] int a, [NoTaint=parent] int b); };",
       {203, 214},
       {"P"}},
      {"include \"a.idl\"; struct S {};", {214}, {"S"}},
      {"using A from \"a.h\";", {206}, {"A"}},
      {"include a;", {206}, {}},
  }));
  INFO(given.text);
  const Parsed parsed(given.text, "test.ipdl");
  Numbers problems = parsed.Problems();
  std::sort(problems.begin(), problems.end());
  CHECK(problems == given.problems);
  CHECK(parsed.Names() == given.names);
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

TEST_CASE("parser: docs go to what follows them") {
  const Parsed parsed("/// e\nenum E {\n/// a\nkA, /// b\nkB\n};");
  CHECK(parsed.tree.declarations.at(0).doc == Doc{"e"});
  const auto& enumerators = parsed.Only<EnumSyntax>().enumerators;
  CHECK(enumerators.at(0).doc == Doc{"a"});
  CHECK(enumerators.at(1).doc == Doc{"b"});
  CHECK(parsed.Problems().empty());
}

TEST_CASE("parser: a mistake hides nothing behind it") {
  struct Case {
    const char* text;
    Numbers problems;
    Strings names;
  };
  const Case given = GENERATE(values<Case>({
      {"struct A { uint8 }; struct B {};", {201}, {"A", "B"}},
      {"struct A { uint8 a uint8 b; uint8 c; }; struct B {};", {201}, {"A", "B"}},
      {"struct A {\nuint8 a\nuint8 b\n}\nstruct B {}", {201, 201, 201, 201}, {"A", "B"}},
      {"struct A {\nuint8 a;\nstruct B {};", {202}, {"A", "B"}},
      {"enum A {\nkA, kB\nenum B { kC };", {202}, {"A", "B"}},
      {"protocol A {\nchild: async X(;\nasync Y();\n};\nstruct B {};", {201}, {"A", "B"}},
      {"protocol A {\nchild: async X(uint8 a\nasync Y();\n};\nstruct B {};", {201}, {"A", "B"}},
      {"namespace n {\nprotocol A {\nchild: async X();\n}\n", {202}, {"A"}},
      {"namespace n {\nstruct A {}\n}\nstruct B {};", {201}, {"A", "B"}},
      {"} struct A {};", {201}, {"A"}},
      {"struct {uint8 a;}; struct B {};", {201}, {"B"}},
      {"struct A : B { uint8 a; }; struct C {};", {201}, {"A", "C"}},
      {"= = = ; struct A {};", {201}, {"A"}},
      {"union U { A; B; }; struct A {};", {}, {"U", "A"}},
      {"union U {}; struct A {};", {201}, {"U", "A"}},
      {"union U { [X] A; B; }; struct A {};", {201}, {"U", "A"}},
      {"union U { A a; B; }; struct A {};", {201}, {"U", "A"}},
      {"namespace { struct A {}; }", {201}, {"A"}},
      {"namespace a::b { struct A {}; }", {217}, {"A"}},
      {"[X] namespace a { struct A {}; }", {201}, {"A"}},
      {"[] struct A {};", {213}, {"A"}},
      {"[X, Y, X=1] struct A {};", {212}, {"A"}},
      {"[X,] struct A {};", {201}, {"A"}},
      {"[X] [Y] struct A {};", {201}, {"A"}},
      {"[X\nstruct A {};", {201}, {"A"}},
      {"[X=] struct A {};", {201}, {"A"}},
      {"struct A {\nuint8 a;\n[X]\nstruct B {};", {202}, {"A", "B"}},
      {"struct A { T a = ; T b; };", {201}, {"A"}},
      {"struct A { T[3 a; };", {201}, {"A"}},
      {"struct A { map<T> a; map<T[]> b; };", {201}, {"A"}},
      {"struct A { UniquePtr<T a; T b; };", {201}, {"A"}},
      {"struct A { nullable nullable T a; };", {201}, {"A"}},
      {"struct A { nullable UniquePtr<T> a; };", {201}, {"A"}},
      {"struct A { Endpoint<A, B> a; };", {201}, {"A"}},
      {"const A = 3; struct B {};", {201}, {"B"}},
      {"const A k = ; struct B {};", {201}, {"k", "B"}},
      {"using a::b; struct B {};", {201}, {"b", "B"}},
      {"using ::a from \"h\"; struct B {};", {201}, {"B"}},
      {"struct A {}; using a from \"h\";", {208}, {"A", "a"}},
      {"struct A {}; include b;", {208}, {"A"}},
      {"resource A {};\nstruct B {};", {201}, {"B"}},
      {"async sync protocol A {}; struct B {};", {201}, {"A", "B"}},
      {"protocol A { manages X; manager B; };", {215}, {"A"}},
      {"protocol A { manager B; manager C; };", {215}, {"A"}},
      {"protocol A { child: async X(); manages B; };", {215}, {"A"}},
      {"protocol A { child: manages B; };", {209}, {"A"}},
      {"protocol A { child: sync X() return (T t); };", {201}, {"A"}},
      {"protocol A { child: async sync X(); };", {201}, {"A"}},
      {"protocol A { child: async X() fails (T); };", {201}, {"A"}},
      {"protocol A { child: async X(T a = 3); };", {216}, {"A"}},
      {"protocol A { child: async X(T a,); };", {201}, {"A"}},
      {"enum A { kA = \"x\", kB }; struct B {};", {201}, {"A", "B"}},
  }));
  const Parsed parsed(given.text);
  INFO(given.text);
  CHECK(parsed.Problems() == given.problems);
  CHECK(parsed.Names() == given.names);
}

std::string Repeated(const char* piece, int count = 100'000) {
  std::string text;
  for (int i = 0; i < count; ++i) text += piece;
  return text;
}

TEST_CASE("parser: nesting is bounded") {
  CHECK(Parsed(Repeated("namespace n {")).Problems().front() == 205);
  CHECK(Parsed("namespace n" + Repeated("::n") + " { struct S {}; }").Problems().front() == 205);

  const std::string type =
      GENERATE("uint8" + Repeated("[]"), "uint8" + Repeated("?"), "uint8" + Repeated("[3]"),
               Repeated("UniquePtr<") + "uint8" + Repeated(">"),
               Repeated("map<uint8, ") + "uint8" + Repeated(">"),
               Repeated("map<") + "uint8" + Repeated(", uint8>"),
               Repeated("UniquePtr<", 40) + "uint8" + Repeated("[]", 25) + Repeated(">", 40));
  INFO(type.substr(0, 20));
  const Parsed parsed("struct S { " + type + " f; };");
  CHECK(parsed.Problems() == Numbers{205});
  const TypeSyntax& understood = parsed.Only<StructSyntax>().fields.at(0).type;
  CHECK(understood.name.empty());
  CHECK(understood.inner.empty());
}

TEST_CASE("parser: 64 types in one are not too many") {
  CHECK(Parsed("struct S { uint8" + Repeated("[]", 64) + " f; };").Problems().empty());
  CHECK(Parsed("struct S { uint8" + Repeated("[]", 65) + " f; };").Problems() == Numbers{205});
}

TEST_CASE("parser: bombs without an end") {
  for (const char* piece : {"UniquePtr<", "map<", "map<A,", "nullable ", "[", "[A=", "A<", "A[",
                            "struct S {", "protocol P { child: async X(", "union U {", "\n[A,",
                            "enum E { ", "const ", "using a::", "A::", "(", "-", "resource "}) {
    INFO(piece);
    CHECK_FALSE(Parsed(Repeated(piece)).Problems().empty());
    CHECK_FALSE(Parsed("struct S { " + Repeated(piece)).Problems().empty());
    CHECK_FALSE(Parsed("protocol P { child: " + Repeated(piece)).Problems().empty());
  }
}

TEST_CASE("parser: never more than it keeps") {
  std::string text;
  for (int i = 0; i < 5'000; ++i) text += "= ;\n";
  const Parsed parsed(text);
  CHECK(parsed.Problems().size() == Diagnostics::kMaxKept);
  CHECK(parsed.diagnostics.dropped() == 4'000);
}

}  // namespace
}  // namespace batonc
