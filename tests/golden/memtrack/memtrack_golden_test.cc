// Each NAME.txt begins with the command whose output it is. The recordings are written by
// `memtrack: the recordings` here, and blessed like everything else.
#include <catch2/catch.hpp>

#include <filesystem>
#include <regex>
#include <sstream>

#include "tests/golden/memtrack/story.h"
#include "tests/support/golden.h"
#include "tests/support/true_output.h"
#include "tools/memtrack/cli/run.h"
#include "tools/memtrack/record/recording_writer.h"

namespace memtrack::testing {
namespace {

namespace fs = std::filesystem;
using baton::testing::CompareGolden;
using baton::testing::ReadFile;
using baton::testing::WithTrueOutput;

const fs::path kFolder = BATON_SOURCE_DIR "/tests/golden/memtrack";

std::vector<std::string> Words(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

// Standard output, then what was said beside it; with the exit code where it is not 0.
std::string OutputOf(const std::string& command, std::size_t width) {
  std::vector<std::string> words = Words(command);
  for (std::string& word : words) {
    if (word.ends_with(".jsonl")) word = (kFolder / word).string();
  }
  std::vector<const char*> arguments;
  for (const std::string& word : words) arguments.push_back(word.c_str());
  std::ostringstream out;
  std::ostringstream err;
  const auto none = [](const LiveOptions&) -> baton::Result<LiveSource> {
    return baton::Fail(std::make_error_code(std::errc::function_not_supported));
  };
  Surroundings surroundings = {out, err, width, none, [](double) { return false; }};
  const int code =
      RunCommand(ParseOptions(static_cast<int>(arguments.size()), arguments.data()), surroundings);
  std::string text = out.str() + err.str();
  if (code != 0) text += "[exit code " + std::to_string(code) + "]\n";
  return text;
}

std::string Recording(int passes, int more_buffers, std::uint32_t denied = 0) {
  std::string text = RecordingHeader();
  for (int pass = 0; pass < passes; ++pass) {
    Snapshot snapshot = TellPass(pass, 11 + pass * more_buffers);
    snapshot.coverage.denied = denied;
    if (denied > 0) snapshot.processes.front().is_readable = false;
    snapshot.coverage.unsized_segments = denied > 0 ? 1 : 0;
    if (denied > 0) snapshot.segments.back().allocated = std::nullopt;
    text += RecordingLine(snapshot);
  }
  return text;
}

// Nothing but what is in order.
std::string QuietRecording() {
  std::string text = RecordingHeader();
  for (int pass = 0; pass < 8; ++pass) {
    MadeUp made_up(pass);
    made_up.Runs(812, "weston");
    made_up.Runs(901, "gtk3-demo", 800);
    for (std::uint64_t inode = 1000; inode < 1003; ++inode) {
      made_up.Has(inode, "wayland-cursor", 393216);
      made_up.Maps(812, inode, 393216);
      made_up.Maps(901, inode, 393216);
    }
    text += RecordingLine(made_up.snapshot());
  }
  return text;
}

TEST_CASE("memtrack: the recordings") {
  CompareGolden(kFolder / "leak.jsonl", Recording(14, 4));
  CompareGolden(kFolder / "before.jsonl", Recording(1, 0));
  CompareGolden(kFolder / "partial.jsonl", Recording(2, 0, 3));
  CompareGolden(kFolder / "quiet.jsonl", QuietRecording());
}

struct Case {
  const char* name;
  const char* command;
  std::size_t width = 0;
};

const Case kCases[] = {
    {"ps", "memtrack ps --from leak.jsonl"},
    {"ps_80", "memtrack ps --from leak.jsonl -k -t", 80},
    {"ps_pss", "memtrack ps --from leak.jsonl --share pss -t -s pss"},
    {"ps_unique", "memtrack ps --from leak.jsonl --share unique -t"},
    {"ps_csv", "memtrack ps --from leak.jsonl --csv"},
    {"ps_json", "memtrack ps --from before.jsonl --json"},
    {"ps_pid", "memtrack ps --from leak.jsonl --pid 812"},
    {"ps_partial", "memtrack ps --from partial.jsonl"},
    {"ps_sorted", "memtrack ps --from leak.jsonl -s command -r"},
    {"segs", "memtrack segs --from before.jsonl -t"},
    {"segs_80", "memtrack segs --from before.jsonl -k", 80},
    {"segs_40", "memtrack segs --from before.jsonl --tag panel-icons", 40},
    {"segs_tag", "memtrack segs --from leak.jsonl --tag samples::PImage"},
    {"segs_csv", "memtrack segs --from before.jsonl --pid 1001 --csv"},
    {"segs_json", "memtrack segs --from before.jsonl --tag samples::PImage --json"},
    {"segs_partial", "memtrack segs --from partial.jsonl --pid 1001"},
    {"tags", "memtrack tags --from leak.jsonl -t"},
    {"tags_80", "memtrack tags --from leak.jsonl -k", 80},
    {"tags_once", "memtrack tags --from before.jsonl"},
    {"tags_json", "memtrack tags --from leak.jsonl --json"},
    {"grid", "memtrack grid --from before.jsonl"},
    {"grid_80", "memtrack grid --from before.jsonl", 80},
    {"grid_csv", "memtrack grid --from before.jsonl --tag samples::PImage --csv"},
    {"replay", "memtrack replay leak.jsonl"},
    {"replay_json", "memtrack replay leak.jsonl --json"},
    {"replay_quiet", "memtrack replay quiet.jsonl"},
    {"watch_leak", "memtrack watch --from leak.jsonl --leak --max-growth wayland-cursor=10"},
    {"why_pid", "memtrack why 1001 --from leak.jsonl"},
    {"why_stopped", "memtrack why 820 --from leak.jsonl"},
    {"why_inode", "memtrack why 41 --from leak.jsonl"},
    {"why_orphan", "memtrack why inode:60 --from leak.jsonl"},
    {"why_nothing", "memtrack why 4711 --from leak.jsonl"},
    {"why_json", "memtrack why inode:60 --from leak.jsonl --json"},
    {"diff", "memtrack diff before.jsonl leak.jsonl -k"},
    {"diff_json", "memtrack diff before.jsonl leak.jsonl --json"},
    {"diff_same", "memtrack diff before.jsonl before.jsonl -t"},
};

TEST_CASE("memtrack: what is printed") {
  for (const Case& one : kCases) {
    INFO(one.name);
    CompareGolden(kFolder / (std::string(one.name) + ".txt"),
                  "$ " + std::string(one.command) + "\n" + OutputOf(one.command, one.width));
  }
}

TEST_CASE("memtrack: the page shows what is printed") {
  const fs::path page = BATON_SOURCE_DIR "/docs/memtrack.md";
  const std::string text = ReadFile(page);
  REQUIRE(text.find("$ memtrack replay leak.jsonl") != std::string::npos);
  CompareGolden(page, WithTrueOutput(text, [](const std::string& command) {
                  const bool is_ours = command.starts_with("memtrack ") &&
                                       command.find(".jsonl") != std::string::npos;
                  return is_ours ? std::optional(OutputOf(command, 100)) : std::nullopt;
                }));
}

}  // namespace
}  // namespace memtrack::testing
