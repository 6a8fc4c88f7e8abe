#include <catch2/catch.hpp>

#include <optional>
#include <string>

#include "compiler/format/format.h"

namespace batonc {
namespace {

std::optional<std::string> Formatted(const std::string& text, const char* path = "test.idl") {
  Diagnostics diagnostics;
  return FormatSource(SourceFile(FileId{0}, path, text), diagnostics);
}

struct Case {
  const char* before;
  const char* after;
};

TEST_CASE("format: space between tokens") {
  const Case given = GENERATE(values<Case>({
      {"struct A{uint8[ ] ? b;};", "struct A { uint8[]? b; };\n"},
      {"struct A { map <string,uint8>b ; };", "struct A { map<string, uint8> b; };\n"},
      {"enum E:int8{kA= - 1,};", "enum E : int8 { kA = -1, };\n"},
      {"[A,B = c,D= -5]struct S{};", "[A, B=c, D=-5] struct S {};\n"},
      {"struct S {[Max = 3]uint8 a = 3;};", "struct S { [Max=3] uint8 a = 3; };\n"},
      {"namespace a{struct S{};}", "namespace a {\nstruct S {};\n}\n"},
      {"protocol P{};", "protocol P {\n};\n"},
      {"protocol P{both:async A()returns();};",
       "protocol P {\n both:\n  async A() returns ();\n};\n"},
      {"using a :: B < C > from \"x y\";struct S{};",
       "using a::B<C> from \"x y\";\nstruct S {};\n"},
  }));
  CHECK(Formatted(given.before) == given.after);
}

TEST_CASE("format: empty lines") {
  const Case given = GENERATE(values<Case>({
      {"\n\n\nstruct A {};\n\n\n\nstruct B {};\n\n\n", "struct A {};\n\nstruct B {};\n"},
      {"struct A {\n\n  T a;\n\n\n  T b;\n\n};", "struct A {\n  T a;\n\n  T b;\n};\n"},
      {"namespace a {\n\nstruct A {};\n\n}", "namespace a {\n\nstruct A {};\n\n}\n"},
      {"struct A {}; struct B {};", "struct A {};\nstruct B {};\n"},
      {"struct A {\n};", "struct A {\n};\n"},
      {"// a\n\n\n// b\nstruct A {};", "// a\n\n// b\nstruct A {};\n"},
  }));
  CHECK(Formatted(given.before) == given.after);
}

TEST_CASE("format: comments stay where they are") {
  const Case given = GENERATE(values<Case>({
      {"struct A { // a\nT a; // b  \n// c\n};// d",
       "struct A {  // a\n  T a;  // b\n  // c\n};  // d\n"},
      {"struct A { T a; /* about b */ T b; /* after b */\n};",
       "struct A {\n  T a;\n  /* about b */ T b; /* after b */\n};\n"},
      {"/* x\n     y */ struct A {};", "/* x\n     y */ struct A {};\n"},
      {"/* x\r\n y */\r\nstruct A {};\r\n", "/* x\n y */\nstruct A {};\n"},
      {"\xef\xbb\xbf// a\nstruct A {};", "// a\nstruct A {};\n"},
      {"enum E { kA, /// b\nkB };", "enum E {\n  kA,  /// b\n  kB\n};\n"},
      {"[A] // why\nstruct S {};", "[A]  // why\nstruct S {};\n"},
      {"protocol P {\n// both\nboth:\n// A\nasync A(/* none */);\n// end\n};",
       "protocol P {\n // both\n both:\n  // A\n  async A(/* none */);\n  // end\n};\n"},
      {"protocol P { child: async A(T a, // first\nT b); };",
       "protocol P {\n child:\n  async A(T a,  // first\n      T b);\n};\n"},
  }));
  CHECK(Formatted(given.before) == given.after);
}

TEST_CASE("format: long messages are broken") {
  const std::string type(40, 'T');
  const auto message = [](const std::string& text) {
    return "protocol P {\n child:\n" + text + "};\n";
  };
  CHECK(Formatted(message("async A(" + type + " a, " + type + " b, " + type + " c);")) ==
        message("  async A(" + type + " a, " + type + " b,\n      " + type + " c);\n"));
  CHECK(Formatted(message("async A(" + type + " a) returns (" + type + " b, T c);")) ==
        message("  async A(" + type + " a)\n      returns (" + type + " b, T c);\n"));
  CHECK(Formatted(message("[Tainted] async A(" + type + " a, " + type + " b);")) ==
        message("  [Tainted]\n  async A(" + type + " a, " + type + " b);\n"));
  const std::string longer(90, 'T');
  CHECK(Formatted(message("async A(" + longer + " a);")) ==
        message("  async A(\n      " + longer + " a);\n"));
}

TEST_CASE("format: one hundred columns fit, counted in characters") {
  const auto one_line = [](const std::string& remark) {
    return "protocol P {\n child:\n  async A(T a) returns (T " + std::string(58, 'b') + ", " +
           remark + " T c);\n};\n";
  };
  const std::string full = one_line("/* \xc3\xa4\xc3\xb6 */");  // 100 columns, 102 bytes
  CHECK(full.substr(full.find("  async"), full.find(";\n") + 1 - full.find("  async")).size() ==
        102);
  CHECK(Formatted(full) == full);
  CHECK(Formatted(one_line("/* \xc3\xa4\xc3\xb6x */")) != one_line("/* \xc3\xa4\xc3\xb6x */"));
}

TEST_CASE("format: files with errors are refused, and say why") {
  const std::string text =
      GENERATE("struct A { T a }", "struct A {};\n@", "enum E { kA }; }", "", "// nothing");
  const SourceFile source(FileId{0}, "test.idl", text);
  Diagnostics diagnostics;
  CHECK_FALSE(FormatSource(source, diagnostics).has_value());
  CHECK(diagnostics.HasErrors());
  CHECK_FALSE(Formatted("enum E { kA };", "test.ipdl").has_value());
}

}  // namespace
}  // namespace batonc
