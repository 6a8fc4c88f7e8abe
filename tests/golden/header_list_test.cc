// A generated header is included everywhere, so it brings along little: nothing of sockets,
// executors, processes, streams, or of the operating system's calls.
#include <catch2/catch.hpp>

#include <algorithm>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/run_program.h"

namespace batonc {
namespace {

using baton::testing::ProgramEnd;
using baton::testing::RunProgram;

// Parts of paths; `$` is the end of one.
constexpr std::string_view kTooHeavy[] = {
    "/asio/",         "/iostream$",       "/istream$",      "/fstream$",
    "/sstream$",      "/thread$",         "/future$",       "/regex$",
    "/sys/socket.h$", "/sys/mman.h$",     "/spawn.h$",      "/poll.h$",
    "/signal.h$",     "/flatbuffers/",    "platform/local", "platform/process.h",
    "baton/async.h",  "baton/endpoint.h", "baton/launch.h",
};

// What the compiler reads for `header`, itself included.
std::vector<std::string> HeadersOf(const std::string& header) {
  const ProgramEnd end =
      RunProgram({CXX_COMPILER,
                  {"-std=c++20", "-M", "-x", "c++", "-I", GOLDEN_FOLDER, "-I", RUNTIME_HEADERS,
                   "-I", PLATFORM_HEADERS, std::string(GOLDEN_FOLDER) + "/" + header}});
  INFO(end.errors);
  REQUIRE(end.exit_code == 0);
  std::vector<std::string> headers;
  std::istringstream words(end.output);
  for (std::string word; words >> word;) {
    if (word != "\\" && !word.ends_with(':')) headers.push_back(word);
  }
  return headers;
}

TEST_CASE("a generated header brings along nothing heavy") {
  const std::string header =
      GENERATE(as<std::string>{}, "everything.h", "everythingParent.h", "everythingChild.h");
  const std::vector<std::string> headers = HeadersOf(header);
  REQUIRE(headers.size() > 50);
  for (const std::string& one : headers) {
    for (const std::string_view heavy : kTooHeavy) {
      INFO(header << " includes " << one);
      CHECK((one + "$").find(heavy) == one.npos);
    }
  }
}

}  // namespace
}  // namespace batonc
