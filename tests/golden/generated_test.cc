// What batonc writes for each case in tests/golden/generated: the expected files stand beside the
// .idl. They are also compiled, each on its own.
//
// BATONC_BLESS=1 writes them anew; the diff is reviewed like code.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <set>

#include "compiler/diag/render.h"
#include "compiler/driver/compile.h"
#include "tests/support/golden.h"

namespace batonc {
namespace {

namespace fs = std::filesystem;

const fs::path kGeneratedCases = fs::path(BATON_SOURCE_DIR) / "tests/golden/generated";

bool IsIdl(const fs::path& path) {
  const std::string ending = path.extension().string();
  return ending == ".idl" || ending == ".idlh" || ending == ".ipdl" || ending == ".ipdlh";
}

std::vector<std::string> Cases() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kGeneratedCases)) {
    names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

// A C++ header that a case brings along for its `using` lines.
bool IsWrittenByHand(const fs::path& path) {
  return path.filename() == "codecs.h";
}

// Paths of files below `folder`, in order.
std::vector<std::string> FilesOf(const fs::path& folder, bool idl) {
  std::vector<std::string> paths;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (IsWrittenByHand(entry.path())) continue;
    if (entry.is_regular_file() && IsIdl(entry.path()) == idl) {
      paths.push_back(entry.path().string());
    }
  }
  std::ranges::sort(paths);
  return paths;
}

std::vector<OutputFile> CompileCase(const fs::path& folder) {
  DiskReader reader;
  SourceMap sources(reader, {folder.string()});
  Diagnostics diagnostics;
  std::vector<OutputFile> outputs = Compile(sources, FilesOf(folder, true), diagnostics);
  INFO(RenderAll(sources, diagnostics));
  REQUIRE_FALSE(diagnostics.HasErrors());
  return outputs;
}

TEST_CASE("generated files say what the golden ones say") {
  const std::string name = GENERATE(from_range(Cases()));
  const fs::path folder = kGeneratedCases / name;
  const std::vector<OutputFile> outputs = CompileCase(folder);

  std::set<std::string> expected;
  for (const OutputFile& output : outputs) {
    INFO(output.path);
    expected.insert((folder / output.path).string());
    baton::testing::CompareGolden(folder / output.path, output.text);
  }
  CHECK(outputs.size() == 7 * FilesOf(folder, true).size());
  for (const std::string& file : FilesOf(folder, false)) {
    INFO(file << " is not generated any more");
    CHECK(expected.contains(file));
  }
}

TEST_CASE("the output does not depend on where the files are") {
  const std::string text = "namespace x { struct S { uint32 n; }; }\n";
  MemoryReader here(std::map<std::string, std::string>{{"a/b.idl", text}});
  MemoryReader there(std::map<std::string, std::string>{{"/far/away/b.idl", text}});
  SourceMap near(here, {"a"});
  SourceMap far(there, {"/far/away"});
  Diagnostics diagnostics;
  const std::vector<OutputFile> first = Compile(near, {"a/b.idl"}, diagnostics);
  const std::vector<OutputFile> second = Compile(far, {"/far/away/b.idl"}, diagnostics);
  REQUIRE_FALSE(diagnostics.HasErrors());
  REQUIRE(first.size() == 7);
  REQUIRE(second.size() == 7);
  for (std::size_t i = 0; i < first.size(); ++i) {
    CHECK(first[i].path == second[i].path);
    CHECK(first[i].text == second[i].text);
  }
}

// IPDL needs 438.
TEST_CASE("a message costs at most 60 generated lines of C++") {
  constexpr std::size_t kMessages = 20;
  const std::string direction = GENERATE("child", "both");
  std::string text = "protocol PMany {\n " + direction + ":\n";
  for (std::size_t i = 0; i < kMessages; ++i) {
    text += "  async Ask" + std::to_string(i) + "(uint32 id, string name, Shmem memory)" +
            (i % 2 == 0 ? ";\n" : " returns (bool ok, string answer);\n");
  }
  MemoryReader reader(std::map<std::string, std::string>{{"many.idl", text + "};\n"}});
  SourceMap sources(reader, {"."});
  Diagnostics diagnostics;
  std::size_t lines = 0;
  for (const OutputFile& output : Compile(sources, {"many.idl"}, diagnostics)) {
    const std::string ending = fs::path(output.path).extension().string();
    if (ending == ".h" || ending == ".cc") lines += std::ranges::count(output.text, '\n');
  }
  INFO(RenderAll(sources, diagnostics));
  CHECK(lines > 0);
  CHECK(lines / kMessages <= 60);
}

}  // namespace
}  // namespace batonc
