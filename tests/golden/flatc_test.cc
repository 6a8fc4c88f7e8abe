// Every schema that batonc writes is one that flatc understands. Without flatc these tests fail: a
// schema that nobody has read is not tested.
#include <unistd.h>
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "compiler/driver/compile.h"
#include "tests/golden/folder_reader.h"
#include "tests/support/golden.h"
#include "tests/support/run_program.h"
#include "tests/support/scratch_folder.h"

namespace batonc {
namespace {

namespace fs = std::filesystem;

const fs::path kCases = fs::path(BATON_SOURCE_DIR) / "tests/golden/generated";

// The flatc that is first in PATH.
std::string Flatc() {
  const char* const path = std::getenv("PATH");
  REQUIRE(path != nullptr);
  std::istringstream folders(path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    const fs::path candidate = fs::path(folder) / "flatc";
    if (access(candidate.c_str(), X_OK) == 0) return candidate.string();
  }
  FAIL("there is no flatc in PATH (Debian: flatbuffers-compiler)");
  return {};
}

std::vector<std::string> Schemas() {
  std::vector<std::string> paths;
  for (const auto& entry : fs::recursive_directory_iterator(kCases)) {
    if (entry.path().extension() == ".fbs") paths.push_back(entry.path().string());
  }
  std::ranges::sort(paths);
  return paths;
}

void RunFlatc(std::vector<std::string> arguments) {
  const auto end = baton::testing::RunProgram({Flatc(), std::move(arguments)});
  INFO(end.output << end.errors);
  CHECK(end.exit_code == 0);
  CHECK(end.signal == 0);
  CHECK_FALSE(end.hung);
}

TEST_CASE("flatc makes C++ of every generated schema") {
  const std::string schema = GENERATE(from_range(Schemas()));
  CAPTURE(schema);
  const baton::testing::ScratchFolder scratch;
  const std::string name = fs::path(schema).stem().string();
  RunFlatc({"--cpp", "--cpp-std", "c++17", "--require-explicit-ids", "-o", scratch.path().string(),
            schema});
  CHECK(fs::exists(scratch.path() / (name + "_generated.h")));
}

TEST_CASE("flatc takes a union of as many members as batonc does") {
  const std::string name = "union_of_254";
  FolderReader reader(fs::path(BATON_SOURCE_DIR) / "tests/golden/accept");
  SourceMap sources(reader, {});
  Diagnostics diagnostics;
  const baton::testing::ScratchFolder scratch;
  const std::string schema = (scratch.path() / (name + ".fbs")).string();
  for (const OutputFile& output : Compile(sources, {name + ".idl"}, diagnostics)) {
    if (output.path == name + ".fbs") std::ofstream(schema) << output.text;
  }
  REQUIRE(fs::exists(schema));
  RunFlatc({"--cpp", "--require-explicit-ids", "-o", scratch.path().string(), schema});
  CHECK(baton::testing::ReadFile(scratch.path() / (name + "_generated.h")).find(" = 254") !=
        std::string::npos);
}

// The types a root table may hold differ: boxes, optional scalars, memory.
TEST_CASE("a message survives the way through flatc and back") {
  struct Row {
    const char* table;
    const char* json;
    const char* schema = "everything";
  };
  const Row row =
      GENERATE(Row{"all.PEverything_Plain_Parameters",
                   R"({"b": true, "i": -5, "d": 0.5, "small": "kAbove"})"},
               Row{"all.Nested", R"({
        "lists": [{"value": [1, 2]}, {}], "gaps": [{"value": "x"}, {}],
        "doubtful": {"value": 7}, "more_doubtful": {"value": {"value": "y"}},
        "all_at_once": [{"value": [{"value": "kBelow"}, {}]}, {}]})"},
               Row{"all.MaybeNumbers", R"({"b": false, "u64": 0, "deep": "kBottom"})"},
               Row{"all.PEverything_Safe_Parameters",
                   R"({"memory": {"id_high": 1, "id_low": 2, "size": 3, "transfer": 1, "handle": 0,
                         "kind": 1, "generation": 0, "capacity": 0}})"},
               Row{"shapes.Page", R"({
        "shape": {"value_type": "Circle", "value": {"radius": 0.5}},
        "shapes": [{"value_type": "uint32_", "value": {"value": 7}},
                   {"value_type": "ArrayOfCircle", "value": {"value": [{"radius": 2.0}]}}],
        "named": [{"key": "x", "value": {"value_type": "string_", "value": {"value": "y"}}}]})",
                   "unions"},
               Row{"maps.Everything", R"({
        "numbers": [{"key": "a", "value": 1}, {"key": "b", "value": 2}],
        "nested": [{"value": [{"key": "k", "value": [{"key": 3, "value": [1, 2]}]}]}],
        "rows": [{"value": [1.0, 2.0]}], "number": 0})",
                   "maps"},
               Row{"files.PFiles_Read_Reply", R"({
        "outcome": {"value_type": "error", "value": {"offset": 7, "reason": "gone"}}})",
                   "fails"},
               Row{"files.PFiles_Open_Reply", R"({
        "outcome": {"value_type": "error", "value": {"value": "kDenied"}}})",
                   "fails"},
               Row{"files.PFiles_Read_Reply", R"({
        "outcome": {"value_type": "answer", "value": {"content": [1, 2], "end": true}}})",
                   "fails"},
               Row{"media.PSlices_Show_Parameters", R"({"part": {"memory": {"id_high": 1,
        "id_low": 2, "size": 30, "transfer": 1, "handle": 0, "kind": 1, "generation": 0,
        "capacity": 0}, "offset": 10, "length": 20}})",
                   "slices"},
               Row{"bounds.Settings", R"({"width": 7, "name": "n", "levels": [-1, 9]})", "bounds"});
  CAPTURE(row.table);
  const baton::testing::ScratchFolder scratch;
  const std::string schema = (kCases / row.schema / (std::string(row.schema) + ".fbs")).string();
  const std::string folder = scratch.path().string();
  const std::string message = folder + "/message";
  std::ofstream(message + ".json") << row.json;
  RunFlatc({"--binary", "--root-type", row.table, "-o", folder, schema, message + ".json"});
  fs::remove(message + ".json");
  RunFlatc({"--json", "--strict-json", "--raw-binary", "--root-type", row.table, "-o", folder,
            schema, "--", message + ".bin"});
  const auto returned = nlohmann::json::parse(baton::testing::ReadFile(message + ".json"));
  CHECK(returned == nlohmann::json::parse(row.json));
}

}  // namespace
}  // namespace batonc
