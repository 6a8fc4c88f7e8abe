#include <catch2/catch.hpp>

#include <string>

#include "compiler/check/sync_allow_list.h"

namespace batonc {
namespace {

TEST_CASE("sync allow list: sections, values, comments and lines that go on") {
  const SourceFile source(FileId{0}, "list.ini",
                          "# first\r\n[PA::One]\r\ndescription = it\r\n  must\r\n\n; second\n"
                          "[PB::Two]\ndescription: why\nplatform=win\n\n[PC::Three]\n"
                          "description =\n  on the next line\n");
  Diagnostics diagnostics;
  const SyncAllowList list = ParseSyncAllowList(source, diagnostics);
  CHECK(diagnostics.Sorted().empty());
  REQUIRE(list.entries.size() == 3);
  CHECK(list.entries[0].protocol == "PA");
  CHECK(list.entries[0].message == "One");
  CHECK_FALSE(list.entries[0].has_platform);
  CHECK(list.entries[1].has_platform);
  CHECK(list.entries[2].has_description);
  CHECK(source.text().substr(list.entries[1].span.begin, 7) == "PB::Two");
}

TEST_CASE("sync allow list: what is not understood is reported, whatever the bytes") {
  const std::string text =
      GENERATE(values<std::string>({"[", "[]", "[::]", "[PA::]", "[PA::B", "=", "x", "x = y",
                                    "[PA::B]\n= x", std::string(3, '\0'), "\xff\xfe"}));
  INFO(text);
  Diagnostics diagnostics;
  ParseSyncAllowList(SourceFile(FileId{0}, "list.ini", text), diagnostics);
  CHECK(diagnostics.HasErrors());
}

}  // namespace
}  // namespace batonc
