// The examples in the documentation of the language: each block that is tagged as a file compiles
// without a word, with the other files of its page beside it.
#include <catch2/catch.hpp>

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "compiler/diag/render.h"
#include "compiler/driver/front_end.h"
#include "tests/support/golden.h"

namespace batonc {
namespace {

const std::string kSource = BATON_SOURCE_DIR;

// By name, the blocks of a page that begin with "```idl NAME" or "```ipdl NAME".
std::map<std::string, std::string> FilesIn(const std::string& page) {
  std::map<std::string, std::string> files;
  std::istringstream lines(baton::testing::ReadFile(kSource + "/" + page));
  std::string* open = nullptr;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("```")) {
      const bool begins = line.starts_with("```idl ") || line.starts_with("```ipdl ");
      if (begins) {
        const std::string name = line.substr(line.find(' ') + 1);
        INFO(page << " has two files " << name);
        REQUIRE_FALSE(files.contains(name));
        open = &files[name];
      } else {
        open = nullptr;
      }
    } else if (open != nullptr) {
      *open += line + "\n";
    }
  }
  return files;
}

void CompileAll(const std::string& page, std::size_t at_least) {
  const std::map<std::string, std::string> files = FilesIn(page);
  CHECK(files.size() >= at_least);
  for (const auto& [name, text] : files) {
    INFO(page << ": " << name);
    MemoryReader reader(files);
    SourceMap sources(reader, {});
    Diagnostics diagnostics;
    InputOptions input;
    input.files = {name};
    input.preludes = {"gecko"};
    ReadAndCheck(sources, input, diagnostics);
    CHECK(RenderAll(sources, diagnostics) == "");
  }
}

TEST_CASE("the tour of the language compiles") {
  CompileAll("docs/language.md", 12);
}

TEST_CASE("the examples of the introduction compile") {
  CompileAll("idl/README.md", 2);
}

}  // namespace
}  // namespace batonc
