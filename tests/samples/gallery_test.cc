// The parent of samples/decoder with children that misbehave.
#include "samples/decoder/gallery.h"

#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <thread>

#include "tests/samples/folder_watch.h"
#include "tests/samples/make_pictures.h"
#include "tests/samples/scratch_folder.h"
#include "tests/support/leak_check.h"
#include "tests/support/must.h"
#include "tests/support/watchdog.h"

namespace samples::testing {
namespace {

using baton::testing::LeakCheck;
using baton::testing::Must;
using baton::testing::Watchdog;

// Far more than any of these children needs; only what hangs on purpose waits for less.
constexpr std::chrono::milliseconds kNever = 10 * baton::testing::kPatience;

std::vector<Row> Run(const ScratchFolder& scratch, const std::vector<std::string>& contents,
                     const DecoderOptions& options) {
  std::vector<Input> inputs;
  for (const std::string& content : contents) {
    const std::string name = std::to_string(inputs.size()) + ".png";
    inputs.push_back({scratch.Write("in/" + name, content), name});
  }
  auto folder = Must(ThumbnailFolder::Make(scratch.path() / "out", inputs));
  return MakeThumbnails(inputs, folder, options);
}

std::vector<Row> RunBroken(const std::vector<std::string>& contents) {
  const ScratchFolder scratch;
  return Run(scratch, contents, {.program = BROKEN_DECODER_CHILD, .deadline = kNever});
}

struct Misbehaviour {
  const char* order;  // to the broken decoder
  const char* problem;
};

TEST_CASE("whatever a child does to one file, the files around it get their thumbnails") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  const auto expected = GENERATE(values<Misbehaviour>(
      {{"crash", "the decoder died of it and was replaced (Killed)"},
       {"leave", "the decoder died of it and was replaced (exit code 7)"},
       {"die encoding", "the decoder died of it and was replaced (Killed)"},
       {"no space", "No space left on device"},
       {"no pixels", "impossible; it was replaced (1 x 1 with other pixels than that)"},
       {"too few pixels", "impossible; it was replaced (2 x 1 with other pixels than that)"},
       {"no width", "impossible; it was replaced (0 x 1)"},
       {"too many pixels", "impossible; it was replaced (64000001 x 1)"},
       {"wrapping size", "impossible; it was replaced (2147483648 x 2147483648)"},
       {"no format", "impossible; it was replaced (1 x 1)"},
       {"lie encoding", "impossible; it was replaced (a thumbnail longer than its memory)"},
       {"fail encoding", "the thumbnail could not be encoded"},
       {"drop", "the peer dropped the question without an answer"},
       {"bad manners", "the decoder died of it and was replaced (exit code 0)"}}));
  CAPTURE(expected.order);
  const auto rows = RunBroken({"fine", expected.order, "fine", expected.order, "fine"});
  REQUIRE(rows.size() == 5);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CAPTURE(i, rows[i].problem);
    const bool is_broken = i % 2 == 1;
    REQUIRE(rows[i].problem.empty() != is_broken);
    if (is_broken) REQUIRE_THAT(rows[i].problem, Catch::Contains(expected.problem));
  }
}

TEST_CASE("a child that hangs on a file is replaced when the deadline has passed") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  const ScratchFolder scratch;
  const auto rows = Run(scratch, {"hang", "crash", "hang"},
                        {.program = BROKEN_DECODER_CHILD, .deadline = std::chrono::seconds(1)});
  REQUIRE(rows[0].problem == "the decoder did not answer in time and was replaced");
  REQUIRE_THAT(rows[1].problem, Catch::Contains("died"));
  REQUIRE(rows[2].problem == "the decoder did not answer in time and was replaced");
}

TEST_CASE("a hundred files that kill their child cost a hundred children, and leak none of them") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  const auto rows = RunBroken(std::vector<std::string>(100, "crash"));
  REQUIRE(std::ranges::count_if(rows, [](const Row& row) { return row.problem.empty(); }) == 0);
}

TEST_CASE("a decoder that cannot be started is a problem of every file") {
  const LeakCheck leak_check;
  const ScratchFolder scratch;
  const auto rows = Run(scratch, {"a", "b"}, {.program = (scratch.path() / "nothing").string()});
  REQUIRE(rows[0].problem == "No such file or directory");
  REQUIRE(rows[1].problem == rows[0].problem);

  for (const Row& row : Run(scratch, {"a", "b"}, {.program = "/bin/true"})) {
    REQUIRE_THAT(row.problem, Catch::Contains("died"));
  }
}

TEST_CASE("a child killed from outside costs the file it has, and no other") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  const ScratchFolder scratch;
  const Bytes png = MakePng({.width = 300, .height = 300});
  const std::string content(reinterpret_cast<const char*>(png.data()), png.size());
  std::filesystem::create_directory(scratch.path() / "out");
  const FolderWatch watch(scratch.path() / "out");
  std::thread killer([&] {
    if (watch.AwaitFiles(30)) KillChildOf(::getpid());
  });
  const auto rows = Run(scratch, std::vector<std::string>(100, content),
                        {.program = DECODER_CHILD, .deadline = kNever});
  killer.join();

  const auto lost =
      std::ranges::count_if(rows, [](const Row& row) { return !row.problem.empty(); });
  REQUIRE(rows.size() == 100);
  REQUIRE(lost <= 1);
  REQUIRE(scratch.NamesIn("out").size() == static_cast<std::size_t>(100 - lost));
}

TEST_CASE("the pixels of a picture cross by their memory alone") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  const ScratchFolder scratch;
  const Bytes png = MakePng({.width = 300, .height = 200});
  const std::string content(reinterpret_cast<const char*>(png.data()), png.size());
  const auto rows = Run(scratch, {content}, {.program = DECODER_CHILD, .deadline = kNever});
  REQUIRE(rows[0].problem.empty());
  const Figures& figures = rows[0].figures;
  REQUIRE(figures.format == Format::kPng);
  REQUIRE(figures.size == PictureSize{300, 200});
  REQUIRE(figures.bytes_handed_over == png.size() + 300 * 200 * 4);
  REQUIRE(figures.bytes_copied == 0);
  REQUIRE(figures.bytes_in_messages > 0);
  REQUIRE(figures.bytes_in_messages < 1000);
}

}  // namespace
}  // namespace samples::testing
