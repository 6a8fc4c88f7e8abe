#include <catch2/catch.hpp>

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
    model = Check(sources, loaded.trees, diagnostics);
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

TEST_CASE("check: memory is found however deep") {
  const Checked checked(
      "struct A { B[] b; }; struct B { C? c; }; struct C { UnsafeShmem m; }; struct D { D[] d; };"
      "struct E { A[]?[] a; };");
  REQUIRE(checked.Problems().empty());
  std::vector<bool> carries;
  for (const Struct& one : checked.model.structs) carries.push_back(one.carries_memory);
  CHECK(carries == std::vector<bool>{true, true, true, false, true});
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
      "union U { A; B; }; struct S { U[] u; Gone g; };",
  }));
  INFO(text);
  CHECK(Checked(text).Problems().back() == 301);
  CHECK(Checked(text).Problems().size() <= 2);
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
