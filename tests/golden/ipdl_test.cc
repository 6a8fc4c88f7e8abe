// IPDL's own dialect: ipdl/accept is accepted, with warnings at most; each file of ipdl/reject is
// refused in exactly the words of its .stderr.
#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "compiler/check/check.h"
#include "compiler/diag/render.h"
#include "compiler/driver/load.h"
#include "tests/golden/folder_reader.h"
#include "tests/support/golden.h"

namespace batonc {
namespace {

namespace fs = std::filesystem;

const fs::path kIpdlFolder = BATON_SOURCE_DIR "/tests/golden/ipdl";

// Files of IPDL's dialect right in `folder`, headers too, sorted.
std::vector<std::string> FilesIn(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string ending = entry.path().extension().string();
    if (ending == ".ipdl" || ending == ".ipdlh") names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

struct IpdlOutcome {
  bool has_errors = false;
  std::string complaints;
};

// `allow_list` is a path below the folder, or empty.
IpdlOutcome Run(const fs::path& folder, const std::vector<std::string>& roots,
                const std::vector<std::string>& names, const std::string& allow_list) {
  FolderReader reader(folder);
  SourceMap sources(reader, roots);
  Diagnostics diagnostics;
  const Loaded loaded = Load(sources, names, diagnostics);
  SyncAllowList list;
  CheckOptions options;
  if (!allow_list.empty()) {
    const auto opened = sources.Open(allow_list);
    REQUIRE(opened.has_value());
    list = ParseSyncAllowList(sources.file(*opened), diagnostics);
    options.allow_list = &list;
  }
  Check(sources, loaded.trees, options, diagnostics);
  return {diagnostics.HasErrors(), RenderAll(sources, diagnostics)};
}

// What its first line asks for: only what is about the list gets one.
std::string AllowListOf(const std::string& text) {
  const std::string line = text.substr(0, text.find('\n'));
  if (line.find("R36") == line.npos) return "";
  const std::size_t use = line.find("use ");
  return "../" + (use == line.npos ? std::string("sync-messages.ini") : line.substr(use + 4));
}

TEST_CASE("what IPDL accepts is accepted, alone and all together") {
  const fs::path folder = kIpdlFolder / "accept";
  const std::vector<std::string> names = FilesIn(folder);
  REQUIRE(names.size() > 80);
  for (const std::string& name : names) {
    const IpdlOutcome alone = Run(folder, {"."}, {name}, "");
    INFO(alone.complaints);
    CHECK_FALSE(alone.has_errors);
  }
  const IpdlOutcome together = Run(folder, {"."}, names, "../sync-messages.ini");
  INFO(together.complaints);
  CHECK_FALSE(together.has_errors);
}

TEST_CASE("what IPDL refuses is refused in these words") {
  const fs::path folder = kIpdlFolder / "reject";
  for (const std::string& name : FilesIn(folder)) {
    DYNAMIC_SECTION(name) {
      const std::string allow_list = AllowListOf(baton::testing::ReadFile(folder / name));
      const IpdlOutcome outcome = Run(folder, {".", "../include"}, {name}, allow_list);
      CHECK(outcome.has_errors);
      baton::testing::CompareGolden((folder / name).replace_extension(".stderr"),
                                    outcome.complaints);
    }
  }
}

TEST_CASE("every golden of IPDL's refusals belongs to a file") {
  for (const auto& entry : fs::directory_iterator(kIpdlFolder / "reject")) {
    if (entry.path().extension() != ".stderr") continue;
    INFO(entry.path());
    const auto is_there = [&](const char* ending) {
      return fs::exists(fs::path(entry.path()).replace_extension(ending));
    };
    const bool belongs = is_there(".ipdl") || is_there(".ipdlh");
    CHECK(belongs);
  }
}

}  // namespace
}  // namespace batonc
