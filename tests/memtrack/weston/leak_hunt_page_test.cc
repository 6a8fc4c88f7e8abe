// docs/memtrack-leak-hunt.md shows what memtrack prints over the recordings in this folder. They
// are of real programs; the page says which.
#include <catch2/catch.hpp>

#include <filesystem>
#include <optional>
#include <sstream>

#include "tests/support/golden.h"
#include "tests/support/run_program.h"
#include "tests/support/true_output.h"

namespace weston_test {
namespace {

using baton::testing::CompareGolden;
using baton::testing::ReadFile;
using baton::testing::WithTrueOutput;

// Of a command `memtrack ... NAME.jsonl ...`, run beside the recordings.
std::optional<std::string> OutputOf(const std::string& command) {
  if (!command.starts_with("memtrack ")) return std::nullopt;
  std::istringstream stream(command);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) {
    const bool is_recording = word.ends_with(".jsonl");
    words.push_back(is_recording ? BATON_SOURCE_DIR "/tests/memtrack/weston/" + word : word);
  }
  const std::vector<std::string> arguments(words.begin() + 1, words.end());  // without `memtrack`
  const auto end = baton::testing::RunProgram({.program = MEMTRACK, .arguments = arguments});
  CHECK(end.errors.empty());
  const std::string code = std::to_string(end.exit_code);
  return end.output + (end.exit_code == 0 ? "" : "[exit code " + code + "]\n");
}

TEST_CASE("weston: the page about a leak hunt shows what memtrack prints") {
  const std::filesystem::path page = BATON_SOURCE_DIR "/docs/memtrack-leak-hunt.md";
  const std::string text = ReadFile(page);
  REQUIRE(text.find("$ memtrack replay leak.jsonl") != std::string::npos);
  CompareGolden(page, WithTrueOutput(text, OutputOf));
}

}  // namespace
}  // namespace weston_test
