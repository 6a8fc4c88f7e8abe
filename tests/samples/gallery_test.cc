// The parent of samples/decoder with children that misbehave.
#include "samples/decoder/gallery.h"

#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <iterator>
#include <string>
#include <system_error>
#include <thread>

#include "samples/decoder/png_size.h"
#include "samples/decoder/traffic_count.h"
#include "sandbox_sanitizers.h"
#include "tests/samples/folder_watch.h"
#include "tests/samples/make_pictures.h"
#include "tests/support/leak_check.h"
#include "tests/support/must.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/skip_without_seals.h"
#include "tests/support/watchdog.h"

namespace samples::testing {
namespace {

using baton::testing::LeakCheck;
using baton::testing::Must;
using baton::testing::ScratchFolder;
using baton::testing::Watchdog;

// Far more than any of these children needs; only what is to miss its deadline has less.
constexpr std::chrono::milliseconds kNever = 10 * baton::testing::kPatience;
constexpr std::chrono::milliseconds kSoon = std::chrono::milliseconds(500) * BATON_TEST_SLOWNESS;

// As often as it takes, at once.
constexpr baton::RestartPolicy kAlways = {.max_restarts = 1000,
                                          .first_delay = std::chrono::milliseconds(0)};

std::vector<Row> Run(const ScratchFolder& scratch, const std::vector<std::string>& contents,
                     const DecoderOptions& options) {
  std::vector<Input> inputs;
  for (const std::string& content : contents) {
    const std::string name = std::to_string(inputs.size()) + ".png";
    inputs.push_back({scratch.Write("in/" + name, content), name});
  }
  auto folder = Must(ThumbnailFolder::Make(scratch.path() / "out", inputs));
  return Must(MakeThumbnails(inputs, folder, options));
}

std::vector<Row> RunBroken(const std::vector<std::string>& contents) {
  const ScratchFolder scratch;
  return Run(scratch, contents,
             {.program = BROKEN_DECODER_CHILD, .deadline = kNever, .restarts = kAlways});
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
       {"huge thumbnail",
        "impossible; it was replaced (a thumbnail longer than its pixels can need)"},
       {"lie encoding", "impossible; it was replaced (a thumbnail longer than its memory)"},
       {"fail encoding", "the thumbnail could not be encoded"},
       {"drop", "the peer dropped the question without an answer"},
       {"no image", "the actor has been deleted"},
       {"bad manners", "the decoder died of it and was replaced"}}));
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
  const auto rows = Run(scratch, {"hang", "hang encoding", "hang"},
                        {.program = BROKEN_DECODER_CHILD, .deadline = kSoon});
  REQUIRE(rows.size() == 3);
  for (const Row& row : rows) {
    REQUIRE(row.problem == "the decoder did not answer in time and was replaced");
  }
}

TEST_CASE("a file after one that hung gets its thumbnail") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  const ScratchFolder scratch;
  const auto rows =
      Run(scratch, {"hang", "fine"}, {.program = BROKEN_DECODER_CHILD, .deadline = 10 * kSoon});
  REQUIRE_THAT(rows[0].problem, Catch::Contains("did not answer in time"));
  REQUIRE(rows[1].problem == "");
}

TEST_CASE("the deadline is for all that is done for a file, not for each part of it") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  const ScratchFolder scratch;
  const std::string order = "slow " + std::to_string(2 * kSoon.count());
  const auto rows = Run(scratch, {order}, {.program = BROKEN_DECODER_CHILD, .deadline = 3 * kSoon});
  REQUIRE_THAT(rows[0].problem, Catch::Contains("did not answer in time"));
}

TEST_CASE("a file whose decoder dies is given to the next one, once") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  const ScratchFolder mark;
  const std::string order = "crash before " + (mark.path() / "mark").string();
  const auto rows = RunBroken({order, "crash", "fine"});
  REQUIRE(rows[0].problem == "");
  REQUIRE(rows[1].problem == "the decoder died of it and was replaced (Killed)");
  REQUIRE(rows[2].problem == "");
}

TEST_CASE("decoders that end too often are given up, and every file after that says why") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  const ScratchFolder scratch;
  auto policy = kAlways;
  policy.max_restarts = 3;  // two files of two decoders each
  const auto rows = Run(scratch, {"fine", "crash", "leave", "fine", "fine"},
                        {.program = BROKEN_DECODER_CHILD, .deadline = kNever, .restarts = policy});
  REQUIRE(rows[0].problem == "");
  REQUIRE_THAT(rows[1].problem, Catch::Contains("died of it"));
  REQUIRE_THAT(rows[2].problem, Catch::Contains("died of it"));
  for (const std::size_t i : {3, 4}) {
    REQUIRE(rows[i].problem == "decoders ended too often, and no more are started (exit code 7)");
  }
}

TEST_CASE("a hundred files that kill their child cost two hundred children, and leak none") {
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

// Large enough that a hundred of them take far longer than it takes to kill a child in between.
std::string LargePicture() {
  const Bytes png = MakePng({.width = 800, .height = 800});
  return {reinterpret_cast<const char*>(png.data()), png.size()};
}

TEST_CASE("a child killed from outside costs no file") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  const ScratchFolder scratch;
  std::filesystem::create_directory(scratch.path() / "out");
  const FolderWatch watch(scratch.path() / "out");
  std::size_t killed = 0;
  std::thread killer([&] {
    if (watch.AwaitFiles(10)) killed = KillChildrenOf(::getpid());
  });
  const auto rows = Run(scratch, std::vector<std::string>(100, LargePicture()),
                        {.program = DECODER_CHILD, .deadline = kNever});
  killer.join();

  REQUIRE(killed == 1);
  REQUIRE(rows.size() == 100);
  for (const Row& row : rows) REQUIRE(row.problem == "");
  REQUIRE(scratch.NamesIn("out").size() == 100);
}

TEST_CASE("the decoder can neither read standard input nor write to the terminal") {
  const Watchdog watchdog;
  const ScratchFolder scratch;
  std::filesystem::create_directory(scratch.path() / "out");
  const FolderWatch watch(scratch.path() / "out");
  std::vector<std::string> streams;
  std::thread observer([&] {
    if (!watch.AwaitFiles(1)) return;
    for (const int child : ChildrenOf(::getpid())) {
      for (const char* stream : {"0", "1", "2"}) {
        std::error_code error;
        const auto link = "/proc/" + std::to_string(child) + "/fd/" + stream;
        streams.push_back(std::filesystem::read_symlink(link, error));
      }
    }
  });
  (void)Run(scratch, std::vector<std::string>(100, LargePicture()),
            {.program = DECODER_CHILD, .deadline = kNever});
  observer.join();

  REQUIRE(streams.size() == 3);
  if (kBuiltWithSanitizer) streams.pop_back();  // for their reports
  REQUIRE(std::ranges::count(streams, "/dev/null") == std::ssize(streams));
}

TEST_CASE("the pixels of a picture cross by their memory alone") {
  SKIP_WITHOUT_SEALS("the child borrows it, which counts twice");
  const LeakCheck leak_check;
  const Watchdog watchdog;
  const ScratchFolder scratch;
  const Bytes png = MakePng({.width = 300, .height = 200});
  const std::string content(reinterpret_cast<const char*>(png.data()), png.size());
  const auto rows =
      Run(scratch, {content, content}, {.program = DECODER_CHILD, .deadline = kNever});
  for (const Row& row : rows) {
    REQUIRE(row.problem.empty());
    const Figures& figures = row.figures;
    REQUIRE(figures.format == Format::kPng);
    REQUIRE(figures.size == PictureSize{300, 200});
    const PictureSize small = ThumbnailSize(figures.size);
    REQUIRE(figures.bytes_handed_over == png.size() + figures.size.rgba_bytes() +
                                             small.rgba_bytes() +
                                             PngSizeLimit(small.width, small.height));
    REQUIRE(figures.bytes_copied == 0);
    REQUIRE(figures.bytes_in_messages > 0);
    REQUIRE(figures.bytes_in_messages < 1500);
  }
}

TEST_CASE("pixels that come in a message are counted as copied") {
  const baton::Traffic before = {.bytes_sent = 10,
                                 .bytes_received = 1000,
                                 .shmem_bytes_sent = 50,
                                 .shmem_bytes_received = 500};
  baton::Traffic after = before;
  after.bytes_sent += 60;
  after.bytes_received += 4000 + 40;
  REQUIRE(BytesCopied(4000, after - before) == 4000);
  REQUIRE(BytesInMessages(after - before) == 4100);
  REQUIRE(BytesHandedOver(after - before) == 0);

  after.shmem_bytes_sent += 7;
  after.shmem_bytes_received += 1500;
  REQUIRE(BytesCopied(4000, after - before) == 2500);
  REQUIRE(BytesHandedOver(after - before) == 1507);
  after.shmem_bytes_received += 2500;
  REQUIRE(BytesCopied(4000, after - before) == 0);
  REQUIRE(BytesCopied(1'000'000, after - before) == 4040);  // no more than there was
}

TEST_CASE("a name is taken by the first input that has it, whatever becomes of that one") {
  const LeakCheck leak_check;
  const ScratchFolder scratch;
  const std::vector<Input> inputs = {
      {scratch.path() / "nowhere/a.png", "missing"},
      {scratch.Write("in/a.png", "fine"), "there"},
  };
  auto folder = Must(ThumbnailFolder::Make(scratch.path() / "out", inputs));
  const auto rows =
      Must(MakeThumbnails(inputs, folder, {.program = BROKEN_DECODER_CHILD, .deadline = kNever}));
  REQUIRE(rows[0].problem == "No such file or directory");
  REQUIRE(rows[1].problem == "an input before it has the same name");
  REQUIRE(scratch.NamesIn("out").empty());
}

}  // namespace
}  // namespace samples::testing
