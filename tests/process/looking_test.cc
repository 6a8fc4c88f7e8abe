// BATON_LOG and BATON_TRACE, set for two processes that talk: what they write is all there, fits
// together, and does no harm. The processes are hidden tests of this program.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include <baton/message_log.h>

#include "tests/process/echo_actors.h"
#include "tests/support/guarded.h"
#include "tests/support/run_program.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/watchdog.h"

namespace baton::testing {
namespace {

using boost::system::error_code;
using nlohmann::json;

constexpr std::size_t kCounts = 300;
constexpr std::size_t kPings = 100;
constexpr std::size_t kAnswered = 3 + kPings;  // Echo, Fill, Refuse

// A clear screen, a title, colours by C1, a line that looks like one of ours.
const std::string kHostile =
    "\x1b[2J\x1b]0;me\x07\u009b31m\u202e\n[ 1.000000] 1 parent@1 -> Lie ()";

PEER(EchoThatIsLookedAt) {
  RunEchoChild(std::move(channel_end));
}

std::string Content(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  for (std::size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    lines.push_back(text.substr(begin, end - begin));
  }
  CHECK(begin == text.size());  // no line is open
  return lines;
}

std::size_t CountOf(const std::vector<std::string>& lines, const std::string& part) {
  return static_cast<std::size_t>(std::ranges::count_if(
      lines, [&](const std::string& line) { return line.find(part) != std::string::npos; }));
}

// Who does not spin is asleep once nothing is ready any more.
void RunWhatIsReady(ParentSide& parent) {
  parent.io.restart();
  while (parent.io.poll_one() > 0) {
  }
}

// One of each: an answer, memory, a refusal, messages both ways; and questions one by one, the last
// of them from a rest.
void Talk(ParentSide& parent) {
  const auto nothing = [](error_code, auto&&...) {};
  parent.actor->SendEcho(kHostile, nothing);
  parent.actor->SendFill(Must(parent.actor->AllocShmem(8192)), 7, nothing);
  std::vector<::testing::Parcel> parcels(2);
  for (auto& parcel : parcels) parcel.content = Must(parent.actor->AllocShmem(1000));
  Must(parent.actor->SendPost(std::move(parcels)));
  for (std::size_t n = 1; n < kCounts; ++n) Must(parent.actor->SendCount(n));
  bool is_refused = false;
  parent.actor->SendRefuse(ENOENT, [&](error_code, bool) { is_refused = true; });
  parent.RunUntil([&] { return is_refused && parent.actor->counted.size() == kCounts; });
  CHECK(is_refused);
  CHECK(parent.actor->counted.size() == kCounts);
  for (std::size_t n = 0; n < kPings; ++n) {
    if (n + 1 == kPings) RunWhatIsReady(parent);
    bool is_back = false;
    parent.actor->SendPing(n, [&](error_code, std::uint64_t) { is_back = true; });
    parent.RunUntil([&] { return is_back; });
  }
}

void TalkOn(Path path) {
  const Watchdog watchdog;
  Peer peer = START_PEER(PeerKind::kProcess, EchoThatIsLookedAt);
  ParentSide parent(peer, {PeerKind::kProcess, path});
  Talk(parent);
  parent.CloseAndRun();
  peer.Join();
}

TEST_CASE("looked at: two talk through a socket", "[.]") {
  TalkOn(Path::kSocket);
}

TEST_CASE("looked at: two talk through rings", "[.]") {
  TalkOn(Path::kRing);
}

TEST_CASE("looked at: two talk through rings, asleep", "[.]") {
  TalkOn(Path::kRingAsleep);
}

std::string EachTalk() {
  return GENERATE(as<std::string>(), "looked at: two talk through a socket",
                  "looked at: two talk through rings", "looked at: two talk through rings, asleep");
}

ProgramEnd RunLookedAt(const std::string& test, std::vector<std::string> environment) {
  ProgramEnd end = RunProgram({"/proc/self/exe", {test}, std::move(environment)});
  INFO(end.output << end.errors);
  CHECK_FALSE(end.hung);
  CHECK(end.signal == 0);
  CHECK(end.exit_code == 0);
  return end;
}

// --- The log -------------------------------------------------------------------------------------

TEST_CASE("each message of two processes is in the log, once on each side") {
  const std::string test = EachTalk();
  const Guarded guarded;
  const ScratchFolder folder;
  const std::string path = (folder.path() / "log").string();
  const ProgramEnd end = RunLookedAt(test, {"BATON_LOG=PEcho", "BATON_LOG_FILE=" + path});
  CHECK(end.errors.find("PEcho") == std::string::npos);
  const auto lines = LinesOf(Content(path));
  for (const char* const arrow : {" -> ", " <- "}) {
    const auto count = [&](const std::string& rest) { return CountOf(lines, arrow + rest); };
    CHECK(count("testing::PEcho::Counted {number: ") == kCounts);
    CHECK(count("testing::PEcho::Count {number: ") == kCounts - 1);
    CHECK(count("testing::PEcho::Echo #1 {text: \"\\x1b[2J") == 1);
    CHECK(count("testing::PEcho::Echo reply #1 {text_back: \"\\x1b[2J") == 1);
    CHECK(count("testing::PEcho::Fill #2 {memory: Shmem(8192 bytes, id ") == 1);
    CHECK(count("testing::PEcho::Post {parcels: [{label: \"\", content: Shmem(1000 by") == 1);
    CHECK(count("testing::PEcho::Refuse #3 {reason: 2} (") == 1);
    CHECK(count("testing::PEcho::Refuse refused #3: No such file or directory (") == 1);
  }
  CHECK(CountOf(lines, " bytes, 8192 shared)") == 4);  // there and back, on both sides
  CHECK(CountOf(lines, " bytes, 2000 shared)") == 2);
  CHECK(CountOf(lines, "parent@1 testing::PEcho open") == 1);
  CHECK(CountOf(lines, "child@1 testing::PEcho closed") == 1);
  CHECK(lines.size() == 2 * (2 * kCounts - 1 + 1 + 2 * kAnswered) + 4);
}

TEST_CASE("no message of a peer's reaches the terminal through the log") {
  const Guarded guarded;
  const ProgramEnd end =
      RunLookedAt("looked at: two talk through a socket", {"BATON_LOG=PEcho:Echo"});
  const auto lines = LinesOf(end.errors);
  CHECK(lines.size() == 4 + 4);  // asked and answered, and what becomes of two channels
  for (const std::string& line : lines) {
    INFO(line);
    CHECK(line.starts_with("["));
    CHECK(std::ranges::all_of(line, [](char letter) { return letter >= ' ' && letter < 0x7f; }));
    CHECK_FALSE(line.starts_with("[ 1.000000]"));
  }
}

TEST_CASE("looked at: a peer is blamed in its own words", "[.]") {
  const Watchdog watchdog;
  Peer peer = START_PEER(PeerKind::kProcess, EchoThatIsLookedAt);
  ParentSide parent(peer, {PeerKind::kProcess, Path::kRing});
  CHECK(parent.actor->SendAccuse(std::string(3 << 20, 'x')).error() == Errc::kMessageTooLarge);
  Must(parent.actor->SendAccuse(kHostile));
  parent.RunUntil([&] { return parent.actor->destroyed == 1; });
  peer.Join();
}

TEST_CASE("the log says why a channel has closed and why a message was not sent") {
  const Guarded guarded;
  const ProgramEnd end =
      RunLookedAt("looked at: a peer is blamed in its own words", {"BATON_LOG=PEcho"});
  const auto lines = LinesOf(end.errors);
  CHECK(lines.size() == 2 + 3 + 2);
  const std::string not_sent = "parent@1 -> testing::PEcho::Accuse {rule: \"xxx";
  CHECK(CountOf(lines, not_sent) == 1);
  CHECK(CountOf(lines, ": not sent: ") == 1);
  CHECK(CountOf(lines, "child@1 testing::PEcho closed: ") == 1);
  CHECK(CountOf(lines, ": \\x1b[2J\\x1b]0;me\\x07\\xc2\\x9b31m") == 1);  // what was seen
  CHECK(CountOf(lines, "parent@1 testing::PEcho closed: ") == 1);
  CHECK(std::ranges::all_of(
      end.errors, [](char letter) { return letter == '\n' || (letter >= ' ' && letter < 0x7f); }));
}

TEST_CASE("a log that cannot be written does no harm") {
  const Guarded guarded;
  const std::string test = "looked at: two talk through a socket";
  CHECK(RunLookedAt(test, {"BATON_LOG=*", "BATON_LOG_FILE=/dev/full"}).errors.empty());
  const ProgramEnd nowhere = RunLookedAt(test, {"BATON_TRACE=/nowhere/trace.json"});
  CHECK(CountOf(LinesOf(nowhere.errors), "baton: BATON_TRACE is ignored: No such file") == 2);
  const ProgramEnd senseless = RunLookedAt(test, {"BATON_LOG=PEcho:"});
  CHECK(CountOf(LinesOf(senseless.errors), "baton: BATON_LOG is ignored: ") == 2);
}

TEST_CASE("a program takes the lines itself, and stops") {
  const Guarded guarded;
  std::vector<std::string> lines;
  const auto take = [&](std::string_view line) { lines.emplace_back(line); };
  CHECK(SetMessageLog("PEcho:", take).error() == Errc::kInvalidValue);
  Must(SetMessageLog("PEcho:Count*", take));
  io_context io;
  auto [here, there] = CreateEchoEndpoints(Path::kInProcess);
  const auto parent = std::make_shared<EchoParent>();
  const auto child = std::make_shared<EchoChild>();
  Must(std::move(here).Bind(parent, io.get_executor()));
  Must(std::move(there).Bind(child, io.get_executor()));
  parent->on_counted = [&] {
    if (parent->counted.size() == 1) {
      Must(SetMessageLog("", nullptr));
      Must(parent->SendCount(2));
    } else {
      parent->Close();
    }
  };
  Must(parent->SendCount(1));
  io.run();
  CHECK(parent->counted == std::vector<std::uint64_t>{2, 3});
  REQUIRE(lines.size() == 2 + 4);
  CHECK(lines[2].find("-> testing::PEcho::Count {number: 1} (") != std::string::npos);
  CHECK(lines[3].find("<- testing::PEcho::Count {number: 1} (") != std::string::npos);
  CHECK(lines[4].find("-> testing::PEcho::Counted {number: 2} (") != std::string::npos);
  CHECK(lines[5].find("<- testing::PEcho::Counted {number: 2} (") != std::string::npos);
}

// --- The trace -----------------------------------------------------------------------------------

// The traces that were written into the folder, by process.
std::map<int, json> TracesIn(const ScratchFolder& folder) {
  std::map<int, json> traces;
  for (const std::string& name : folder.NamesIn(".")) {
    json trace = json::parse(Content(folder.path() / name));
    REQUIRE(trace.is_array());
    REQUIRE_FALSE(trace.empty());
    const int pid = trace[0]["pid"];
    CHECK(name == "t." + std::to_string(pid) + ".json");
    traces[pid] = std::move(trace);
  }
  return traces;
}

std::set<std::string> FlowsOf(const json& trace, const std::string& phase) {
  std::set<std::string> flows;
  for (const json& event : trace) {
    if (event["ph"] == phase) CHECK(flows.insert(event["id"]).second);  // each once
  }
  return flows;
}

std::size_t CountOf(const json& trace, const std::string& phase, const std::string& name) {
  return static_cast<std::size_t>(std::ranges::count_if(trace, [&](const json& event) {
    return event["ph"] == phase && event.value("name", "") == name;
  }));
}

// Of one thread: what begins ends, sends lie within handlers or beside them, arrows in slices.
void CheckNesting(const json& trace) {
  std::vector<double> open;
  double sent_until = 0;
  double now = 0;
  for (const json& event : trace) {
    const std::string phase = event["ph"];
    if (phase == "M") continue;
    const double when = event["ts"];
    CHECK(when >= now);
    now = when;
    if (phase != "s") CHECK(when >= sent_until);  // nothing happens in the middle of a send
    if (phase == "X") sent_until = when + event["dur"].get<double>();
    if (phase == "s") CHECK(when <= sent_until);
    if (phase == "B") open.push_back(when);
    if (phase == "f") {
      REQUIRE_FALSE(open.empty());
      CHECK(when >= open.back());
    }
    if (phase == "E") {
      REQUIRE_FALSE(open.empty());
      open.pop_back();
    }
  }
  CHECK(open.empty());
}

TEST_CASE("the traces of two processes fit together, and nothing is lost") {
  const std::string test = EachTalk();
  const Guarded guarded;
  const ScratchFolder folder;
  RunLookedAt(test, {"BATON_TRACE=" + (folder.path() / "t.json").string()});
  const auto traces = TracesIn(folder);
  REQUIRE(traces.size() == 2);
  for (const auto& [pid, trace] : traces) {
    for (const json& event : trace) CHECK(event["pid"] == pid);
    CheckNesting(trace);
    CHECK(CountOf(trace, "M", "process_name") == 1);
    CHECK(CountOf(trace, "i", "open") == 1);
    CHECK(CountOf(trace, "i", "closed") == 1);
  }
  const json& one = traces.begin()->second;
  const json& other = traces.rbegin()->second;
  CHECK(FlowsOf(one, "s") == FlowsOf(other, "f"));
  CHECK(FlowsOf(other, "s") == FlowsOf(one, "f"));
  CHECK(FlowsOf(one, "s").size() + FlowsOf(other, "s").size() == 2 * kCounts + 2 * kAnswered);
  const auto both = [&](const std::string& phase, const std::string& name) {
    return CountOf(one, phase, name) + CountOf(other, phase, name);
  };
  CHECK(both("X", "send testing::PEcho::Counted") == kCounts);
  CHECK(both("B", "testing::PEcho::Counted") == kCounts);
  CHECK(both("B", "testing::PEcho::Refuse refused") == 1);
  if (test.ends_with("asleep")) {
    CHECK(both("i", "sleep") > 0);
    CHECK(both("i", "wake") > 0);
    CHECK(both("i", "doorbell") > 0);
  }
}

// --- Ends that nobody has planned ----------------------------------------------------------------

TEST_CASE("looked at: a peer is killed", "[.]") {
  const Watchdog watchdog;
  const auto path = GENERATE(Path::kSocket, Path::kRingAsleep);
  Peer peer = START_PEER(PeerKind::kProcess, EchoThatIsLookedAt);
  ParentSide parent(peer, {PeerKind::kProcess, path});
  bool is_answered = false;
  parent.actor->SendEcho("one", [&](error_code, const std::string&) { is_answered = true; });
  parent.RunUntil([&] { return is_answered; });
  // It rests once its trace is there; before that, it would lose what it has not written.
  const std::string pattern = std::getenv("BATON_TRACE");
  const std::string stem = pattern.substr(0, pattern.size() - std::string(".json").size());
  const std::string trace = stem + "." + std::to_string(peer.pid()) + ".json";
  while (Content(trace).find("send testing::PEcho::Echo reply") == std::string::npos) {
    std::this_thread::yield();
  }
  peer.Kill();
  parent.RunUntil([&] { return parent.actor->destroyed == 1; });
}

TEST_CASE("what a killed process has seen before it rested is in its trace") {
  const Guarded guarded;
  const ScratchFolder folder;
  RunLookedAt("looked at: a peer is killed",
              {"BATON_TRACE=" + (folder.path() / "t.json").string()});
  const auto names = folder.NamesIn(".");
  REQUIRE(names.size() == 3);  // the parent, and two that were killed
  std::size_t killed = 0;
  for (const std::string& name : names) {
    const std::string text = Content(folder.path() / name);
    if (text.ends_with("]\n")) continue;
    ++killed;
    const json trace = json::parse(text + "]");
    CheckNesting(trace);
    CHECK(CountOf(trace, "B", "testing::PEcho::Echo") == 1);
    CHECK(CountOf(trace, "X", "send testing::PEcho::Echo reply") == 1);
  }
  CHECK(killed == 2);
}

void TalkWithin() {
  io_context io;
  auto [here, there] = CreateEchoEndpoints(Path::kInProcess);
  const auto parent = std::make_shared<EchoParent>();
  Must(std::move(here).Bind(parent, io.get_executor()));
  Must(std::move(there).Bind(std::make_shared<EchoChild>(), io.get_executor()));
  parent->on_counted = [&] { parent->Close(); };
  Must(parent->SendCount(1));
  io.run();
}

TEST_CASE("looked at: a process that forks", "[.]") {
  const Watchdog watchdog;
  TalkWithin();
  const pid_t pid = ::fork();
  REQUIRE(pid >= 0);
  TalkWithin();
  if (pid == 0) std::_Exit(0);
  int status = -1;
  CHECK(::waitpid(pid, &status, 0) == pid);
  CHECK(status == 0);
}

TEST_CASE("a forked process writes a trace of its own") {
  const Guarded guarded;
  const ScratchFolder folder;
  RunLookedAt("looked at: a process that forks",
              {"BATON_TRACE=" + (folder.path() / "t.%p.json").string()});
  const auto names = folder.NamesIn(".");
  REQUIRE(names.size() == 2);
  std::multiset<std::size_t> handled;
  for (const std::string& name : names) {
    std::string text = Content(folder.path() / name);
    if (!text.ends_with("]\n")) text += "]";
    const json trace = json::parse(text);
    for (const json& event : trace) {
      CHECK(name == "t." + std::to_string(event["pid"].get<int>()) + ".json");
    }
    CheckNesting(trace);
    CHECK(FlowsOf(trace, "s") == FlowsOf(trace, "f"));
    handled.insert(CountOf(trace, "B", "testing::PEcho::Count"));
  }
  CHECK(handled == std::multiset<std::size_t>{1, 2});
}

}  // namespace
}  // namespace baton::testing
