#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/unit/compiler/parsed.h"

namespace batonc {
namespace {

using testing::Parsed;
using Strings = std::vector<std::string>;
using Numbers = std::vector<int>;

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

std::string Repeated(const char* piece, int count = 100'000 / BATON_TEST_SLOWNESS) {
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
