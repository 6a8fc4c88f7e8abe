// reject/NAME.idl, or NAME.ipdl, is refused, or warned about, in exactly the words of
// reject/NAME.stderr.
#include <catch2/catch.hpp>

#include <filesystem>
#include <string>

#include "compiler/diag/render.h"
#include "compiler/driver/compile.h"
#include "tests/golden/folder_reader.h"
#include "tests/support/golden.h"

namespace batonc {
namespace {

const std::filesystem::path kRejectFolder = BATON_SOURCE_DIR "/tests/golden/reject";

std::string Complaints(const std::string& name) {
  FolderReader reader(kRejectFolder);
  SourceMap sources(reader, {"include"});
  Diagnostics diagnostics;
  CheckOnly(sources, {name}, diagnostics);
  return RenderAll(sources, diagnostics);
}

TEST_CASE("what is wrong is refused in these words") {
  for (const std::string& name : IdlFilesIn(kRejectFolder)) {
    DYNAMIC_SECTION(name) {
      const std::string actual = Complaints(name);
      CHECK(actual != "");
      baton::testing::CompareGolden(
          std::filesystem::path(kRejectFolder / name).replace_extension(".stderr"), actual);
    }
  }
}

TEST_CASE("every golden of a refusal belongs to a file") {
  for (const auto& entry : std::filesystem::directory_iterator(kRejectFolder)) {
    if (entry.path().extension() != ".stderr") continue;
    INFO(entry.path());
    const auto is_there = [&](const char* ending) {
      return std::filesystem::exists(std::filesystem::path(entry.path()).replace_extension(ending));
    };
    const bool belongs = is_there(".idl") || is_there(".ipdl");
    CHECK(belongs);
  }
}

}  // namespace
}  // namespace batonc
