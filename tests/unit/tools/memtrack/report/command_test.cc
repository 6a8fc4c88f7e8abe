// The command line over a machine that is made up.
#include <catch2/catch.hpp>

#include <algorithm>
#include <regex>
#include <set>
#include <sstream>

#include <nlohmann/json.hpp>

#include "tests/support/golden.h"
#include "tests/support/run_program.h"
#include "tests/support/scratch_folder.h"
#include "tests/unit/tools/memtrack/report/made_up.h"
#include "tools/memtrack/cli/run.h"

namespace memtrack::testing {
namespace {

using baton::Fail;
using baton::Result;
using baton::testing::ReadFile;
using baton::testing::RunProgram;
using baton::testing::ScratchFolder;

// A machine whose passes are a second apart, and memtrack in front of it.
struct Machine {
  std::function<void(MadeUp&, int pass)> pass;
  std::error_code error = {};  // of the scanner
  int passes = 0;
  int patience = 1000;  // waits until the user ends it
  LiveOptions opened_with = {};
  std::string out = {};
  std::string err = {};

  int Run(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "memtrack");
    std::ostringstream out_stream;
    std::ostringstream err_stream;
    const LiveSource look = [this]() -> Result<Snapshot> {
      MadeUp made_up(passes);
      made_up.Runs(10, "client");
      pass(made_up, passes++);
      return made_up.snapshot();
    };
    Surroundings surroundings = {out_stream, err_stream, 0,
                                 [&](const LiveOptions& options) -> Result<LiveSource> {
                                   opened_with = options;
                                   if (error) return Fail(error);
                                   return look;
                                 },
                                 [this](double) { return --patience > 0; }};
    const Command command = ParseOptions(static_cast<int>(arguments.size()), arguments.data());
    const int code = RunCommand(command, surroundings);
    out = out_stream.str();
    err = err_stream.str();
    return code;
  }
};

void Grow(MadeUp& made_up, int pass) {
  for (int i = 0; i < 5 + pass; ++i) {
    made_up.Has(static_cast<std::uint64_t>(100 + i), "pool", 65536);
    made_up.Maps(10, static_cast<std::uint64_t>(100 + i));
  }
}

void Stay(MadeUp& made_up, int) {
  Grow(made_up, 0);
}

TEST_CASE("memtrack: watch ends after its time, and its exit code is what it found") {
  Machine leaking{Grow};
  CHECK(leaking.Run({"watch", "--leak", "--for", "10"}) == kExitLeak);
  CHECK(leaking.passes == 11);
  CHECK(leaking.out.find("leak growth: pool grows") != std::string::npos);
  Machine quiet{Stay};
  CHECK(quiet.Run({"watch", "--leak", "--for", "10"}) == kExitClean);
  CHECK(quiet.out == "11 passes in 10 s: nothing leaks\n");
  Machine partial{[](MadeUp& m, int pass) {
    Stay(m, pass);
    m.snapshot().coverage.denied = 4;
    m.Runs(1, "init").is_readable = false;
  }};
  CHECK(partial.Run({"watch", "--leak", "--for", "10"}) == kExitPartial);
  CHECK(partial.err.find("seen: 2 of 6 processes, 4 denied: init (1)") != std::string::npos);
}

TEST_CASE("memtrack: watch without a time goes on until the user ends it") {
  Machine machine{Stay};
  machine.patience = 30;
  CHECK(machine.Run({"watch"}) == kExitClean);
  CHECK(machine.passes == 30);
  CHECK(machine.out.ends_with("30 passes in 29 s: nothing leaks\n"));
}

TEST_CASE("memtrack: a budget makes growth that is no leak one") {
  Machine machine{[](MadeUp& m, int pass) { Grow(m, pass < 6 ? 0 : 1); }};
  CHECK(machine.Run({"watch", "--leak", "--for", "12"}) == kExitClean);
  machine.passes = 0;
  CHECK(machine.Run({"watch", "--leak", "--for", "12", "--max-growth", "pool=0"}) == kExitLeak);
  machine.passes = 0;
  CHECK(machine.Run({"watch", "--leak", "--for", "12", "--max-growth", "pool=1", "--max-growth",
                     "*=7"}) == kExitClean);
  CHECK(machine.err.empty());
}

TEST_CASE("memtrack: a budget for a tag that there never was is said") {
  Machine machine{[](MadeUp& m, int pass) { Grow(m, pass < 3 ? 0 : 1); }};
  CHECK(machine.Run({"watch", "--leak", "--for", "5", "--max-growth", "poool=0"}) == kExitClean);
  CHECK(machine.err == "memtrack: --max-growth: no memory of tag `poool` was seen\n");
}

TEST_CASE("memtrack: what is looked at again and again is read where it has changed") {
  Machine machine{Stay};
  for (const char* const verb : {"watch", "tags", "why"}) {
    std::vector<const char*> words = {verb, "--for", "2"};
    if (verb == std::string("why")) words.push_back("10");
    machine.Run(words);
    CHECK(machine.opened_with.is_repeated);
    CHECK(machine.opened_with.sockets == Sockets::kOwn);
  }
  machine.Run({"ps"});
  CHECK_FALSE(machine.opened_with.is_repeated);
}

TEST_CASE("memtrack: whose sockets are looked into is the user's choice") {
  Machine machine{Stay};
  for (const char* const verb : {"ps", "segs", "tags", "grid"}) {
    CHECK(machine.Run({verb, "--no-sockets"}) == kExitClean);
    CHECK(machine.opened_with.sockets == Sockets::kNone);
    CHECK(machine.Run({verb, "--all-sockets"}) == kExitClean);
    CHECK(machine.opened_with.sockets == Sockets::kAll);
    CHECK(machine.Run({verb, "--all-sockets", "--no-sockets"}) == kExitUsage);
  }
  Machine closed{[](MadeUp& m, int) { m.snapshot().coverage.closed_sockets = 2; }};
  CHECK(closed.Run({"ps"}) == kExitClean);
  CHECK(closed.err.find("2 sockets with descriptors in flight") != std::string::npos);
}

// One more every seven seconds or so, for ten minutes: between two passes that follow each other
// there is most often nothing to be seen.
TEST_CASE("memtrack: a slow leak is found in a long watch") {
  Machine slow{[](MadeUp& m, int pass) { Grow(m, pass / 7); }};
  CHECK(slow.Run({"watch", "--leak", "--for", "600"}) == kExitLeak);
  CHECK(slow.out.find("leak growth: pool grows: 5 to 90 segments") != std::string::npos);
  Machine full{[](MadeUp& m, int pass) { Grow(m, std::min(pass / 7, 20)); }};
  CHECK(full.Run({"watch", "--leak", "--for", "600"}) == kExitClean);
}

TEST_CASE("memtrack: a table looks once") {
  Machine machine{Stay};
  CHECK(machine.Run({"ps"}) == kExitClean);
  CHECK(machine.passes == 1);
  CHECK(machine.out.find("client") != std::string::npos);
  CHECK(machine.Run({"ps", "-s", "nonsense"}) == kExitUsage);
  CHECK(machine.err.find("pid, share, pss") != std::string::npos);
}

TEST_CASE("memtrack: tags takes its time for the changes") {
  Machine machine{Grow};
  CHECK(machine.Run({"tags", "--for", "5"}) == kExitClean);
  CHECK(machine.out.find("+60") != std::string::npos);
}

TEST_CASE("memtrack: a scanner that fails is said") {
  Machine machine{Stay};
  machine.error = std::make_error_code(std::errc::permission_denied);
  CHECK(machine.Run({"segs"}) == kExitUsage);
  CHECK(machine.err == "memtrack: cannot look at this machine: Permission denied\n");
}

TEST_CASE("memtrack: what was recorded is replayed, with the same verdicts") {
  const ScratchFolder folder;
  const std::string file = (folder.path() / "r.jsonl").string();
  const std::string trace = (folder.path() / "t.json").string();
  Machine machine{Grow};
  CHECK(machine.Run({"record", file.c_str(), "--for", "10", "--trace", trace.c_str()}) ==
        kExitClean);
  CHECK(machine.err == "memtrack: 11 snapshots in `" + file + "`\n");
  const std::string events = ReadFile(trace);
  CHECK(events.find("\"leak growth pool\"") != std::string::npos);
  Machine none{Stay};
  CHECK(none.Run({"replay", file.c_str()}) == kExitLeak);
  CHECK(none.passes == 0);
  CHECK(none.Run({"why", "10", "--from", file.c_str(), "--json"}) == kExitClean);
  CHECK(nlohmann::json::parse(none.out)["segments"].empty());
  CHECK(none.Run({"why", "inode:100", "--from", file.c_str()}) == kExitClean);
  CHECK(none.Run({"why", "pid:100", "--from", file.c_str()}) == kExitUsage);
}

TEST_CASE("memtrack: a recording that cannot be written or read is said") {
  Machine machine{Stay};
  CHECK(machine.Run({"record", "/nonexistent/r", "--for", "1"}) == kExitUsage);
  CHECK(machine.err.find("cannot write `/nonexistent/r`: No such file") != std::string::npos);
  const ScratchFolder folder;
  const std::string broken =
      folder.Write("b", "{\"memtrack\":\"recording\",\"version\":1}\n{\"time\":7}\n").string();
  CHECK(machine.Run({"replay", broken.c_str()}) == kExitUsage);
  CHECK(machine.err.find(", line 2: something is missing") != std::string::npos);
  const std::string empty =
      folder.Write("e", "{\"memtrack\":\"recording\",\"version\":1}\n").string();
  CHECK(machine.Run({"ps", "--from", empty.c_str()}) == kExitUsage);
  CHECK(machine.err.find("there is no snapshot in it") != std::string::npos);
}

std::set<std::string> OptionsIn(const std::string& help) {
  const std::regex option("--[a-z][a-z-]*");
  std::set<std::string> options;
  for (std::sregex_iterator at(help.begin(), help.end(), option), end; at != end; ++at) {
    options.insert(at->str());
  }
  return options;
}

// What bash offers behind `memtrack VERB --`.
std::string Completions(const std::string& verb) {
  const std::string script =
      "source " BATON_SOURCE_DIR "/tools/memtrack/cli/memtrack.bash; COMP_WORDS=(memtrack " + verb +
      " --); COMP_CWORD=2; _memtrack; printf '%s\\n' \"${COMPREPLY[@]}\"";
  const auto end = RunProgram({.program = "/bin/bash", .arguments = {"-c", script}});
  REQUIRE(end.exit_code == 0);
  return "\n" + end.output;
}

// What the manual has an entry for: the words behind .B, .BI, .BR, less what troff makes of them.
std::set<std::string> EntriesOf(const std::string& manual) {
  std::set<std::string> entries;
  std::istringstream lines(manual);
  for (std::string line, before; std::getline(lines, line); before = line) {
    if (before != ".TP" || !line.starts_with(".B")) continue;
    std::erase(line, '\\');
    std::istringstream words(line);
    for (std::string word; words >> word;) entries.insert(word);
  }
  return entries;
}

TEST_CASE("memtrack: completion and manual know every verb and option") {
  const auto entries = EntriesOf(ReadFile(BATON_SOURCE_DIR "/docs/memtrack.1"));
  std::size_t count = 0;
  for (const std::string& verb : Verbs()) {
    INFO(verb);
    const auto help = RunProgram({.program = MEMTRACK, .arguments = {verb, "--help"}});
    REQUIRE(help.exit_code == 0);
    const std::string completions = Completions(verb);
    CHECK(entries.contains(verb));
    for (const std::string& option : OptionsIn(help.output)) {
      INFO(option);
      ++count;
      CHECK(completions.find("\n" + option + "\n") != std::string::npos);
      CHECK(entries.contains(option));
    }
  }
  CHECK(count > 50);
}

TEST_CASE("memtrack: a wrong command ends with 3, and says why") {
  const auto [arguments, words] = GENERATE(table<std::vector<std::string>, std::string>({
      {std::vector<std::string>(), "subcommand"},
      {{"nonsense"}, "nonsense"},
      {{"ps", "--csv", "--json"}, "excludes"},
      {{"watch", "--for", "-1"}, "--for"},
      {{"watch", "--max-growth", "tag"}, "TAG=NUMBER"},
      {{"watch", "--max-growth", "tag=-1"}, "TAG=NUMBER"},
      {{"why", "name"}, "pid:PID"},
      {{"why", "inode:"}, "pid:PID"},
      {{"ps", "--share", "half"}, "--share"},
      {{"replay"}, "FILE"},
      {{"replay", "/nonexistent"}, "No such file"},
      {{"diff", "one"}, "NEW"},
  }));
  const auto end = RunProgram({.program = MEMTRACK, .arguments = arguments});
  CAPTURE(arguments, end.errors);
  CHECK(end.exit_code == 3);
  CHECK(end.errors.find(words) != std::string::npos);
}

}  // namespace
}  // namespace memtrack::testing
