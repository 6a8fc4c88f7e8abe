// memtrack, run as its users run it, and what it says to programs (docs/memtrack-json.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include <baton/platform/process.h>

namespace weston_test {

using Json = nlohmann::json;

struct Answer {
  int exit_code = 0;
  Json document;
};

// Runs `memtrack ... --json` to its end.
Answer Ask(std::vector<std::string> arguments);

// `memtrack watch --leak --json ...`, beside the test. `file` is where its answer comes.
class Watch {
 public:
  Watch(std::filesystem::path file, std::vector<std::string> arguments);

  // Waits until it ends by itself, at most `patience`.
  Answer Await(std::chrono::milliseconds patience);

 private:
  std::filesystem::path file_;
  baton::platform::Process process_;
};

// `memtrack record`, ten passes a second, beside the test.
class Recorder {
 public:
  Recorder(std::filesystem::path recording, const std::filesystem::path& trace);

  // Until what was to be seen when this was called has been seen.
  void AwaitPasses() const;

  // What has been recorded so far, as a recording of its own.
  std::filesystem::path SoFar(const std::filesystem::path& copy) const;

  // Ends it in good order (SIGINT).
  void End();

 private:
  std::filesystem::path recording_;
  baton::platform::Process process_;
};

// --- what is in a document ---

// The segments of this tag that exactly these processes hold.
std::vector<Json> SegmentsOf(const Json& document, const std::string& tag,
                             const std::set<int>& holders);

std::set<int> PidsIn(const Json& objects);  // "holders", "processes": their `pid`s
std::set<std::uint64_t> InodesIn(const Json& objects);

// The verdicts that name one of these processes.
std::vector<Json> VerdictsAbout(const Json& document, const std::set<int>& processes);

double EvidenceOf(const Json& verdict, const std::string& name);

// What the exit code of a watch has to be: 1 for a leak, wherever on this machine.
bool SaysWhatItExitsWith(const Answer& answer);

}  // namespace weston_test
