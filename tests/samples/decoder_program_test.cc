// The program `decoder`, as its users run it.
#include <sys/stat.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <span>
#include <sstream>

#include <baton/platform/process.h>

#include "samples/decoder/picture_reader.h"
#include "tests/samples/folder_watch.h"
#include "tests/samples/make_pictures.h"
#include "tests/support/leak_check.h"
#include "tests/support/must.h"
#include "tests/support/run_program.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/watchdog.h"

namespace samples::testing {
namespace {

using baton::testing::LeakCheck;
using baton::testing::Must;
using baton::testing::ProgramEnd;
using baton::testing::RunProgram;
using baton::testing::ScratchFolder;
using baton::testing::Watchdog;
using Names = std::vector<std::string>;

// Runs `decoder` on these files with thumbnails in scratch/out.
ProgramEnd Decode(const ScratchFolder& scratch, const std::vector<std::filesystem::path>& files,
                  std::vector<std::string> arguments = {}) {
  arguments.insert(arguments.end(), {"--out", (scratch.path() / "out").string(), "--"});
  for (const auto& file : files) arguments.push_back(file.string());
  return RunProgram({.program = DECODER, .arguments = arguments});
}

// The line of the table about this file.
std::string LineOf(const ProgramEnd& end, const std::filesystem::path& file) {
  std::istringstream lines(end.output);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(file.string() + " ")) return line;
  }
  return "";
}

TEST_CASE("decoder makes a thumbnail of every picture") {
  const LeakCheck leak_check;
  const ScratchFolder scratch;
  const auto png = scratch.Write("a.png", MakePng({.width = 512, .height = 100}));
  const auto jpeg = scratch.Write("b.jpg", MakeJpeg({.width = 30, .height = 20}));
  const auto end = Decode(scratch, {png, jpeg});
  CAPTURE(end.output, end.errors);
  REQUIRE(end.exit_code == 0);
  REQUIRE(end.errors.empty());
  REQUIRE_THAT(LineOf(end, png), Catch::Contains("PNG") && Catch::Contains("512 x 100"));
  REQUIRE_THAT(LineOf(end, jpeg), Catch::Contains("JPEG") && Catch::Contains("30 x 20"));
  REQUIRE(scratch.NamesIn("out") == Names{"a.png.png", "b.jpg.png"});
}

TEST_CASE("a thumbnail has the colours of its picture") {
  const ScratchFolder scratch;
  const PngShape shape = {.color_type = PNG_COLOR_TYPE_RGB_ALPHA};
  REQUIRE(Decode(scratch, {scratch.Write("a.png", MakePng(shape))}).exit_code == 0);
  std::ifstream file(scratch.path() / "out/a.png.png", std::ios::binary);
  const std::string png((std::istreambuf_iterator<char>(file)), {});
  const auto reader = OpenPicture(std::as_bytes(std::span(png)));
  REQUIRE(reader != nullptr);
  REQUIRE(reader->ReadHeader() == Outcome::kDecoded);
  Bytes pixels(PixelsOf(shape).size());
  REQUIRE(reader->ReadPixels(pixels) == Outcome::kDecoded);
  // Small pictures are not shrunk, so only what is invisible may differ.
  Bytes wanted = PixelsOf(shape);
  for (std::size_t i = 0; i < wanted.size(); i += 4) {
    if (wanted[i + 3] == std::byte{0})
      std::fill_n(wanted.begin() + std::ptrdiff_t(i), 3, std::byte{0});
  }
  REQUIRE(pixels == wanted);
}

TEST_CASE("every bad input is a row, and the rest go on") {
  const LeakCheck leak_check;
  const ScratchFolder scratch;
  Bytes png = MakePng({});
  const auto good = scratch.Write("good.png", png);
  const auto same = scratch.Write("again/good.png", png);
  png.resize(png.size() - 20);
  const auto truncated = scratch.Write("truncated.png", png);
  Bytes jpeg = MakeJpeg({});
  jpeg.resize(jpeg.size() - 2);
  const auto truncated_jpeg = scratch.Write("truncated.jpg", jpeg);
  Bytes changed = MakePng({});
  changed[changed.size() / 2] ^= std::byte{1};
  const auto corrupt = scratch.Write("corrupt.png", changed);
  const auto bomb = scratch.Write("bomb.png", MakePngHeader(1'000'000, 1'000'000));
  const auto empty = scratch.Write("empty.png", "");
  const auto text = scratch.Write("text.png", "not a picture");
  const auto pipe = scratch.path() / "pipe.png";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const auto missing = scratch.path() / "missing.png";
  const auto last = scratch.Write("last.jpg", MakeJpeg({}));

  const auto end = Decode(scratch, {good, same, truncated, truncated_jpeg, corrupt, bomb, empty,
                                    text, pipe, missing, scratch.path(), last});
  CAPTURE(end.output, end.errors);
  REQUIRE(end.exit_code == 1);
  const auto problem = [&](const std::filesystem::path& file, const char* words) {
    REQUIRE_THAT(LineOf(end, file), Catch::Contains("error: ") && Catch::Contains(words));
  };
  problem(same, "an input before it has the same name");
  problem(truncated, "ends too early");
  problem(truncated_jpeg, "ends too early");
  problem(corrupt, "corrupt");
  problem(bomb, "more pixels than --max-pixels (1000000 x 1000000)");
  problem(empty, "empty");
  problem(text, "neither PNG nor JPEG");
  problem(pipe, "not a file");
  problem(missing, "No such file");
  problem(scratch.path(), "Is a directory");
  REQUIRE(scratch.NamesIn("out") == Names{"good.png.png", "last.jpg.png"});
}

TEST_CASE("the limit of pixels is a rule, not an accident") {
  const ScratchFolder scratch;
  const auto picture = scratch.Write("a.png", MakePng({.width = 10, .height = 10}));
  REQUIRE(Decode(scratch, {picture}, {"--max-pixels", "100"}).exit_code == 0);
  const auto end = Decode(scratch, {picture}, {"--max-pixels", "99"});
  REQUIRE(end.exit_code == 1);
  REQUIRE_THAT(end.output, Catch::Contains("more pixels than --max-pixels (10 x 10)"));

  const auto sparse = scratch.Write("sparse.png", "x");
  std::filesystem::resize_file(sparse, std::uintmax_t{1} << 40);
  REQUIRE_THAT(Decode(scratch, {sparse}).output, Catch::Contains("the file is larger than"));
}

TEST_CASE("no thumbnail overwrites an input") {
  const ScratchFolder scratch;
  const auto first = scratch.Write("out/a.jpg", MakeJpeg({}));
  const auto second = scratch.Write("out/a.jpg.png", MakePng({}));
  const auto end = Decode(scratch, {first, second});
  REQUIRE(end.exit_code == 1);
  REQUIRE_THAT(LineOf(end, first), Catch::Contains("would overwrite an input"));
  REQUIRE(scratch.NamesIn("out") == Names{"a.jpg", "a.jpg.png", "a.jpg.png.png"});
}

TEST_CASE("names cannot command the terminal") {
  const ScratchFolder scratch;
  const auto end = Decode(scratch, {scratch.Write("a\x1b[2J.png", MakePng({}))});
  REQUIRE(end.exit_code == 0);
  REQUIRE(std::ranges::count(end.output, '\x1b') == 0);
  REQUIRE_THAT(end.output, Catch::Contains("a\\x1b[2J.png"));
}

TEST_CASE("wrong usage is told apart from bad pictures") {
  const ScratchFolder scratch;
  const auto picture = scratch.Write("a.png", MakePng({}));
  REQUIRE(Decode(scratch, {picture}, {"--no-such-option"}).exit_code == 2);
  REQUIRE(Decode(scratch, {picture}, {"--max-pixels", "0"}).exit_code == 2);
  REQUIRE(Decode(scratch, {picture}, {"--deadline", "-1"}).exit_code == 2);
  REQUIRE(RunProgram({.program = DECODER, .arguments = {"--help"}}).exit_code == 0);
  const auto end = RunProgram({.program = DECODER, .arguments = {"--out", picture, picture}});
  REQUIRE(end.exit_code == 2);
  REQUIRE_THAT(end.errors, Catch::Contains("a.png"));
}

TEST_CASE("without files decoder does the photographs of mate-backgrounds") {
  const ScratchFolder scratch;
  // The largest has 18 megapixels; how soon a slow machine is through with it is not asked here.
  const auto end = Decode(scratch, {}, {"--deadline", "300"});
  CAPTURE(end.output, end.errors);
  if (std::filesystem::exists("/usr/share/backgrounds/mate/nature/Aqua.jpg")) {
    REQUIRE(end.exit_code == 0);
    REQUIRE_THAT(LineOf(end, "Aqua.jpg"), Catch::Contains("2560 x 1600"));
    REQUIRE_THAT(LineOf(end, "Elephants_5640x3172.jpg"), Catch::Contains("5640 x 3172"));
    REQUIRE_THAT(LineOf(end, "Gulp.png"), Catch::Contains("PNG"));
    REQUIRE(LineOf(end, "GreenMeadow.jpg").empty());  // 1.3 megapixels
    REQUIRE(std::ranges::count(scratch.NamesIn("out"), "Aqua.jpg.png") == 1);
  } else {
    REQUIRE(end.exit_code == 2);
    REQUIRE_THAT(end.errors, Catch::Contains("apt-get install mate-backgrounds"));
  }
}

TEST_CASE("progress is for terminals") {
  const ScratchFolder scratch;
  const auto picture = scratch.Write("a.png", MakePng({}));
  const std::string command =
      std::string(DECODER) + " --out " + (scratch.path() / "out").string() + " " + picture.string();
  const auto end =
      RunProgram({.program = "/usr/bin/script", .arguments = {"-qec", command, "/dev/null"}});
  CAPTURE(end.output, end.errors);
  REQUIRE(end.exit_code == 0);
  REQUIRE_THAT(end.output, Catch::Contains("[1/1] a.png"));
}

TEST_CASE("progress takes one line of the terminal, however long the name is") {
  const ScratchFolder scratch;
  const auto picture = scratch.Write(std::string(50, 'a') + ".png", MakePng({}));
  const std::string command = "stty cols 20; " + std::string(DECODER) + " --out " +
                              (scratch.path() / "out").string() + " " + picture.string() +
                              " > /dev/null";
  const auto end =
      RunProgram({.program = "/usr/bin/script", .arguments = {"-qec", command, "/dev/null"}});
  CAPTURE(end.output, end.errors);
  REQUIRE(end.exit_code == 0);
  REQUIRE_THAT(end.output, Catch::Contains("[1/1] " + std::string(13, 'a')) &&
                               !Catch::Contains(std::string(14, 'a')));
}

TEST_CASE("a table that cannot be printed is a failure") {
  const ScratchFolder scratch;
  const auto picture = scratch.Write("a.png", MakePng({}));
  const std::string command = std::string(DECODER) + " --out " + (scratch.path() / "out").string() +
                              " " + picture.string() + " > /dev/full";
  const auto end = RunProgram({.program = "/bin/sh", .arguments = {"-c", command}});
  REQUIRE(end.exit_code == 1);
  REQUIRE_THAT(end.errors, Catch::Contains("No space left"));
}

TEST_CASE("decoder survives a broken child, and says which file broke it") {
  const LeakCheck leak_check;
  const ScratchFolder scratch;
  std::vector<std::filesystem::path> files;
  for (const char* order : {"fine", "crash", "also fine"}) {
    files.push_back(scratch.Write(std::string(order) + ".png", order));
  }
  const auto end = Decode(scratch, files, {"--child", BROKEN_DECODER_CHILD, "--deadline", "1000"});
  CAPTURE(end.output, end.errors);
  REQUIRE(end.exit_code == 1);
  REQUIRE_THAT(LineOf(end, files[1]), Catch::Contains("the decoder died of it"));
  REQUIRE(scratch.NamesIn("out") == Names{"also fine.png.png", "fine.png.png"});
}

TEST_CASE("decoder ends a child that has had --deadline seconds for a file") {
  const LeakCheck leak_check;
  const ScratchFolder scratch;
  const auto file = scratch.Write("hang.png", "hang");
  const auto end = Decode(scratch, {file}, {"--child", BROKEN_DECODER_CHILD, "--deadline", "0.5"});
  REQUIRE(end.exit_code == 1);
  REQUIRE_THAT(LineOf(end, file), Catch::Contains("did not answer in time"));
}

TEST_CASE("decoder gives up when children end too often, and says why") {
  const LeakCheck leak_check;
  const ScratchFolder scratch;
  const auto crash = scratch.Write("crash.png", "crash");
  const auto fine = scratch.Write("fine.png", "fine");
  const auto end =
      Decode(scratch, {crash, fine}, {"--child", BROKEN_DECODER_CHILD, "--restarts", "1"});
  CAPTURE(end.output, end.errors);
  REQUIRE(end.exit_code == 1);
  REQUIRE_THAT(LineOf(end, crash), Catch::Contains("the decoder died of it"));
  REQUIRE_THAT(LineOf(end, fine),
               Catch::Contains("decoders ended too often, and no more are started (Killed)"));
}

TEST_CASE("killing the child in the middle of 100 files loses none of them") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  const ScratchFolder scratch;
  const auto out = scratch.path() / "out";
  std::filesystem::create_directory(out);
  std::vector<std::string> arguments = {"--out", out.string()};
  const Bytes picture = MakePng({.width = 800, .height = 800});  // there must be time to kill
  for (int i = 0; i < 100; ++i) {
    const std::string name = "in/" + std::to_string(i) + ".png";
    arguments.push_back(scratch.Write(name, picture).string());
  }
  const FolderWatch watch(out);
  auto decoder = Must(baton::platform::Process::Launch(
      {.program = DECODER, .arguments = arguments, .environment = {}}, {}));
  REQUIRE(watch.AwaitFiles(30));
  REQUIRE(KillChildrenOf(decoder.pid()) == 1);
  const auto end = Must(decoder.Wait(baton::testing::kPatience));

  REQUIRE(end.has_value());
  REQUIRE(end->signal == 0);
  REQUIRE(end->code == 0);
  REQUIRE(scratch.NamesIn("out").size() == 100);
}

TEST_CASE("the parent knows neither libpng nor libjpeg") {
  const auto end = RunProgram({.program = "/usr/bin/ldd", .arguments = {DECODER}});
  REQUIRE(end.exit_code == 0);
  REQUIRE_THAT(end.output, Catch::Contains("libc.so"));
  REQUIRE_THAT(end.output, !Catch::Contains("libpng") && !Catch::Contains("libjpeg"));
  const auto child = RunProgram({.program = "/usr/bin/ldd", .arguments = {DECODER_CHILD}});
  REQUIRE_THAT(child.output, Catch::Contains("libpng") && Catch::Contains("libjpeg"));
}

}  // namespace
}  // namespace samples::testing
