// The verbs of batonc beside `compile`, and what a second `compile` does: as they are typed.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

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
using nlohmann::json;

ProgramEnd RunBatonc(std::vector<std::string> arguments) {
  ProgramEnd end = RunProgram({BATONC, std::move(arguments)});
  CHECK(end.signal == 0);
  CHECK_FALSE(end.hung);
  return end;
}

class Folder {
 public:
  std::string Path(const std::string& name) const { return (folder_.path() / name).string(); }
  std::string Write(const std::string& name, const std::string& text) const {
    return folder_.Write(name, text).string();
  }

 private:
  ScratchFolder folder_;
};

const std::string kFine = "struct Size {\n  uint32 width;\n};\n";
const std::string kWrong = "struct Size { Strng name; };\n";  // with a fix

// --- compile, once more -----------------------------------------------------------------------

struct CompiledProject : Folder {
  CompiledProject() {
    Write("types.idlh", "struct Size { uint32 width; };\n");
    Write("camera.idl", "include types;\nprotocol PCamera {\n child:\n  async Go(Size s);\n};\n");
  }
  ProgramEnd Compile() const { return RunBatonc({"-o", Path("out"), Path("camera.idl")}); }
};

TEST_CASE("compile again: outputs that are gone or were edited are written again") {
  const CompiledProject project;
  REQUIRE(project.Compile().exit_code == 0);
  const std::string header = ReadFile(project.Path("out/camera.h"));
  fs::remove(project.Path("out/camera.fbs"));
  std::ofstream(project.Path("out/camera.h"), std::ios::app) << "edited";
  REQUIRE(project.Compile().exit_code == 0);
  CHECK(fs::exists(project.Path("out/camera.fbs")));
  CHECK(ReadFile(project.Path("out/camera.h")) == header);
}

TEST_CASE("compile again: an edit of what is included counts, however soon after") {
  const CompiledProject project;
  for (const char* field : {"widtha", "widthb", "widthc"}) {
    project.Write("types.idlh", std::string("struct Size { uint32 ") + field + "; };\n");
    project.Write("camera.idl",
                  std::string("include types;\nprotocol PCamera {\n child:\n  async ") + field +
                      "(Size s);\n};\n");
    REQUIRE(project.Compile().exit_code == 0);
    CHECK_THAT(ReadFile(project.Path("out/camera.json")), Contains(field));
  }
}

TEST_CASE("compile again: an include that appears nearer is taken") {
  const CompiledProject project;
  fs::create_directory(project.Path("far"));
  fs::rename(project.Path("types.idlh"), project.Path("far/types.idlh"));
  const std::vector<std::string> arguments = {"-I", project.Path("far"), "-o", project.Path("out"),
                                              project.Path("camera.idl")};
  REQUIRE(RunBatonc(arguments).exit_code == 0);
  project.Write("types.idlh", "struct Shape { uint32 width; };\n");
  const ProgramEnd end = RunBatonc(arguments);
  CHECK(end.exit_code == 1);
  CHECK_THAT(end.errors, Contains("unknown type `Size`"));
}

TEST_CASE("compile again: a warning is shown each time") {
  const Folder folder;
  const std::string odd = folder.Write("odd.idl", "protocol Odd {\n child:\n  async Go();\n};\n");
  const ProgramEnd first = RunBatonc({odd, "-o", folder.Path("out")});
  const ProgramEnd second = RunBatonc({odd, "-o", folder.Path("out")});
  CHECK_THAT(first.errors, Contains("warning[E0403]"));
  CHECK(second.errors == first.errors);
}

// --- check --------------------------------------------------------------------------------------

TEST_CASE("check: problems as JSON go to the standard output") {
  const Folder folder;
  const std::string path = folder.Write("wrong.idl", kWrong);
  const ProgramEnd end = RunBatonc({"check", "--json", path});
  CHECK(end.exit_code == 1);
  CHECK(end.errors.empty());
  const json problem = json::parse(end.output);
  CHECK(problem["code"] == "E0301");
  CHECK(problem["file"] == path);
  CHECK(problem["offset"] == 14);
}

TEST_CASE("check --fix: what is almost surely meant is written") {
  const Folder folder;
  const std::string path = folder.Write("wrong.idl", "struct Size { Shmen name; uin32 x; };\n");
  const ProgramEnd end = RunBatonc({"check", "--fix", path});
  CHECK_THAT(end.errors, StartsWith("batonc: fixed "));
  CHECK_THAT(ReadFile(path), Contains("Shmem name") && Contains("uint32 x"));
}

TEST_CASE("check --fix: a file without problems is not touched") {
  const Folder folder;
  const std::string path = folder.Write("fine.idl", kFine);
  const auto time = fs::last_write_time(path);
  const ProgramEnd end = RunBatonc({"check", "--fix", path});
  CHECK(end.exit_code == 0);
  CHECK(end.errors == "batonc: fixed 0 problems in 0 files\n");
  CHECK(fs::last_write_time(path) == time);
}

// --- format -------------------------------------------------------------------------------------

TEST_CASE("format: --check names what would change and writes nothing, without it writes") {
  const Folder folder;
  const std::string text = "struct   Size{uint32 width;};\n";
  const std::string path = folder.Write("size.idl", text);
  const ProgramEnd check = RunBatonc({"format", "--check", path});
  CHECK(check.exit_code == 1);
  CHECK(check.errors == "batonc: `" + path + "` is not formatted\n");
  CHECK(ReadFile(path) == text);

  const ProgramEnd format = RunBatonc({"format", path});
  CHECK(format.exit_code == 0);
  CHECK(format.errors.empty());
  CHECK(ReadFile(path) != text);
  CHECK(RunBatonc({"format", "--check", path}).exit_code == 0);
}

TEST_CASE("format: permissions and links stay") {
  const Folder folder;
  const std::string path = folder.Write("size.idl", "struct   Size{uint32 width;};\n");
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
  const std::string link = folder.Path("link.idl");
  fs::create_symlink(path, link);
  REQUIRE(RunBatonc({"format", link}).exit_code == 0);
  CHECK(fs::is_symlink(link));
  CHECK(fs::status(path).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  CHECK_THAT(ReadFile(path), !Contains("   Size{"));
}

TEST_CASE("format: a file with problems stays as it is") {
  const Folder folder;
  const std::string path = folder.Write("wrong.idl", "struct {\n");
  const ProgramEnd end = RunBatonc({"format", path});
  CHECK(end.exit_code == 1);
  CHECK_THAT(end.errors, StartsWith(path + ":1:8: error[E0201]"));
  CHECK(ReadFile(path) == "struct {\n");
  CHECK(RunBatonc({"format", folder.Path("missing.idl")}).exit_code == 1);
}

// --- diff ---------------------------------------------------------------------------------------

TEST_CASE("diff: what breaks the wire is an error, and 1") {
  const Folder folder;
  const std::string older = folder.Write("old/a.idl", "struct A { uint32 x; };\n");
  const std::string newer = folder.Write("new/a.idl", "struct A { uint64 x; };\n");
  const bool as_folders = GENERATE(false, true);
  const ProgramEnd end = as_folders ? RunBatonc({"diff", folder.Path("old"), folder.Path("new")})
                                    : RunBatonc({"diff", older, newer});
  CHECK(end.exit_code == 1);
  CHECK_THAT(end.errors, StartsWith(newer + ":1:12: error[E0701]: field `x` of struct `A` has the "
                                            "type `uint64`, was `uint32`\n"));
  CHECK_THAT(end.errors, Contains(older + ":1:12: note: the older one\n"));
  CHECK_THAT(end.errors, Contains("batonc: 1 change breaks the wire\n"));
}

TEST_CASE("diff: what breaks the source only is 1 when asked for") {
  const Folder folder;
  const std::string older = folder.Write("old.idl", "struct A { uint32 x; };\n");
  const std::string newer = folder.Write("new.idl", "struct A { uint32 y; };\n");
  const ProgramEnd end = RunBatonc({"diff", older, newer});
  CHECK(end.exit_code == 0);
  CHECK_THAT(end.errors, Contains("warning[E0751]"));
  CHECK(RunBatonc({"diff", "--source", older, newer}).exit_code == 1);
}

TEST_CASE("diff: nothing to say about what is the same") {
  const Folder folder;
  const std::string older = folder.Write("old.idl", kFine);
  const std::string newer = folder.Write("new.idl", "// moved down\n" + kFine);
  const ProgramEnd end = RunBatonc({"diff", older, newer});
  CHECK(end.exit_code == 0);
  CHECK(end.errors.empty());
  CHECK(end.output.empty());
}

TEST_CASE("diff: what breaks nothing is shown with --all, and in JSON") {
  const Folder folder;
  const std::string older = folder.Write("old.idl", kFine);
  const std::string newer = folder.Write("new.idl", kFine + "struct More { Size s; };\n");
  CHECK(RunBatonc({"diff", older, newer}).errors.empty());
  CHECK_THAT(RunBatonc({"diff", "--all", older, newer}).errors, Contains("note[E0781]"));
  const ProgramEnd end = RunBatonc({"diff", "--json", older, newer});
  CHECK(end.exit_code == 0);
  CHECK(json::parse(end.output)["severity"] == "note");
}

TEST_CASE("diff: states that are not sound, not there, or not alike") {
  const Folder folder;
  const std::string fine = folder.Write("fine.idl", kFine);
  const std::string wrong = folder.Write("wrong.idl", kWrong);
  CHECK(RunBatonc({"diff", fine, wrong}).exit_code == 1);
  CHECK_THAT(RunBatonc({"diff", wrong, fine}).errors, Contains("error[E0301]"));
  CHECK(RunBatonc({"diff", fine, folder.Path("missing.idl")}).exit_code == 1);
  CHECK(RunBatonc({"diff", fine, folder.Path("")}).exit_code == 2);
  fs::create_directory(folder.Path("empty"));
  CHECK(RunBatonc({"diff", folder.Path("empty"), folder.Path("empty")}).exit_code == 2);
}

// --- doc, json, graph
// -----------------------------------------------------------------------------

TEST_CASE("doc: pages are written where they are wanted") {
  const CompiledProject project;
  const ProgramEnd end = RunBatonc({"doc", "-o", project.Path("doc"), project.Path("camera.idl")});
  CHECK(end.exit_code == 0);
  CHECK(end.errors.empty());
  CHECK_THAT(ReadFile(project.Path("doc/index.html")), Contains("camera.idl.html#PCamera"));
  CHECK_THAT(ReadFile(project.Path("doc/camera.idl.html")), Contains("types.idlh.html#Size"));
  CHECK(fs::exists(project.Path("doc/types.idlh.html")));
  CHECK(RunBatonc({"doc", "-o", project.Path("camera.idl/x"), project.Path("camera.idl")})
            .exit_code == 2);
}

TEST_CASE("json: one document about all files") {
  const CompiledProject project;
  const ProgramEnd end = RunBatonc({"json", project.Path("camera.idl")});
  CHECK(end.exit_code == 0);
  const json document = json::parse(end.output);
  CHECK(document["format"] == 1);
  CHECK(document["files"].size() == 2);
}

TEST_CASE("an option that may be repeated takes one value each time, and no file") {
  const CompiledProject project;
  const std::string other = project.Write("other.idl", "protocol POther {};\n");
  const std::string folder = project.Path("");
  const ProgramEnd end = RunBatonc({"graph", "-I", folder, other, project.Path("camera.idl")});
  CHECK(end.exit_code == 0);
  CHECK_THAT(end.output, Contains("\"POther\";") && Contains("\"PCamera\";"));
}

TEST_CASE("graph: who manages whom") {
  const CompiledProject project;
  const ProgramEnd end = RunBatonc({"graph", project.Path("camera.idl")});
  CHECK(end.exit_code == 0);
  CHECK_THAT(end.output, StartsWith("digraph actors {\n") && Contains("  \"PCamera\";\n"));
}

TEST_CASE("doc, json, graph: of what has problems there is only word of them") {
  const Folder folder;
  const std::string wrong = folder.Write("wrong.idl", kWrong);
  const std::string verb = GENERATE("doc", "json", "graph");
  std::vector<std::string> all = {verb, wrong};
  if (verb == "doc") all.insert(all.end(), {"-o", folder.Path("doc")});
  const ProgramEnd end = RunBatonc(all);
  CHECK(end.exit_code == 1);
  CHECK(end.output.empty());
  CHECK_THAT(end.errors, Contains("error[E0301]"));
  CHECK_FALSE(fs::exists(folder.Path("doc")));
}

}  // namespace
}  // namespace batonc
