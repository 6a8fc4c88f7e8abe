// What memtrack finds of clients that draw, and what their death leaves behind.
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <sstream>

#include "tests/memtrack/weston/answers.h"
#include "tests/memtrack/weston/proc_view.h"
#include "tests/memtrack/weston/weston_scene.h"
#include "tests/support/golden.h"
#include "tests/support/must.h"
#include "tests/support/watchdog.h"

namespace weston_test {
namespace {

using baton::testing::kPatience;
using baton::testing::Must;
using baton::testing::ReadFile;
using baton::testing::ScratchFolder;
using baton::testing::Watchdog;

constexpr std::uint64_t kPage = 4096;

std::uint64_t WholePages(std::uint64_t bytes) {
  return (bytes + kPage - 1) / kPage * kPage;
}

// Memfds of this name that both map, by /proc.
std::set<std::uint64_t> MappedByBoth(int one, int other, const std::string& name) {
  const auto of_other = MemfdsMappedBy(other, name);
  std::set<std::uint64_t> inodes;
  for (const auto& [inode, length] : MemfdsMappedBy(one, name)) {
    if (of_other.contains(inode)) inodes.insert(inode);
  }
  return inodes;
}

// memtrack's view of a moment in which nothing moved: /proc says the same before and after it.
std::vector<Json> AtRest(int weston, const Process& client, const std::string& name) {
  std::vector<Json> segments;
  REQUIRE(Eventually(client, [&] {
    const auto before = MappedByBoth(weston, client.pid(), name);
    segments = SegmentsOf(Ask({"segs"}).document, name, {weston, client.pid()});
    return !before.empty() && before == MappedByBoth(weston, client.pid(), name) &&
           InodesIn(segments) == before;
  }));
  return segments;
}

TEST_CASE("weston: a window's buffers are found by their mappings, with sizes and both holders") {
  SKIP_WITHOUT_WESTON();
  const Watchdog watchdog(2 * kPatience);
  const auto renderer = GENERATE(Renderer::kNone, Renderer::kPixman);
  const Scene scene(renderer);
  const Process client = scene.Start("weston-simple-shm");
  const int weston = scene.weston().pid();
  const std::size_t count = renderer == Renderer::kPixman ? 2 : 1;
  REQUIRE(Eventually(
      client, [&] { return MappedByBoth(weston, client.pid(), "weston-shared").size() == count; }));

  const auto buffers = AtRest(weston, client, "weston-shared");
  REQUIRE(buffers.size() == count);
  constexpr std::uint64_t kPixels = 250 * 250 * 4;
  for (const Json& buffer : buffers) {
    CAPTURE(buffer.dump());
    CHECK(buffer.at("kind") == "memfd");
    if (::geteuid() == 0) CHECK(buffer.at("size") == kPixels);
    CHECK(buffer.at("bytes") == WholePages(kPixels));
    for (const Json& holder : buffer.at("holders")) {
      CHECK(holder.at("descriptors") == 0);
      CHECK(holder.at("mappings") == 1);
      CHECK(holder.at("charged") == WholePages(kPixels) / 2);
    }
  }
  // No descriptor names them: who looks for those only sees nothing.
  CHECK(MemfdsOpenIn(client.pid(), "weston-shared") == 0);
  CHECK(MemfdsOpenIn(weston, "weston-shared") == 0);

  const Json processes = Ask({"ps", "--pid", std::to_string(client.pid())}).document;
  REQUIRE(processes.at("processes").size() == 1);
  const Json& paying = processes.at("processes").front();
  CHECK(paying.at("command") == "weston-simple-s");  // as the kernel cuts it
  CHECK(paying.at("segments") == count);
  CHECK(paying.at("mapped") == count * WholePages(kPixels));
  CHECK(paying.at("charged") == count * WholePages(kPixels) / 2);
  CHECK(paying.at("held") == 0);
  CHECK(paying.at("unique") == 0);
}

TEST_CASE("weston: what gtk3-demo draws and its cursors are found, each for what it is") {
  SKIP_WITHOUT_WESTON();
  const Watchdog watchdog(2 * kPatience);
  const auto renderer = GENERATE(Renderer::kNone, Renderer::kPixman);
  const Scene scene(renderer);
  const Process client = scene.Start("gtk3-demo");
  const int weston = scene.weston().pid();

  const auto windows = AtRest(weston, client, "gdk-wayland");
  const auto lengths = MemfdsMappedBy(client.pid(), "gdk-wayland");
  for (const Json& window : windows) {
    CAPTURE(window.dump());
    const auto length = lengths.find(window.at("inode").get<std::uint64_t>());
    REQUIRE(length != lengths.end());
    if (::geteuid() == 0)
      CHECK(WholePages(window.at("size").get<std::uint64_t>()) == length->second);
    for (const Json& holder : window.at("holders")) CHECK(holder.at("descriptors") == 0);
  }
  // libwayland-cursor keeps the descriptor, so this is one piece by descriptor and by mapping.
  for (const Json& cursors : AtRest(weston, client, "wayland-cursor")) {
    for (const Json& holder : cursors.at("holders")) {
      CHECK(holder.at("mappings") == 1);
      CHECK(holder.at("descriptors") == (holder.at("pid") == client.pid() ? 1 : 0));
    }
  }
}

// Brings it about that both stand still while both have buffers: those.
std::set<std::uint64_t> StopBoth(const Process& weston, const Process& client,
                                 const std::string& tag) {
  std::set<std::uint64_t> buffers;
  REQUIRE(Eventually(client, [&] {
    Continue(client);
    Continue(weston);
    Stop(weston);
    Stop(client);
    buffers = MappedByBoth(weston.pid(), client.pid(), tag);
    return !buffers.empty();
  }));
  return buffers;
}

std::vector<Json> OrphansOf(const Json& document, int weston, const std::string& tag) {
  std::vector<Json> found = VerdictsAbout(document, {weston});
  std::erase_if(found, [&](const Json& verdict) {
    return verdict.at("finding") != "orphaned" || verdict.at("tag") != tag;
  });
  return found;
}

// The instants and the counters in a trace that is still being written.
std::set<std::string> NamesInTrace(const std::filesystem::path& trace, const std::string& phase) {
  std::set<std::string> names;
  std::istringstream lines(ReadFile(trace));
  for (std::string line; std::getline(lines, line);) {
    if (!line.ends_with(",")) continue;
    const Json event = Json::parse(line.substr(0, line.size() - 1));
    if (event.at("ph") == phase) names.insert(event.at("name").get<std::string>());
  }
  return names;
}

TEST_CASE("weston: what a client leaves in a stopped compositor is an orphan until that goes on") {
  SKIP_WITHOUT_WESTON();
  const auto [program, argument, drawn] = GENERATE(table<std::string, std::string, std::string>({
      {"weston-simple-shm", "", "weston-shared"},
      {"gtk3-demo", "--run=pixbufs", "gdk-wayland"},
  }));
  const std::string tag = drawn;
  const Watchdog watchdog(3 * kPatience);
  const ScratchFolder folder;
  const auto course = folder.path() / "course.jsonl", trace = folder.path() / "trace.json";
  const Scene scene(Renderer::kPixman);
  const Process& weston = scene.weston();
  auto arguments = argument.empty() ? std::vector<std::string>() : std::vector{argument};
  Process client = scene.Start(program, arguments);
  Recorder recorder(course, trace);

  const auto buffers = StopBoth(weston, client, tag);
  recorder.AwaitPasses();
  const int dead = client.pid();
  Must(client.Kill());
  REQUIRE(Must(client.Wait(kPatience)).has_value());
  recorder.AwaitPasses();
  const auto left = InodesIn(SegmentsOf(Ask({"segs"}).document, tag, {weston.pid()}));
  CHECK(std::ranges::includes(left, buffers));
  const Answer meanwhile = Ask({"replay", recorder.SoFar(folder.path() / "begin.jsonl").string()});
  CAPTURE(meanwhile.document.dump());
  CHECK(SaysWhatItExitsWith(meanwhile));
  const auto orphans = OrphansOf(meanwhile.document, weston.pid(), tag);
  REQUIRE(orphans.size() == 1);
  CHECK(PidsIn(orphans.front().at("processes")) == std::set<int>{weston.pid(), dead});
  CHECK(std::ranges::includes(InodesIn(orphans.front().at("segments")), buffers));

  Continue(weston);
  REQUIRE(Eventually(weston, [&] {
    const auto mapped = MemfdsMappedBy(weston.pid(), tag);
    return std::ranges::none_of(buffers, [&](auto inode) { return mapped.contains(inode); });
  }));
  recorder.AwaitPasses();
  recorder.End();
  const Answer afterwards = Ask({"replay", course.string()});
  CAPTURE(afterwards.document.dump());
  CHECK(OrphansOf(afterwards.document, weston.pid(), tag).empty());

  // The trace has counters for the tag and for each process, and the moment of the verdict.
  const auto counters = NamesInTrace(trace, "C");
  CHECK(counters.contains("shm/" + tag));
  CHECK(counters.contains("segments/" + tag));
  CHECK(counters.contains("shm"));
  CHECK(NamesInTrace(trace, "i").contains("risk orphaned " + tag));
}

}  // namespace
}  // namespace weston_test
