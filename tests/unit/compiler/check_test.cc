#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "compiler/check/check.h"
#include "compiler/check/message_id.h"
#include "compiler/driver/load.h"

namespace batonc {
namespace {

using Files = std::map<std::string, std::string>;

struct Checked {
  explicit Checked(Files files, std::vector<std::string> roots = {})
      : reader(std::move(files)), sources(reader, std::move(roots)) {
    loaded = Load(sources, {"main.idl"}, diagnostics);
    model = Check(sources, loaded.trees, {}, diagnostics);
  }
  explicit Checked(const std::string& text) : Checked(Files{{"main.idl", text}}) {}

  std::vector<int> Problems() const {
    std::vector<int> numbers;
    for (const Diagnostic& one : diagnostics.Sorted()) numbers.push_back(one.number);
    return numbers;
  }

  MemoryReader reader;
  SourceMap sources;
  Diagnostics diagnostics;
  Loaded loaded;
  Model model;
};

using Numbers = std::vector<int>;

TEST_CASE("check: what can be sent once is found however deep") {
  const Checked checked(
      "resource struct A { B[] b; }; resource struct B { C? c; }; resource struct C { Shmem m; };"
      "struct D { D[] d; UnsafeShmem m; }; resource struct E { map<uint8, A[]?[]> a; };"
      "resource union U { uint8; V; }; struct W { FileDescriptor f; }; resource struct V { U[] u; "
      "E e; };");
  REQUIRE(checked.Problems().empty());
  std::vector<bool> once;
  for (const Struct& one : checked.model.structs) once.push_back(one.traits.is_sent_once);
  CHECK(once == std::vector<bool>{true, true, true, false, true, false, true});
  CHECK(checked.model.unions.at(0).traits.is_sent_once);
  CHECK_FALSE(checked.model.structs.at(3).traits.is_copyable);
}

TEST_CASE("check: declarations stay in source order and know their file") {
  const Checked checked(
      Files{{"main.idl", "include a; namespace n { struct S {}; enum E { kA }; }"},
            {"a.idlh", "struct A {};"}});
  REQUIRE(checked.Problems().empty());
  const File& main = checked.model.file(FileId{0});
  REQUIRE(main.declarations.size() == 2);
  const Struct& structure = checked.model.structure(std::get<StructId>(main.declarations[0]));
  CHECK(FullName(structure) == "n::S");
  CHECK(structure.file == FileId{0});
  CHECK(main.includes == std::vector<FileId>{FileId{1}});
  CHECK(checked.model.file(FileId{1}).declarations.size() == 1);
}

TEST_CASE("check: enumerators count on from the one before") {
  const Checked checked("enum E : int8 { kA = -2, kB, kC = 0x10, kD };");
  REQUIRE(checked.Problems().empty());
  std::vector<std::int64_t> values;
  for (const Enumerator& one : checked.model.enums.at(0).enumerators) values.push_back(one.value);
  CHECK(values == std::vector<std::int64_t>{-2, -1, 16, 17});
  CHECK(checked.model.enums.at(0).underlying == Scalar::kInt8);
}

TEST_CASE("check: messages are numbered by their full names") {
  const Checked checked("namespace a { protocol PB { child: async C(); }; }");
  REQUIRE(checked.Problems().empty());
  CHECK(checked.model.protocols.at(0).messages.at(0).id == MessageId("a::PB::C"));
}

TEST_CASE("check: output mirrors the path below the root") {
  const Checked checked(Files{{"main.idl", "include \"deep/er/a.idlh\"; struct S {};"},
                              {"root/deep/er/a.idlh", "include b; struct A {};"},
                              {"root/deep/er/b.idlh", "struct B {};"}},
                        {"root"});
  REQUIRE(checked.Problems().empty());
  CHECK(checked.model.file(FileId{0}).output == "main");
  CHECK(checked.model.file(FileId{1}).output == "deep/er/a");
  CHECK(checked.model.file(FileId{1}).stem == "a");
  CHECK(checked.model.file(FileId{2}).output == "deep/er/b");
}

TEST_CASE("check: what an include that is missing may have declared is not complained about") {
  CHECK(Checked("include gone; struct S { Gone g; };").Problems() == Numbers{502});
}

TEST_CASE("check: one mistake is one complaint") {
  const std::string text = GENERATE(values<std::string>({
      "struct S { Gone[]?[] g; };",
      "const Gone kA = 1; const uint8 kB = kA; struct S { uint8 a = kB; };",
      "protocol PA { child: async M(Gone g) returns (Gone[] h); };",
  }));
  INFO(text);
  const std::vector<int> problems = Checked(text).Problems();
  CHECK(std::ranges::all_of(problems, [](int number) { return number == 301; }));
  CHECK(!problems.empty());
}

TEST_CASE("check: only what recurs in a union is boxed") {
  const Checked checked(
      "union U { uint8; U; U[]; U?; S; T; V; }; struct S { U? u; }; struct T { U[] u; };"
      "union V { uint8; UniquePtr<U>; };");
  REQUIRE(checked.Problems().empty());
  std::vector<bool> boxed;
  for (const UnionMember& one : checked.model.unions.at(0).members) boxed.push_back(one.is_boxed);
  CHECK(boxed == std::vector<bool>{false, true, false, true, true, false, false});
}

TEST_CASE("check: flags without values are bits, values may name earlier enumerators") {
  const Checked checked("[Flags] enum F { kA, kB, kC = 8, kD }; enum G { kX = 5, kY };");
  REQUIRE(checked.Problems().empty());
  std::vector<std::int64_t> values;
  for (const Enumerator& one : checked.model.enums.at(0).enumerators) values.push_back(one.value);
  CHECK(values == std::vector<std::int64_t>{1, 2, 8, 16});
}

TEST_CASE("check: constants are known before they are declared, in a chain of any length") {
  std::string text = "struct S { [Min=kC0] uint32[kC0] a; uint32 b = kC0; };";
  for (int i = 0; i < 20'000; ++i) {
    text += "const uint32 kC" + std::to_string(i) + " = kC" + std::to_string(i + 1) + ";\n";
  }
  const Checked checked(text + "const uint32 kC20000 = 7;");
  REQUIRE(checked.Problems().empty());
  const Struct& structure = checked.model.structs.at(0);
  CHECK(structure.fields.at(0).bounds.min == Value(Integer{false, 7}));
  CHECK(std::get<FixedArrayOf>(structure.fields.at(0).type.kind).count == 7);
  CHECK(structure.fields.at(1).default_value == Value(Integer{false, 7}));
  CHECK(Checked(text + "const uint32 kC20000 = kC0;").Problems() == Numbers{333});
}

TEST_CASE("check: attributes become values") {
  const Checked checked(
      "[NestedUpTo=inside_sync, Trusts=parent, ChildImpl=\"a::B\"] sync protocol PA { parent:"
      " [Compress=all, Priority=vsync, Deadline=2ms, Since=3] async M([NoTaint=passback] uint8 a)"
      " returns (uint8 b); };");
  REQUIRE(checked.Problems().empty());
  const Protocol& protocol = checked.model.protocols.at(0);
  CHECK(protocol.nested_up_to == Nesting::kInsideSync);
  CHECK(protocol.child_class == "a::B");
  CHECK(protocol.version == 3);
  const Message& message = protocol.messages.at(0);
  CHECK(message.compress == Compress::kAll);
  CHECK(message.priority == Priority::kVsync);
  CHECK(message.deadline_us == 2000);
  CHECK(message.is_tainted);
  CHECK(message.parameters.at(0).no_taint == NoTaint::kPassback);
}

TEST_CASE("check: a version is the latest of all that a protocol reaches") {
  const Checked checked(
      "enum E { kA, [Since=5] kB }; struct S { E[] e; }; union U { uint8; S; };"
      "protocol PTop { manages PA; child: async PA(); async N(); };"
      "protocol PA { manager PTop; child: async __delete__(U? u); };"
      "protocol POther { child: [Removed=2] async M(); };");
  REQUIRE(checked.Problems().empty());
  std::vector<std::uint32_t> versions;
  for (const Protocol& one : checked.model.protocols) versions.push_back(one.version);
  CHECK(versions == std::vector<std::uint32_t>{5, 5, 2});
}

TEST_CASE("check: our built-in types give way, with a declaration of the same name visible") {
  const Checked checked("struct bytes { uint8 a; }; struct S { bytes b; };");
  REQUIRE(checked.Problems().empty());
  CHECK(std::holds_alternative<StructId>(checked.model.structs.at(1).fields.at(0).type.kind));
}

TEST_CASE("check: a long chain of structs is refused without recursion") {
  std::string text;
  for (int i = 0; i < 20'000; ++i) {
    text += "struct S" + std::to_string(i) + " { S" + std::to_string(i + 1) + " s; };\n";
  }
  CHECK(Checked(text + "struct S20000 {};").Problems() == Numbers{318});
  CHECK(Checked(text + "struct S20000 { S0 s; };").Problems() == Numbers{311});
}

// `count` fields, all different, as they are written among parameters.
std::string Bools(int count, const char* separator) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text += (i == 0 ? "" : separator) + std::string("bool b") + std::to_string(i);
  }
  return text;
}

TEST_CASE("check: a thousand fields fit into one table, and no more") {
  const int count = GENERATE(1000, 1001);
  const std::string list = Bools(count, ", ");
  const std::string text = GENERATE_COPY(
      "struct S { " + Bools(count, "; ") + "; };", "protocol PA { child: async M(" + list + "); };",
      "protocol PA { child: async M() returns (" + list + "); };");
  const Checked checked(text);
  CHECK(checked.Problems() == (count > 1000 ? Numbers{319} : Numbers{}));
}

}  // namespace
}  // namespace batonc
