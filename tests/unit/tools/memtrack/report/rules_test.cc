// Each finding with a course that shows it, and healthy courses in which nothing is wrong.
#include <catch2/catch.hpp>

#include <algorithm>
#include <span>

#include "tests/unit/tools/memtrack/report/course_of.h"
#include "tests/unit/tools/memtrack/report/made_up.h"
#include "tools/memtrack/rules/rules.h"

namespace memtrack::testing {
namespace {

// "leak growth pool", one each.
std::vector<std::string> FoundIn(const std::vector<Model>& models, const RuleOptions& rules = {}) {
  std::vector<std::string> found;
  for (const Verdict& verdict : Judge(models, rules)) {
    CHECK_FALSE(verdict.text.empty());
    CHECK_FALSE(verdict.advice.empty());
    CHECK_FALSE(verdict.evidence.empty());
    CHECK(verdict.segments.size() <= kMostExamples);
    found.push_back(std::string(WordOf(verdict.severity)) + " " +
                    std::string(WordOf(verdict.finding)) + " " + verdict.tag);
  }
  return found;
}

void Both(MadeUp& made_up, std::uint64_t inode) {
  made_up.Maps(10, inode);
  made_up.Maps(20, inode);
}

void GrowBy(MadeUp& made_up, int count, std::uint64_t bytes = 65536) {
  for (int i = 0; i < count; ++i) {
    const auto inode = static_cast<std::uint64_t>(100 + i);
    made_up.Has(inode, "pool-" + std::to_string(i), bytes);
    made_up.Maps(10, inode);
  }
}

Segment& HasBatons(MadeUp& made_up, std::uint64_t inode, int creator) {
  return made_up.HasBatons(inode, "PImage", kMiB, creator);
}

// Client 10 was started when the memory, which has its number as that of its maker, was there.
void IsYoungClient(MadeUp& made_up) {
  made_up.snapshot().processes[0].key.start_time = 95'000;  // ticks: 950 s after boot
}

const Verdict& Only(const std::vector<Verdict>& verdicts) {
  REQUIRE(verdicts.size() == 1);
  return verdicts.front();
}

double Number(const Verdict& verdict, const std::string& name) {
  const auto at = std::ranges::find(verdict.evidence, name, &Evidence::name);
  REQUIRE(at != verdict.evidence.end());
  return at->value;
}

struct Story {
  const char* name;
  Pass pass;
  std::vector<std::string> found;
};

const Story kIll[] = {
    {"segments pile up",
     [](MadeUp& m, int pass) { GrowBy(m, 5 + 3 * pass); },
     {"leak growth pool"}},
    {"one segment is made larger and larger",
     [](MadeUp& m, int pass) { GrowBy(m, 1, (1 + static_cast<std::uint64_t>(pass)) * kMiB); },
     {"leak growth pool"}},
    {"both sides keep every buffer",
     [](MadeUp& m, int pass) {
       for (int i = 0; i <= 3 * pass; ++i) {
         const auto inode = static_cast<std::uint64_t>(100 + i);
         m.Has(inode, "wl_shm", 65536);
         Both(m, inode);
       }
     },
     {"leak shared-growth wl_shm"}},
    {"a new process for each new segment",
     [](MadeUp& m, int pass) {
       for (int i = 0; i <= 2 * pass; ++i) {
         m.Runs(1000 + i, "worker");
         m.Has(static_cast<std::uint64_t>(100 + i), "work", 65536);
         m.Maps(1000 + i, static_cast<std::uint64_t>(100 + i));
       }
     },
     {"leak growth work"}},
    {"who has handed it over keeps what its maker has let go",
     [](MadeUp& m, int) {
       for (std::uint64_t inode = 100; inode < 110; ++inode) {
         HasBatons(m, inode, 10);
         m.MapsRevoked(20, inode);
       }
     },
     {"leak receiver-only PImage"}},
    {"whoever made it and had it last is killed",
     [](MadeUp& m, int) {
       HasBatons(m, 100, 77);
       m.MapsRevoked(20, 100);
     },
     {"leak orphaned PImage"}},
    {"a number that is used again is another process",
     [](MadeUp& m, int) {
       IsYoungClient(m);
       HasBatons(m, 100, 10);
       m.MapsRevoked(20, 100);
     },
     {"leak orphaned PImage"}},
    {"another's only maker ends, once",
     [](MadeUp& m, int pass) {
       if (pass == 0) return;
       m.Runs(77, "starter").key.start_time = pass < 5 ? 77 : 78;
       m.Has(100, "shared", 4096);
       if (pass < 5) m.Maps(77, 100);
       if (pass == 1) return;
       m.Maps(20, 100);
     },
     {"risk orphaned shared"}},
    {"descriptors are received and never closed",
     [](MadeUp& m, int) {
       for (std::uint64_t inode = 100; inode < 120; ++inode) {
         m.Has(inode, "xkb-keymap", 40960);
         m.Opens(20, inode);
       }
     },
     {"leak descriptor-only xkb-keymap"}},
    {"a stopped receiver",
     [](MadeUp& m, int) {
       m.snapshot().processes[1].is_stopped = true;
       m.Has(100, "frame", 4096);
       m.Maps(10, 100);
       m.Sends(20, 55, {}).descriptors = 3;
     },
     {"leak in-flight "}},
    {"a receiver that does not read",
     [](MadeUp& m, int) {
       m.Has(100, "frame", 4096);
       m.Maps(10, 100);
       m.Sends(20, 55, {100});
     },
     {"leak in-flight frame"}},
    {"a receiver that may not be looked at and does not seem to read",
     [](MadeUp& m, int) { m.Sends(20, 55, {}).descriptors = 3; },
     {"risk in-flight "}},
    {"one segment is opened again and again",
     [](MadeUp& m, int pass) {
       m.Has(100, "keymap", 40960);
       m.Maps(20, 100);
       for (int i = 0; i < 4 + 2 * pass; ++i) m.Opens(20, 100).open_file = 3;
     },
     {"leak multiplied keymap"}},
    {"one segment has been opened much too often",
     [](MadeUp& m, int) {
       m.Has(100, "keymap", 40960);
       m.Maps(20, 100);
       for (int i = 0; i < 70; ++i) m.Opens(20, 100);
     },
     {"leak multiplied keymap"}},
    {"a program inherits",
     [](MadeUp& m, int) {
       m.Runs(30, "bash", 20);
       m.Has(100, "keymap", 40960);
       m.Maps(20, 100);
       m.Opens(20, 100).open_file = 3;
       DescriptorHold& hold = m.Opens(30, 100);
       hold.open_file = 3;
       hold.is_close_on_exec = false;
     },
     {"risk inherited keymap"}},
    {"it says 512 MiB",
     [](MadeUp& m, int) {
       m.Has(100, "pool", 512 * kMiB).allocated = kMiB;
       m.Maps(10, 100);
     },
     {"risk sparse pool"}},
    {"mapped beyond its end",
     [](MadeUp& m, int) {
       m.Has(100, "frame", 4096);
       m.Maps(10, 100, kMiB);
     },
     {"risk past-end frame"}},
    {"another user's, not sealed",
     [](MadeUp& m, int) {
       Segment& segment = m.Has(100, "frame", 4096);
       segment.seals = 1;
       segment.creator_uid = 1000;
       m.Maps(10, 100);
     },
     {"risk unsealed frame"}},
    {"memory that nobody explains",
     [](MadeUp& m, int pass) { m.snapshot().machine.shmem += pass < 6 ? 0 : 64 * kMiB; },
     {"leak ghosts "}},
    {"memory that nobody explains, when not all could be seen",
     [](MadeUp& m, int pass) {
       m.snapshot().machine.shmem += pass < 6 ? 0 : 64 * kMiB;
       m.snapshot().coverage.denied = 3;
     },
     {"risk ghosts "}},
};

const Story kHealthy[] = {
    {"nothing happens",
     [](MadeUp& m, int) {
       GrowBy(m, 20);
       Both(m, 100);
     },
     {}},
    {"a window is made larger",
     [](MadeUp& m, int pass) {
       const std::uint64_t bytes = pass < 4 ? 2 * kMiB : pass < 6 ? 4 * kMiB : 8 * kMiB;
       for (std::uint64_t i = 0; i < 2; ++i) {  // new buffers each time
         m.Has(100 + i + 2 * (bytes / kMiB), "wl_shm", bytes);
         Both(m, 100 + i + 2 * (bytes / kMiB));
       }
     },
     {}},
    {"a cache warms up", [](MadeUp& m, int pass) { GrowBy(m, std::min(4 + 8 * pass, 36)); }, {}},
    {"a cache warms up slowly",
     [](MadeUp& m, int pass) { GrowBy(m, 40 - 40 / (1 + pass * pass)); },
     {}},
    {"buffers come and go",
     [](MadeUp& m, int pass) {
       for (int i = 0; i < 3 + pass * 7 % 5; ++i) {
         const auto inode = static_cast<std::uint64_t>(100 + 10 * pass + i);
         m.Has(inode, "frame", kMiB);
         Both(m, inode);
       }
     },
     {}},
    {"it shrinks", [](MadeUp& m, int pass) { GrowBy(m, 40 - 3 * pass); }, {}},
    {"Baton's memory goes back and forth",
     [](MadeUp& m, int pass) {
       for (std::uint64_t inode = 100; inode < 120; ++inode) {
         HasBatons(m, inode, 10);
         m.Opens(10, inode);
         m.Opens(20, inode);
         if (pass % 2 == 0) {
           m.Maps(10, inode);
           m.MapsRevoked(20, inode);
         } else {
           m.Maps(20, inode);
           m.MapsRevoked(10, inode);
         }
       }
     },
     {}},
    {"a keymap is open, as long as there is a keyboard",
     [](MadeUp& m, int) {
       m.Has(100, "xkb-keymap", 40960);
       m.Opens(20, 100);
     },
     {}},
    {"received memory is mapped by one side, for a moment",
     [](MadeUp& m, int) {
       for (std::uint64_t inode = 100; inode < 120; ++inode) {
         m.Has(inode, "frame", kMiB).born = m.snapshot().taken_at - kSecond;
         m.Maps(20, inode);
       }
     },
     {}},
    {"the maker has ended, and the memory has a new owner",
     [](MadeUp& m, int) {
       for (std::uint64_t inode = 100; inode < 120; ++inode) {
         HasBatons(m, inode, 77);
         m.Opens(20, inode);
         m.Maps(20, inode);
       }
     },
     {}},
    {"the maker has ended, its number is used again, and the memory has a new owner",
     [](MadeUp& m, int) {
       IsYoungClient(m);
       for (std::uint64_t inode = 100; inode < 120; ++inode) {
         HasBatons(m, inode, 10);
         m.Maps(20, inode);
       }
     },
     {}},
    {"the maker lives and has let go, and the memory has a new owner",
     [](MadeUp& m, int) {
       for (std::uint64_t inode = 100; inode < 120; ++inode) {
         HasBatons(m, inode, 10);
         m.Maps(20, inode);
       }
     },
     {}},
    {"the maker is said by a number of another namespace of processes",
     [](MadeUp& m, int) {
       m.snapshot().processes[0].pid_namespace = 4;
       m.snapshot().processes[1].pid_namespace = 5;
       for (std::uint64_t inode = 100; inode < 120; ++inode) {
         HasBatons(m, inode, 10);
         m.MapsRevoked(20, inode);
       }
     },
     {}},
    {"rings are within reach of both sides",
     [](MadeUp& m, int) {
       m.HasBatons(100, "PImage", 65536, 77).attributes["kind"] = "ring";
       Both(m, 100);
     },
     {}},
    {"a socket that is never empty, and moves",
     [](MadeUp& m, int pass) {
       const auto inode = static_cast<std::uint64_t>(100 + pass);
       m.Has(inode, "frame", 4096);
       m.Maps(10, inode);
       m.Sends(20, 55, {inode});
       m.Sends(20, 56, {}).descriptors = pass % 2 == 0 ? 1 : 3;
     },
     {}},
    {"a fork that runs the same program",
     [](MadeUp& m, int) {
       m.Runs(30, "server", 20);
       m.Has(100, "arena", 40960);
       m.Maps(20, 100);
       m.Opens(20, 100).open_file = 3;
       DescriptorHold& hold = m.Opens(30, 100);
       hold.open_file = 3;
       hold.is_close_on_exec = false;
     },
     {}},
    {"a descriptor for each of a few threads",
     [](MadeUp& m, int) {
       m.Has(100, "pool", 40960);
       m.Maps(20, 100);
       for (int i = 0; i < 16; ++i) m.Opens(20, 100);
     },
     {}},
    {"Baton maps more addresses than there is memory",
     [](MadeUp& m, int) {
       HasBatons(m, 100, 10);
       m.Maps(10, 100, 1024 * kMiB);
     },
     {}},
    {"another user's, sealed; and one's own, not",
     [](MadeUp& m, int) {
       Segment& sealed = m.Has(100, "frame", 4096);
       sealed.seals = 2;
       sealed.creator_uid = 1000;
       m.Maps(10, 100);
       m.Has(101, "frame", 4096).seals = 0;
       m.Maps(10, 101);
     },
     {}},
    {"ghosts of what comes and goes while the scan runs",
     [](MadeUp& m, int pass) { m.snapshot().machine.shmem += pass % 3 == 0 ? 0 : 20 * kMiB; },
     {}},
    {"ghosts that are noise, or have always been there",
     [](MadeUp& m, int pass) {
       m.snapshot().machine.shmem += 300 * kMiB + static_cast<std::uint64_t>(pass % 3) * 100'000;
     },
     {}},
};

TEST_CASE("memtrack: what leaks is found, and called what it is") {
  for (const Story& story : kIll) {
    INFO(story.name);
    CHECK(FoundIn(CourseOf(story.pass)) == story.found);
  }
}

TEST_CASE("memtrack: where nothing is wrong nothing is said") {
  for (const Story& story : kHealthy) {
    INFO(story.name);
    CHECK(FoundIn(CourseOf(story.pass)) == story.found);
  }
}

TEST_CASE("memtrack: whoever sets the clock makes no verdict and hides none") {
  const std::int64_t step = GENERATE(-7200, -60, 60, 7200) * kSecond;
  for (const auto& stories : {std::span<const Story>(kIll), std::span<const Story>(kHealthy)}) {
    for (const Story& story : stories) {
      INFO(story.name << ", by " << step / kSecond << " s");
      CHECK(FoundIn(CourseOf(story.pass, 12, 5, step)) == story.found);
    }
  }
}

TEST_CASE("memtrack: the age of memory is by a clock that nobody sets") {
  const std::int64_t step = GENERATE(-7200, 0, 7200) * kSecond;
  const std::int64_t wrong = GENERATE(-86'400, 86'400) * kSecond;
  const auto models = CourseOf(
      [&](MadeUp& m, int pass) {
        m.Has(100, "old", kMiB);
        if (pass < 3) return;
        // By clocks of then that were far off.
        m.Has(101, "new", kMiB).born = kBegin + wrong;
      },
      12, 5, step);
  const Course course(models);
  CHECK(course.AgeOf(course.last().segments[0]) == 155 * kSecond);
  // Between two passes, whatever it says itself.
  CHECK(course.AgeOf(course.last().segments[1]) >= 40 * kSecond);
  CHECK(course.AgeOf(course.last().segments[1]) <= 45 * kSecond);
}

TEST_CASE("memtrack: one pass proves nothing") {
  for (const Story& story : kIll) {
    INFO(story.name);
    CHECK(FoundIn(CourseOf(story.pass, 1)).empty());
    // Seen in the last pass only.
    const auto only_last = [&](MadeUp& made_up, int pass) {
      if (pass == 11) story.pass(made_up, 11);
    };
    CHECK(FoundIn(CourseOf(only_last)).empty());
  }
}

TEST_CASE("memtrack: growth has its numbers, its holders and the one who makes it") {
  const auto models = CourseOf(
      [](MadeUp& m, int pass) {
        for (int i = 0; i < 2 + 4 * pass; ++i) {
          const auto inode = static_cast<std::uint64_t>(100 + i);
          HasBatons(m, inode, 10);
          Both(m, inode);
        }
      },
      11, 6);
  const auto verdicts = Judge(models, {});
  const Verdict& verdict = Only(verdicts);
  CHECK(Number(verdict, "segments_before") == 2);
  CHECK(Number(verdict, "segments_now") == 42);
  CHECK(Number(verdict, "segments_per_minute") == Approx(40));
  CHECK(Number(verdict, "bytes_per_minute") == Approx(40.0 * kMiB));
  CHECK(Number(verdict, "seconds") == Approx(60));
  CHECK(verdict.processes == std::vector{MadeUp::KeyOf(10), MadeUp::KeyOf(20)});
  CHECK(verdict.text ==
        "PImage grows: 2 to 42 segments, 2.0 MiB to 42.0 MiB in 60 s (+40.0 segments/min, "
        "+40.0 MiB/min), since 19:34:50Z, held by client (10) and server (20)");
  CHECK(verdict.advice.starts_with("client (10) makes them"));
}

TEST_CASE("memtrack: a stopped receiver is named, with what continues it") {
  const auto models = CourseOf(kIll[9].pass);
  const auto verdicts = Judge(models, {});
  const Verdict& verdict = Only(verdicts);
  CHECK(verdict.processes == std::vector{MadeUp::KeyOf(20)});
  CHECK(verdict.text.find("server (20)") != std::string::npos);
  CHECK(verdict.text.find("stopped") != std::string::npos);
  CHECK(verdict.advice.find("kill -CONT 20") != std::string::npos);
}

TEST_CASE("memtrack: memory that was made while we looked has a maker") {
  const auto models = CourseOf([](MadeUp& m, int pass) {
    for (std::uint64_t inode = 100; pass > 0 && inode < 110; ++inode) {
      m.Has(inode, "frame", kMiB);
      if (pass < 3) m.Maps(10, inode);
      if (pass > 1) m.Maps(20, inode);
    }
  });
  const auto verdicts = Judge(models, {});
  const Verdict& verdict = Only(verdicts);
  CHECK(verdict.finding == Finding::kReceiverOnly);
  CHECK(verdict.processes == std::vector{MadeUp::KeyOf(20), MadeUp::KeyOf(10)});
}

TEST_CASE("memtrack: an inode that is used again is not the same memory") {
  const auto models = CourseOf([](MadeUp& m, int pass) {
    HasBatons(m, 100, 77).born = kBegin + pass;
    m.MapsRevoked(20, 100);
  });
  CHECK(FoundIn(models).empty());
}

TEST_CASE("memtrack: --max-growth counts from the first to the last third") {
  const auto [pass, tag, allowed, is_over] = GENERATE(table<Pass, std::string, double, bool>({
      {[](MadeUp& m, int i) { GrowBy(m, i < 6 ? 5 : 7); }, "pool", 1, true},
      {[](MadeUp& m, int i) { GrowBy(m, i < 6 ? 5 : 7); }, "pool", 2, false},
      {[](MadeUp& m, int i) { GrowBy(m, i < 6 ? 5 : 7); }, "*", 0, true},
      {[](MadeUp& m, int i) { GrowBy(m, i < 6 ? 5 : 7); }, "other", 0, false},
      {[](MadeUp& m, int i) { GrowBy(m, i == 11 ? 9 : 5); }, "pool", 0, false},
      {[](MadeUp& m, int i) { GrowBy(m, i < 6 ? 7 : 5); }, "pool", 0, false},
  }));
  RuleOptions rules;
  rules.max_growth[tag] = allowed;
  const auto found = FoundIn(CourseOf(pass), rules);
  CHECK((std::ranges::count(found, "leak over-budget pool") == 1) == is_over);
}

TEST_CASE("memtrack: leaks come before risks") {
  const auto found = FoundIn(CourseOf([](MadeUp& m, int pass) {
    GrowBy(m, 5 + 3 * pass);
    m.Has(1, "a-large-one", 512 * kMiB).allocated = 0;
    m.Maps(20, 1);
  }));
  CHECK(found == std::vector<std::string>{"leak growth pool", "risk sparse a-large-one"});
}

}  // namespace
}  // namespace memtrack::testing
