// The trace file: its name, its events, and what is on the disk when.
#include "runtime/looking/trace.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include <baton/platform/own_process.h>

#include "runtime/looking/trace_event.h"
#include "tests/support/must.h"
#include "tests/support/scratch_folder.h"

namespace baton::internal {

using namespace std::chrono_literals;
using baton::testing::Must;
using baton::testing::ScratchFolder;

namespace {

constexpr Moment kTraceWhen{1'234s + 5'678ns};

std::string Content(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("each process has a trace of its own", "[looking]") {
  CHECK(TracePath("/tmp/%p/a-%p.json", 47) == "/tmp/47/a-47.json");
  CHECK(TracePath("/tmp/trace.json", 47) == "/tmp/trace.47.json");
  CHECK(TracePath("trace", 47) == "trace.47");
  CHECK(TracePath(".json", 47) == ".47.json");
  CHECK(TracePath("%", 47) == "%.47");
}

TEST_CASE("an event is an object of JSON, whatever its text", "[looking]") {
  TraceEvent event('i', kTraceWhen);
  event.Text("name", "a\"\\\n\x1b\xff\u20ac").Microseconds("dur", 1'002ns);
  event.Arguments().Number("most", ~std::uint64_t{0}).Text("long", std::string(10'000, 'x'));
  const auto parsed = nlohmann::json::parse(event.Take());
  CHECK(parsed["ph"] == "i");
  CHECK(parsed["name"] == "a\"\\\\x0a\\x1b\\xff\u20ac");
  CHECK(parsed["ts"] == 1'234'000'005.678);
  CHECK(parsed["dur"] == 1.002);
  CHECK(parsed["pid"] == baton::platform::ProcessId());
  CHECK(parsed["args"]["most"] == ~std::uint64_t{0});
  CHECK(parsed["args"]["long"].get<std::string>().size() <= 300);
}

TEST_CASE("a trace is written in chunks, and may stay unclosed", "[looking]") {
  const ScratchFolder folder;
  TraceFile& file = *Must(TraceFile::OpenForEver((folder.path() / "t.json").string()));
  const auto path = TracePath((folder.path() / "t.json").string(), baton::platform::ProcessId());
  Trace trace(file);
  CHECK(Content(path).empty());
  constexpr std::size_t kEvents = 5'000;
  std::size_t most_missing = 0;
  for (std::size_t n = 0; n < kEvents; ++n) {
    trace.Queue({"PTest", baton::Side::kParent, 1}, n, kTraceWhen);
    const std::size_t written = std::filesystem::file_size(path);
    most_missing = std::max(most_missing, n * 100 - std::min(n * 100, written));
  }
  CHECK(most_missing <= TraceFile::kChunk);
  trace.Flush();
  const auto events = nlohmann::json::parse(Content(path) + "]");
  REQUIRE(events.size() == 2 + kEvents);  // the process and the thread have names
  CHECK(events[0]["name"] == "process_name");
  CHECK(events[1]["name"] == "thread_name");
  CHECK(events[2 + 77]["args"]["bytes"] == 77);

  file.Finish();
  trace.EndHandler(kTraceWhen);  // too late, and no harm
  CHECK(nlohmann::json::parse(Content(path)).size() == 2 + kEvents);
}

}  // namespace baton::internal
