#include <catch2/catch.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/diag/render.h"
#include "compiler/driver/load.h"
#include "tests/support/scratch_folder.h"

namespace batonc {
namespace {

using Files = std::map<std::string, std::string>;
using Strings = std::vector<std::string>;

// Remembers what was asked for, and answers some paths with errors of its own.
class WatchedReader final : public FileReader {
 public:
  explicit WatchedReader(Files files) : files_(std::move(files)) {}

  baton::Result<std::string> Read(const std::string& path) override {
    asked.push_back(path);
    const auto error = errors.find(path);
    if (error != errors.end()) return baton::Fail(make_error_code(error->second));
    return files_.Read(path);
  }
  std::string Identity(const std::string& path) override { return files_.Identity(path); }

  Strings asked;
  std::map<std::string, std::errc> errors;

 private:
  MemoryReader files_;
};

struct Run {
  explicit Run(Files files) : reader(std::move(files)), sources(reader, {"root"}) {}

  void Load(const Strings& paths, const Strings& preludes = {}) {
    loaded = batonc::Load(sources, paths, diagnostics, preludes);
  }
  std::vector<int> Problems() const {
    std::vector<int> numbers;
    for (const Diagnostic& one : diagnostics.Sorted()) numbers.push_back(one.number);
    return numbers;
  }
  Strings Paths() const {
    Strings paths;
    for (const SyntaxTree& tree : loaded.trees) paths.push_back(sources.file(tree.file).path());
    return paths;
  }

  WatchedReader reader;
  SourceMap sources;
  Diagnostics diagnostics;
  Loaded loaded;
};

TEST_CASE("load: an include finds its own dialect first, then the other") {
  Run run(Files{{"a.idl", "include b; include protocol PC; struct A {};"},
                {"b.idlh", "struct B {};"},
                {"root/b.ipdlh", "struct Other {};"},
                {"root/PC.ipdl", "include b; protocol PC {};"}});
  run.Load({"a.idl"});
  CHECK(run.Problems().empty());
  CHECK(run.Paths() ==
        Strings{"a.idl", "b.idlh", "root/PC.ipdl", "root/b.ipdlh", "batonc/gecko.idlh"});
  CHECK(run.loaded.trees.at(2).dialect == Dialect::kIpdl);
}

TEST_CASE("load: circles and repetitions are read once") {
  Run run(Files{{"a.idl", "include \"b.idl\"; struct A {};"},
                {"b.idl", "include \"./a.idl\"; include \"x/../b.idl\"; struct B {};"}});
  run.Load({"a.idl", "./a.idl"});
  CHECK(run.Problems().empty());
  CHECK(run.loaded.named.size() == 1);
  CHECK(run.Paths() == Strings{"a.idl", "b.idl"});
  CHECK(run.reader.asked == Strings{"a.idl", "b.idl"});
}

TEST_CASE("load: C++ headers are not opened") {
  Run run(Files{
      {"a.idl", "include \"x/y.h\"; include \"vector\"; using T from \"t.h\"; struct A {};"}});
  run.Load({"a.idl"});
  CHECK(run.Problems().empty());
  CHECK(run.reader.asked == Strings{"a.idl"});
}

TEST_CASE("load: what cannot be read is told at the include") {
  Run run(Files{{"a.idl", "include \"folder.idl\"; include big; include nowhere;\nstruct A {};"}});
  run.reader.errors = {{"folder.idl", std::errc::is_a_directory},
                       {"big.idlh", std::errc::file_too_large}};
  run.Load({"a.idl"});
  const std::string words = RenderAll(run.sources, run.diagnostics);
  CHECK(words.find("a.idl:1:9: error[E0501]: cannot read `folder.idl`: Is a directory") !=
        words.npos);
  CHECK(words.find("a.idl:1:31: error[E0501]: cannot read `big.idlh`: File too large") !=
        words.npos);
  CHECK(words.find("a.idl:1:44: error[E0502]: `nowhere.idlh` or `nowhere.ipdlh` is neither") !=
        words.npos);
}

TEST_CASE("load: a real folder is not a file") {
  DiskReader reader;
  SourceMap sources(reader, {});
  const auto opened = sources.Open(BATON_SOURCE_DIR);
  REQUIRE(opened.has_error());
  CHECK(opened.error() == std::errc::is_a_directory);
}

TEST_CASE("load: a file of ten megabytes is told at its include") {
  const baton::testing::ScratchFolder folder;
  const std::string main =
      folder.Write("a.idl", std::string_view("include big;\nstruct A {};\n")).string();
  const auto big = folder.Write("big.idlh", std::string_view("struct B {};\n"));
  std::filesystem::resize_file(big, 10'000'000);
  DiskReader reader;
  SourceMap sources(reader, {});
  Diagnostics diagnostics;
  Load(sources, {main}, diagnostics);
  const std::string words = RenderAll(sources, diagnostics);
  CHECK(words.find(":1:9: error[E0501]: cannot read `big.idlh`: File too large") != words.npos);
  CHECK(words.find("    1 | include big;\n      |         ^^^\n") != words.npos);
}

TEST_CASE("load: NUL bytes and broken UTF-8 get a caret") {
  constexpr std::string_view kText{"struct A { T\0 a;\n  T \xff\xfe b; };", 29};
  Run run(Files{{"a.idl", std::string(kText)}});
  run.Load({"a.idl"});
  const std::string words = RenderAll(run.sources, run.diagnostics);
  CHECK(words.find("a.idl:1:13: error[E0101]") != words.npos);
  CHECK(words.find("\n      |             ^\n") != words.npos);
  CHECK(words.find("a.idl:2:5: error[E0101]") != words.npos);
  CHECK(words.find("\n      |     ^^\n") != words.npos);
}

TEST_CASE("load: named files have one of four endings") {
  Run run(Files{{"a.txt", "struct A {};"}, {"b.idlh", "struct B {};"}});
  run.Load({"a.txt", "b.idlh", "c.idl"});
  CHECK(run.Problems() == std::vector<int>{501, 503});
  CHECK(run.loaded.named.size() == 1);
}

TEST_CASE("load: in our dialect, a header has the ending of one") {
  Run ours(Files{{"a.idl", "include \"b.proto\"; struct A {};"}});
  ours.Load({"a.idl"});
  CHECK(ours.Problems() == std::vector<int>{503});
  Run ipdl(Files{{"a.ipdl", "include \"b.proto\"; struct A {};"}});
  ipdl.Load({"a.ipdl"});
  CHECK(ipdl.Problems().empty());
}

TEST_CASE("load: Gecko's prelude is there for IPDL's own dialect, or when asked for") {
  const Files files = {{"a.idl", "struct A {};"}, {"b.ipdlh", "struct B {};"}};
  Run ours(files);
  ours.Load({"a.idl"});
  CHECK(ours.loaded.trees.size() == 1);

  Run ipdl(files);
  ipdl.Load({"b.ipdlh"});
  REQUIRE(ipdl.loaded.trees.size() == 2);
  CHECK(ipdl.loaded.trees[0].prelude == Prelude::kNot);
  CHECK(ipdl.loaded.trees[1].prelude == Prelude::kImplied);
  CHECK(ipdl.sources.IsEmbedded(ipdl.loaded.trees[1].file));
  CHECK_FALSE(ipdl.sources.IsEmbedded(ipdl.loaded.trees[0].file));
  CHECK(ipdl.loaded.trees[1].declarations.size() == 3);

  Run both(files);
  both.Load({"a.idl", "b.ipdlh"}, {"gecko", "gecko"});
  CHECK(both.Problems().empty());
  REQUIRE(both.loaded.trees.size() == 3);
  CHECK(both.loaded.trees[2].prelude == Prelude::kGiven);
}

TEST_CASE("load: preludes of one's own, and what they include") {
  Run run(Files{{"a.idl", "struct A {};"},
                {"p.idlh", "include q; struct P {};"},
                {"q.idlh", "struct Q {};"}});
  run.Load({"a.idl"}, {"p.idlh", "nowhere.idlh"});
  CHECK(run.Problems() == std::vector<int>{501});
  CHECK(run.Paths() == Strings{"a.idl", "p.idlh", "q.idlh"});
  CHECK(run.loaded.trees[1].prelude == Prelude::kGiven);
  CHECK(run.loaded.trees[2].prelude == Prelude::kNot);
  CHECK(run.loaded.named.size() == 1);
}

}  // namespace
}  // namespace batonc
