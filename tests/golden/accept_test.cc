// accept/*.idl is checked and compiled without a word, alone as it is with others.
#include <catch2/catch.hpp>

#include <filesystem>
#include <string>
#include <vector>

#include "compiler/diag/render.h"
#include "compiler/driver/compile.h"
#include "tests/golden/folder_reader.h"

namespace batonc {
namespace {

const std::filesystem::path kFolder = BATON_SOURCE_DIR "/tests/golden/accept";

struct Outcome {
  std::vector<OutputFile> files;
  std::string complaints;
};

Outcome Run(const std::vector<std::string>& names) {
  FolderReader reader(kFolder);
  SourceMap sources(reader, {"include"});
  Diagnostics complaints;
  std::vector<OutputFile> files = Compile(sources, names, complaints);
  return {std::move(files), RenderAll(sources, complaints)};
}

TEST_CASE("what is right compiles without a word") {
  for (const std::string& name : IdlFilesIn(kFolder)) {
    DYNAMIC_SECTION(name) {
      const Outcome outcome = Run({name});
      CHECK(outcome.complaints == "");
      CHECK(outcome.files.size() == 7);
    }
  }
}

TEST_CASE("a file compiles alone exactly as it compiles in a list, in any order") {
  std::vector<std::string> names = IdlFilesIn(kFolder);
  std::ranges::reverse(names);
  const Outcome together = Run(names);
  CHECK(together.complaints == "");
  auto next = together.files.begin();
  for (const std::string& name : names) {
    for (const OutputFile& alone : Run({name}).files) {
      REQUIRE(next != together.files.end());
      INFO(name);
      CHECK(next->path == alone.path);
      CHECK(next->text == alone.text);
      ++next;
    }
  }
  CHECK(next == together.files.end());
}

}  // namespace
}  // namespace batonc
