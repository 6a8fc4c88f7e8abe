// diff/NAME.old.idl and NAME.new.idl, and what lies between them: NAME.txt.
#include <catch2/catch.hpp>

#include <filesystem>
#include <string>
#include <vector>

#include "compiler/diff/diff.h"
#include "compiler/diff/diff_renderer.h"
#include "compiler/driver/front_end.h"
#include "tests/golden/folder_reader.h"
#include "tests/support/golden.h"

namespace batonc {
namespace {

const std::filesystem::path kDiffFolder = BATON_SOURCE_DIR "/tests/golden/diff";

struct State {
  State(FileReader& reader, const std::string& name) : sources(reader, {}) {
    InputOptions input;
    input.files = {name};
    Diagnostics diagnostics;
    model = ReadAndCheck(sources, input, diagnostics).model;
    INFO(RenderAll(sources, diagnostics));
    REQUIRE_FALSE(diagnostics.HasErrors());
  }

  SourceMap sources;
  Model model;
};

TEST_CASE("what differs is said in these words") {
  constexpr std::string_view kOld = ".old.idl";
  std::size_t count = 0;
  for (const std::string& file : IdlFilesIn(kDiffFolder)) {
    if (!file.ends_with(kOld)) continue;
    const std::string name = file.substr(0, file.size() - kOld.size());
    ++count;
    DYNAMIC_SECTION(name) {
      FolderReader reader(kDiffFolder);
      const State older(reader, file);
      const State newer(reader, name + ".new.idl");
      const DiffRenderer renderer(older.sources, newer.sources);
      const auto changes = Diff(older.model, newer.model, {.files_matter = name == "moved"});
      const std::string text =
          RenderAll(renderer.Files(), renderer.DiagnosticsOf(changes), 0, Colour::kNever);
      baton::testing::CompareGolden(kDiffFolder / (name + ".txt"), text);
    }
  }
  CHECK(count == 3);
}

}  // namespace
}  // namespace batonc
