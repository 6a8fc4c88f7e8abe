// The examples in idl/grammar.md are what they say they are.
#include <catch2/catch.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/diag/render.h"
#include "compiler/driver/compile.h"
#include "compiler/format/format.h"
#include "tests/support/golden.h"

namespace batonc {
namespace {

// What stands in the fences that open with ```LANGUAGE.
std::vector<std::string> BlocksOf(std::string_view page, const std::string& language) {
  const std::string fence = "\n```" + language + "\n";
  std::vector<std::string> blocks;
  for (std::size_t at = page.find(fence); at != page.npos; at = page.find(fence, at)) {
    at += fence.size();
    blocks.emplace_back(page.substr(at, page.find("```\n", at) - at));
  }
  return blocks;
}

void CheckExample(const std::string& path, const std::string& text) {
  INFO(text);
  MemoryReader reader(std::map<std::string, std::string>{{path, text}});
  SourceMap sources(reader, {});
  Diagnostics diagnostics;
  CheckOnly(sources, {path}, diagnostics);
  const std::string words = RenderAll(sources, diagnostics);
  INFO(words);
  CHECK_FALSE(diagnostics.HasErrors());
  CHECK(FormatSource(SourceFile(FileId{0}, path, text), diagnostics).has_value());
}

TEST_CASE("the examples in the grammar compile") {
  const std::string page = baton::testing::ReadFile(BATON_SOURCE_DIR "/idl/grammar.md");
  const std::vector<std::string> ours = BlocksOf(page, "idl");
  const std::vector<std::string> ipdl = BlocksOf(page, "ipdl");
  CHECK(ours.size() == 2);
  CHECK(ipdl.size() == 1);
  for (const std::string& text : ours) CheckExample("PExample.idl", text);
  for (const std::string& text : ipdl) CheckExample("PExample.ipdl", text);
}

}  // namespace
}  // namespace batonc
