#include "tests/memtrack/weston/answers.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>
#include <sstream>
#include <utility>

#include "tests/memtrack/weston/weston_scene.h"
#include "tests/support/golden.h"
#include "tests/support/must.h"
#include "tests/support/run_program.h"
#include "tests/support/scratch_folder.h"

namespace weston_test {
namespace {

using baton::testing::Must;
using baton::testing::ReadFile;

// The document is a line; what memtrack says to people may stand before and after it.
Json DocumentIn(const std::string& output) {
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('{')) return Json::parse(line);
  }
  FAIL("memtrack gave no document: " << output);
  return {};
}

std::vector<std::string> WithWords(std::vector<std::string> words,
                                   const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

}  // namespace

Answer Ask(std::vector<std::string> arguments) {
  arguments.push_back("--json");
  const auto end = baton::testing::RunProgram({.program = MEMTRACK, .arguments = arguments});
  CAPTURE(end.errors);
  REQUIRE(end.signal == 0);
  return {.exit_code = end.exit_code, .document = DocumentIn(end.output)};
}

Watch::Watch(std::filesystem::path file, std::vector<std::string> arguments)
    : file_(std::move(file)),
      process_(
          StartLogged(MEMTRACK, WithWords({"watch", "--leak", "--json"}, arguments), {}, file_)) {}

Answer Watch::Await(std::chrono::milliseconds patience) {
  const auto end = Must(process_.Wait(patience));
  REQUIRE(end.has_value());
  REQUIRE(end->signal == 0);
  return {.exit_code = end->code, .document = DocumentIn(ReadFile(file_))};
}

Recorder::Recorder(std::filesystem::path recording, const std::filesystem::path& trace)
    : recording_(std::move(recording)),
      process_(StartLogged(
          MEMTRACK, {"record", recording_.string(), "--every", "0.1", "--trace", trace.string()},
          {}, recording_.string() + ".log")) {
  REQUIRE(Eventually(process_, [&] { return std::filesystem::exists(recording_); }));
}

void Recorder::AwaitPasses() const {
  constexpr std::ptrdiff_t kPasses = 4;  // one that has begun already, two that see it, one spare
  const auto lines = [this] { return std::ranges::count(ReadFile(recording_), '\n'); };
  const std::ptrdiff_t before = lines();
  REQUIRE(Eventually(process_, [&] { return lines() >= before + kPasses; }));
}

std::filesystem::path Recorder::SoFar(const std::filesystem::path& copy) const {
  std::string text = ReadFile(recording_);
  text.resize(text.rfind('\n') + 1);
  std::ofstream(copy, std::ios::binary) << text;
  return copy;
}

void Recorder::End() {
  REQUIRE(::kill(process_.pid(), SIGINT) == 0);
  const auto end = Must(process_.Wait(baton::testing::kPatience));
  REQUIRE(end.has_value());
  CHECK(end->signal == 0);
}

std::vector<Json> SegmentsOf(const Json& document, const std::string& tag,
                             const std::set<int>& holders) {
  std::vector<Json> found;
  for (const Json& segment : document.at("segments")) {
    if (segment.at("tag") == tag && PidsIn(segment.at("holders")) == holders)
      found.push_back(segment);
  }
  return found;
}

std::set<int> PidsIn(const Json& objects) {
  std::set<int> pids;
  for (const Json& object : objects) pids.insert(object.at("pid").get<int>());
  return pids;
}

std::set<std::uint64_t> InodesIn(const Json& objects) {
  std::set<std::uint64_t> inodes;
  for (const Json& object : objects) inodes.insert(object.at("inode").get<std::uint64_t>());
  return inodes;
}

std::vector<Json> VerdictsAbout(const Json& document, const std::set<int>& processes) {
  std::vector<Json> found;
  for (const Json& verdict : document.at("verdicts")) {
    const auto concerned = PidsIn(verdict.at("processes"));
    const bool is_meant =
        std::ranges::any_of(concerned, [&](int pid) { return processes.contains(pid); });
    if (is_meant) found.push_back(verdict);
  }
  return found;
}

double EvidenceOf(const Json& verdict, const std::string& name) {
  return verdict.at("evidence").at(name).get<double>();
}

bool SaysWhatItExitsWith(const Answer& answer) {
  const Json& verdicts = answer.document.at("verdicts");
  const bool leaks = std::ranges::any_of(
      verdicts, [](const Json& verdict) { return verdict.at("severity") == "leak"; });
  const bool is_partial = answer.document.at("coverage").at("is_partial").get<bool>();
  return answer.exit_code == (leaks ? 1 : is_partial ? 2 : 0);
}

}  // namespace weston_test
