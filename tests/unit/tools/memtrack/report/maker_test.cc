// Who has made a piece of memory, where it does not say so itself.
#include <catch2/catch.hpp>

#include <optional>

#include "tests/unit/tools/memtrack/report/course_of.h"
#include "tools/memtrack/rules/rules.h"

namespace memtrack::testing {
namespace {

// A compositor and its clients, of which most of what goes on is over before the next pass.
struct Sight {
  const char* name;
  int from;  // the pass in which it comes up
  Pass pass;
  std::optional<int> maker;
};

TEST_CASE("memtrack: how a piece is held says who made it") {
  const Sight kEvidence[] = {
      {"alone with a descriptor, then another alone", 1,
       [](MadeUp& m, int pass) {
         if (pass == 1) m.Opens(10, 100);
         if (pass > 1) m.Maps(20, 100);
       },
       10},
      {"alone with a mapping, then another comes to it", 1,
       [](MadeUp& m, int pass) {
         if (pass < 5) m.Maps(10, 100);
         if (pass > 1) m.Maps(20, 100);
       },
       10},
      {"alone with a mapping, and it lies in the socket of another", 1,
       [](MadeUp& m, int pass) {
         if (pass == 1) m.Maps(10, 100);
         if (pass == 1) m.Sends(20, 55, {100});
         if (pass > 1) m.Maps(20, 100);
       },
       10},
      {"a receiver whose sender let go between two passes", 1,
       [](MadeUp& m, int) { m.Maps(20, 100); }, std::nullopt},
      {"there when we came, and one of two has ended", 0,
       [](MadeUp& m, int pass) {
         if (pass < 3) m.Runs(77, "killed");
         if (pass < 3) m.Maps(77, 100);
         m.Maps(20, 100);
       },
       77},
      {"the same, and the one that is left has made it for handing out", 0,
       [](MadeUp& m, int pass) {
         if (pass < 3) m.Runs(77, "killed");
         if (pass < 3) m.Maps(77, 100);
         m.Opens(20, 100);
         m.Maps(20, 100);
       },
       std::nullopt},
      {"the same, and the one that has ended is younger than the memory", 0,
       [](MadeUp& m, int pass) {
         if (pass < 3) m.Runs(77, "killed").key.start_time = 95'000;
         if (pass < 3) m.Maps(77, 100).process.start_time = 95'000;
         m.Maps(20, 100);
       },
       std::nullopt},
  };
  for (const Sight& one : kEvidence) {
    INFO(one.name);
    const auto models = CourseOf([&](MadeUp& m, int pass) {
      if (pass < one.from) return;
      m.Has(100, "buffer", kMiB);
      one.pass(m, pass);
    });
    const Course course(models);
    REQUIRE(course.last().segments.size() == 1);
    const auto creator = course.CreatorOf(course.last().segments.front());
    CHECK(creator.has_value() == one.maker.has_value());
    if (creator) CHECK(creator->pid == one.maker);
  }
}

TEST_CASE("memtrack: who makes what grows is known by those pieces that were seen to be made") {
  const auto models = CourseOf([](MadeUp& m, int pass) {
    for (int i = 0; i < 5 + 3 * pass; ++i) {
      m.Has(static_cast<std::uint64_t>(200 + i), "gdk-wayland", 65536);
      m.Maps(20, static_cast<std::uint64_t>(200 + i));  // the client has let go of each
    }
    m.Runs(30, "client of another");
    m.Runs(40, "another server");
    if (pass < 4 || pass > 5) return;
    // One that is healthy, and gone soon; and of another client, with a server of its own, more.
    for (std::uint64_t inode = 100; inode < 106; ++inode) {
      m.Has(inode, "gdk-wayland", 65536);
      m.Opens(inode == 100 ? 10 : 30, inode);
      if (pass == 5) m.Maps(inode == 100 ? 20 : 40, inode);
    }
  });
  const auto verdicts = Judge(models, {});
  REQUIRE(verdicts.size() == 1);
  const Verdict& verdict = verdicts.front();
  CHECK(verdict.finding == Finding::kGrowth);
  CHECK(verdict.processes == std::vector{MadeUp::KeyOf(20)});
  CHECK(verdict.advice.starts_with("client (10) makes them"));
}

TEST_CASE("memtrack: a receiver that is left is not taken for the one who makes it") {
  const auto models = CourseOf([](MadeUp& m, int pass) {
    for (int i = 0; i < 5 + 3 * pass; ++i) {
      m.Has(static_cast<std::uint64_t>(200 + i), "gdk-wayland", 65536);
      m.Maps(20, static_cast<std::uint64_t>(200 + i));
    }
  });
  const auto verdicts = Judge(models, {});
  REQUIRE(verdicts.size() == 1);
  CHECK(verdicts[0].advice.starts_with("who makes them is not known"));
}

TEST_CASE("memtrack: a client that is killed while its server stands still leaves orphans") {
  const auto models = CourseOf([](MadeUp& m, int pass) {
    m.snapshot().processes[1].is_stopped = true;
    if (pass < 5) m.Runs(77, "simple-shm");
    for (std::uint64_t inode = 100; inode < 102; ++inode) {
      m.Has(inode, "weston-shared", kMiB);
      m.Maps(20, inode);
      if (pass < 5) m.Maps(77, inode);
    }
  });
  const auto verdicts = Judge(models, {});
  REQUIRE(verdicts.size() == 1);
  CHECK(verdicts[0].finding == Finding::kOrphaned);
  CHECK(verdicts[0].severity == Severity::kRisk);
  CHECK(verdicts[0].processes == std::vector{MadeUp::KeyOf(20), MadeUp::KeyOf(77)});
}

}  // namespace
}  // namespace memtrack::testing
