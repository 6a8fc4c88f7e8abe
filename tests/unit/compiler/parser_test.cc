#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "compiler/lex/lexer.h"
#include "compiler/parse/parser.h"

namespace batonc {
namespace {

struct Parsed {
  explicit Parsed(std::string text) : source(FileId{0}, "test.idl", std::move(text)) {
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
  const Parsed parsed("include a; include protocol PB; include \"c/d.idl\"; struct S {};");
  REQUIRE(parsed.tree.includes.size() == 3);
  CHECK(parsed.tree.includes[0].path == "a.idlh");
  CHECK(parsed.tree.includes[1].path == "PB.idl");
  CHECK(parsed.tree.includes[1].kind == IncludeSyntax::Kind::kProtocol);
  CHECK(parsed.tree.includes[2].path == "c/d.idl");
  CHECK(parsed.Problems().empty());
}

TEST_CASE("parser: wrappers nest from the inside") {
  const Parsed parsed("struct S { uint8[]?[] f; };");
  const FieldSyntax& field = parsed.Only<StructSyntax>().fields.at(0);
  CHECK(field.type.name == "uint8");
  CHECK(field.type.wrappers ==
        std::vector<Wrapper>{Wrapper::kArray, Wrapper::kOptional, Wrapper::kArray});
  CHECK(field.name.text == "f");
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
      {"union U { A; B; }; struct A {};", {204}, {"U", "A"}},
      {"namespace { struct A {}; }", {201}, {"A"}},
  }));
  const Parsed parsed(given.text);
  INFO(given.text);
  CHECK(parsed.Problems() == given.problems);
  CHECK(parsed.Names() == given.names);
}

TEST_CASE("parser: nesting is bounded") {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "namespace n {";
  CHECK(Parsed(text).Problems().front() == 205);

  text = "struct S { uint8";
  for (int i = 0; i < 100'000; ++i) text += "[]";
  const Parsed parsed(text + " f; };");
  CHECK(parsed.Problems() == Numbers{205});
  CHECK(parsed.Only<StructSyntax>().fields.at(0).type.wrappers.empty());
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
