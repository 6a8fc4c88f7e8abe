// batonc as it is typed: what it prints, what it writes, and its exit code.
#include <catch2/catch.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/support/golden.h"
#include "tests/support/run_program.h"
#include "tests/support/scratch_folder.h"

namespace batonc {
namespace {

namespace fs = std::filesystem;
using baton::testing::ProgramEnd;
using baton::testing::ReadFile;
using baton::testing::RunProgram;
using baton::testing::ScratchFolder;
using Catch::Contains;
using Catch::StartsWith;

// The arguments stand alone: nothing here depends on the folder in which the test is run.
ProgramEnd Batonc(std::vector<std::string> arguments) {
  ProgramEnd end = RunProgram({BATONC, std::move(arguments)});
  CHECK(end.signal == 0);
  CHECK_FALSE(end.hung);
  return end;
}

// camera.idl, which includes types.idlh, and the folder `out` that nobody has made yet.
class Project {
 public:
  Project() {
    Write("types.idlh", "struct Size { uint32 width; uint32 height; };\n");
    Write("camera.idl",
          "include types;\nprotocol PCamera {\n child:\n  async Start(Size s);\n};\n");
  }

  std::string Path(const std::string& name) const { return (folder_.path() / name).string(); }
  std::string Write(const std::string& name, const std::string& text) const {
    std::ofstream(Path(name)) << text;
    return Path(name);
  }
  ProgramEnd Compile() const { return Batonc({"-o", Path("out"), Path("camera.idl")}); }

 private:
  ScratchFolder folder_;
};

const std::vector<std::string> kOutputs = {"camera.h",      "cameraParent.h", "cameraParent.cc",
                                           "cameraChild.h", "cameraChild.cc", "camera.fbs",
                                           "camera.json"};

TEST_CASE("command line: a file that is fine becomes seven, without a word") {
  const Project project;
  const bool with_verb = GENERATE(true, false);
  std::vector<std::string> arguments = {project.Path("camera.idl"), "-o", project.Path("out")};
  if (with_verb) arguments.insert(arguments.begin(), "compile");
  const ProgramEnd end = Batonc(arguments);
  CHECK(end.exit_code == 0);
  CHECK(end.output.empty());
  CHECK(end.errors.empty());
  for (const std::string& name : kOutputs) CHECK(fs::exists(project.Path("out/" + name)));
  const fs::directory_iterator made(project.Path("out"));
  CHECK(std::distance(begin(made), fs::directory_iterator()) == 8);  // and the stamps
  CHECK(fs::is_directory(project.Path("out/.batonc")));
}

TEST_CASE("command line: what has not changed keeps its time") {
  const Project project;
  REQUIRE(project.Compile().exit_code == 0);
  std::vector<fs::file_time_type> times;
  for (const std::string& name : kOutputs) {
    const fs::path path = project.Path("out/" + name);
    times.push_back(fs::last_write_time(path) - std::chrono::hours(1));
    fs::last_write_time(path, times.back());
  }
  REQUIRE(project.Compile().exit_code == 0);
  for (std::size_t i = 0; i < kOutputs.size(); ++i) {
    INFO(kOutputs[i]);
    CHECK(fs::last_write_time(project.Path("out/" + kOutputs[i])) == times[i]);
  }
}

TEST_CASE("command line: the dependency file names all that went in and came out") {
  const Project project;
  const std::string file = project.Path("out/camera.d");
  const ProgramEnd end =
      Batonc({"-o", project.Path("out"), "--depfile", file, project.Path("camera.idl")});
  REQUIRE(end.exit_code == 0);
  const std::string text = ReadFile(file);
  const std::size_t colon = text.find(": ");
  REQUIRE(colon != text.npos);
  for (const std::string& name : kOutputs) {
    CHECK_THAT(text.substr(0, colon), Contains(project.Path("out/" + name)));
  }
  CHECK_THAT(text.substr(colon), Contains(project.Path("camera.idl")));
  CHECK_THAT(text.substr(colon), Contains(project.Path("types.idlh")));
}

TEST_CASE("command line: includes are found in the folders given with -I") {
  const Project project;
  fs::create_directory(project.Path("elsewhere"));
  fs::rename(project.Path("types.idlh"), project.Path("elsewhere/types.idlh"));
  const ProgramEnd without = project.Compile();
  CHECK(without.exit_code == 1);
  CHECK_THAT(without.errors, Contains("error[E0502]"));
  CHECK(Batonc({"-I", project.Path("elsewhere"), "-o", project.Path("out"),
                project.Path("camera.idl")})
            .exit_code == 0);
}

TEST_CASE(
    "command line: a mistake in the input is 1, on the standard error, and nothing is written") {
  const Project project;
  const std::string wrong = project.Write("wrong.idl", "struct S { Shmen pixels; };\n");
  const bool check = GENERATE(true, false);
  const ProgramEnd end =
      check ? Batonc({"check", wrong}) : Batonc({wrong, "-o", project.Path("out")});
  CHECK(end.exit_code == 1);
  CHECK(end.output.empty());
  CHECK_THAT(end.errors, StartsWith(wrong + ":1:12: error[E0301]: unknown type `Shmen`\n"));
  CHECK_FALSE(fs::exists(project.Path("out")));
}

TEST_CASE("command line: check writes nothing") {
  const Project project;
  const ProgramEnd end = Batonc({"check", project.Path("camera.idl")});
  CHECK(end.exit_code == 0);
  CHECK(end.errors.empty());
  CHECK_FALSE(fs::exists(project.Path("out")));
}

TEST_CASE("command line: a warning is shown and changes nothing else") {
  const Project project;
  const std::string odd =
      project.Write("odd.idl", "protocol Camera {\n child:\n  async Start();\n};\n");
  const ProgramEnd end = Batonc({odd, "-o", project.Path("out")});
  CHECK(end.exit_code == 0);
  CHECK_THAT(end.errors, Contains("warning[E0403]"));
  CHECK(fs::exists(project.Path("out/odd.h")));
}

TEST_CASE("command line: a file that is missing is named") {
  const Project project;
  const std::string missing = project.Path("missing.idl");
  const ProgramEnd end = Batonc({missing, "-o", project.Path("out")});
  CHECK(end.exit_code == 1);
  CHECK(end.errors ==
        "batonc: error[E0501]: cannot read `" + missing +
            "`: No such file or directory\n\nbatonc: `batonc explain E0501` says more\n");

  const ProgramEnd short_end = Batonc({missing});
  CHECK(short_end.exit_code == 2);
  CHECK_THAT(short_end.errors, StartsWith("batonc: there is no file `" + missing + "`\n"));
}

TEST_CASE("command line: a word that is no command is named") {
  const auto rest = GENERATE(std::vector<std::string>{}, std::vector<std::string>{"-o", "out"});
  std::vector<std::string> arguments = {"nonsense"};
  arguments.insert(arguments.end(), rest.begin(), rest.end());
  const ProgramEnd end = Batonc(arguments);
  CHECK(end.exit_code == 2);
  CHECK(end.output.empty());
  CHECK_THAT(end.errors, StartsWith("batonc: there is no command and no file `nonsense`\n"));
}

TEST_CASE("command line: a command that is misspelt is suggested") {
  const ProgramEnd end = Batonc({"chekc", "a.idl"});
  CHECK(end.exit_code == 2);
  CHECK_THAT(end.errors, Contains("did you mean `check`?"));
}

TEST_CASE("command line: standard input is no file") {
  const ProgramEnd end = Batonc({"check", "-"});
  CHECK(end.exit_code == 2);
  CHECK_THAT(end.errors, StartsWith("batonc: there is no file `-`"));
}

TEST_CASE("command line: what is typed wrongly is 2, with a way to help") {
  const Project project;
  const std::string camera = project.Path("camera.idl");
  using Words = std::vector<std::string>;
  const auto arguments = GENERATE_COPY(Words{}, Words{camera}, Words{"check"}, Words{"explain"},
                                       Words{"--nonsense"}, Words{"check", "--nonsense", camera});
  CAPTURE(arguments);
  const ProgramEnd end = Batonc(arguments);
  CHECK(end.exit_code == 2);
  CHECK_THAT(end.errors, Contains("--help"));
}

TEST_CASE("command line: a folder that cannot be written to is 2 and named") {
  const Project project;
  const std::string file = project.Write("file", "x");
  const ProgramEnd end = Batonc({project.Path("camera.idl"), "-o", file + "/out"});
  CHECK(end.exit_code == 2);
  CHECK_THAT(end.errors, StartsWith("batonc: cannot write `" + file + "/out/camera"));
  CHECK_THAT(end.errors, Contains("Not a directory"));
}

TEST_CASE("command line: explain prints the page of a problem") {
  const ProgramEnd end = Batonc({"explain", "E0301"});
  CHECK(end.exit_code == 0);
  CHECK(end.output == ReadFile(BATON_SOURCE_DIR "/docs/diagnostics/E0301.md"));

  const ProgramEnd unknown = Batonc({"explain", "E9999"});
  CHECK(unknown.exit_code == 2);
  CHECK(unknown.output.empty());
  CHECK(unknown.errors == "batonc: there is no problem `E9999`\n");
}

TEST_CASE("command line: version and help are answers, not mistakes") {
  const ProgramEnd version = Batonc({"--version"});
  CHECK(version.exit_code == 0);
  CHECK(version.output == "batonc " BATON_VERSION "\n");

  const ProgramEnd help = Batonc({GENERATE("--help", "-h")});
  CHECK(help.exit_code == 0);
  for (const char* verb :
       {"compile", "check", "format", "explain", "diff", "doc", "json", "graph"}) {
    CHECK_THAT(help.output, Contains(verb));
    const ProgramEnd more = Batonc({verb, "--help"});
    CHECK(more.exit_code == 0);
    CHECK_THAT(more.output, Contains(verb));
  }
}

}  // namespace
}  // namespace batonc
