#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <string>

#include "compiler/driver/incremental.h"
#include "tests/support/scratch_folder.h"

namespace batonc {
namespace {

namespace fs = std::filesystem;
using baton::testing::ScratchFolder;

// A file that a run has read, and one that it has looked for in vain.
struct Disk {
  Disk() : path(folder.Write("a.idl", "struct A {};\n").string()) {
    RecordingReader recording(reader);
    REQUIRE(recording.Read(path).has_value());
    REQUIRE_FALSE(recording.Read(Missing()).has_value());
    stamp.inputs = recording.seen();
  }

  std::string Missing() const { return (folder.path() / "b.idl").string(); }
  bool IsFresh() { return CheckFreshness(stamp).is_fresh; }
  // As if the clock had moved on since the file was read.
  void Settle() {
    for (StampedFile& file : stamp.inputs) file.state.is_settled = true;
  }
  void Overwrite(const std::string& text) const { std::ofstream(path) << text; }

  ScratchFolder folder;
  std::string path;
  DiskReader reader;
  Stamp stamp;
};

TEST_CASE("incremental: nothing has changed") {
  Disk disk;
  CHECK(disk.IsFresh());
  disk.Settle();
  CHECK(disk.IsFresh());
}

TEST_CASE("incremental: an edit that keeps the length is seen") {
  Disk disk;
  disk.Settle();
  disk.Overwrite("struct B {};\n");
  CHECK_FALSE(disk.IsFresh());
}

TEST_CASE("incremental: an edit within one tick of the clock is seen") {
  Disk disk;
  disk.Overwrite("struct B {};\n");
  // As if the file system had noticed nothing.
  disk.stamp.inputs.front().state = StateOf(disk.path);
  disk.stamp.inputs.front().state.is_settled = false;
  CHECK_FALSE(disk.IsFresh());
}

TEST_CASE("incremental: a file that was only touched is as before, and known from then on") {
  Disk disk;
  disk.Settle();
  fs::last_write_time(disk.path, fs::last_write_time(disk.path) + std::chrono::hours(1));
  const Freshness freshness = CheckFreshness(disk.stamp);
  CHECK(freshness.is_fresh);
  CHECK(freshness.was_updated);
  CHECK(disk.stamp.inputs.front().state.SameAs(StateOf(disk.path)));
}

TEST_CASE("incremental: a file that was set back to its old time is seen by its inode") {
  Disk disk;
  disk.Settle();
  const auto time = fs::last_write_time(disk.path);
  disk.Overwrite("struct B {};\n");
  fs::last_write_time(disk.path, time);
  CHECK_FALSE(disk.IsFresh());
}

TEST_CASE("incremental: what is gone, and what is there at last") {
  Disk disk;
  SECTION("gone") {
    fs::remove(disk.path);
  }
  SECTION("there") {
    disk.folder.Write("b.idl", "struct B {};\n");
  }
  SECTION("a folder now") {
    fs::remove(disk.path);
    fs::create_directory(disk.path);
  }
  CHECK_FALSE(disk.IsFresh());
}

TEST_CASE("incremental: what else is put into a folder does not matter") {
  Disk disk;
  const std::string folder = disk.folder.path().string();
  disk.stamp.inputs = {{folder, StateOf(folder), {}}};
  disk.folder.Write("else.idl", "struct B {};\n");
  CHECK(disk.IsFresh());
}

TEST_CASE("incremental: outputs are watched as inputs are") {
  Disk disk;
  disk.stamp.outputs = std::move(disk.stamp.inputs);
  disk.stamp.inputs.clear();
  CHECK(disk.IsFresh());
  disk.Overwrite("edited\n");
  CHECK_FALSE(disk.IsFresh());
}

TEST_CASE("incremental: a stamp is read as it was written") {
  Disk disk;
  disk.stamp.command = "a\nb";
  disk.stamp.words = "warning: \n\n";
  disk.stamp.outputs = {{"odd \n name", {}, 0xffffffffffffffff}};
  const std::string text = FormatStamp(disk.stamp);
  const auto read = ParseStamp(text);
  REQUIRE(read);
  CHECK(read->command == disk.stamp.command);
  CHECK(read->words == disk.stamp.words);
  CHECK(read->outputs.front().path == "odd \n name");
  CHECK(read->outputs.front().hash == 0xffffffffffffffff);
  REQUIRE(read->inputs.size() == 2);
  CHECK(read->inputs.front().state.SameAs(disk.stamp.inputs.front().state));
  CHECK(FormatStamp(*read) == text);
}

TEST_CASE("incremental: what is no stamp is none") {
  Disk disk;
  disk.stamp.command = "compile";
  const std::string text = FormatStamp(disk.stamp);
  CHECK_FALSE(ParseStamp(""));
  CHECK_FALSE(ParseStamp("batonc stamp 2\n"));
  CHECK_FALSE(ParseStamp(text + "x"));
  for (std::size_t length = 0; length < text.size(); ++length) {
    if (ParseStamp(text.substr(0, length))) FAIL("accepted " << length << " bytes");
  }
}

TEST_CASE("incremental: two commands have two stamps") {
  CHECK(StampPath("out", "a") != StampPath("out", "b"));
  CHECK(StampPath("out", "a").starts_with("out/.batonc/"));
}

}  // namespace
}  // namespace batonc
