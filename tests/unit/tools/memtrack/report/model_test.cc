#include <catch2/catch.hpp>

#include <random>

#include "tests/unit/tools/memtrack/report/made_up.h"
#include "tests/unit/tools/memtrack/report/random_snapshot.h"
#include "tools/memtrack/model/charge.h"
#include "tools/memtrack/model/complete.h"
#include "tools/memtrack/model/tag.h"
#include "tools/memtrack/model/words.h"

namespace memtrack::testing {
namespace {

const ProcessUse& Use(const Model& model, int pid) {
  const ProcessUse* use = FindProcess(model, pid);
  REQUIRE(use != nullptr);
  return *use;
}

MadeUp Two() {
  MadeUp made_up;
  made_up.Runs(10, "one");
  made_up.Runs(20, "two");
  return made_up;
}

Segment& Baton(MadeUp& made_up, std::uint64_t bytes) {
  return made_up.HasBatons(5, "PImage", bytes, 10);
}

TEST_CASE("memtrack: what all processes pay, and what nobody pays, is everything") {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    const Share share = GENERATE(Share::kOwner, Share::kProportional, Share::kUnique);
    INFO("seed " << seed);
    const Snapshot snapshot = RandomSnapshot(seed);
    const Model model = BuildModel(snapshot, share);
    std::uint64_t bytes = 0;
    std::uint64_t charged = 0;
    std::uint64_t by_tag = 0;
    for (const SegmentUse& use : model.segments) {
      bytes += use.bytes;
      std::uint64_t of_holders = 0;
      for (const Holder& holder : use.holders) of_holders += holder.charged;
      // Nobody pays only where there is nobody, or where a shared piece is unique to none.
      const bool has_payer = !use.holders.empty() || !use.in_flight_to.empty();
      if (share != Share::kUnique) CHECK(use.uncharged == (has_payer ? 0 : use.bytes));
      if (!use.holders.empty()) CHECK(of_holders + use.uncharged == use.bytes);
      CHECK((use.uncharged == 0 || use.uncharged == use.bytes));
    }
    for (const ProcessUse& use : model.processes) {
      charged += use.charged;
      CHECK(use.unique <= use.mapped + use.held);
    }
    for (const TagUse& tag : model.tags) by_tag += tag.bytes;
    CHECK(bytes == model.bytes);
    CHECK(charged + model.uncharged == bytes);
    CHECK(by_tag == bytes);
  }
}

TEST_CASE("memtrack: whoever holds memory by descriptor alone pays like the others") {
  MadeUp made_up = Two();
  made_up.Runs(30, "three");
  made_up.Has(5, "pool", 10);
  made_up.Opens(10, 5);
  made_up.Opens(10, 5);  // twice is once
  made_up.Maps(20, 5);
  made_up.Maps(30, 5);
  const Model model = made_up.model();
  CHECK(Use(model, 10).charged == 4);  // the odd byte goes to the lowest number
  CHECK(Use(model, 20).charged == 3);
  CHECK(Use(model, 30).charged == 3);
  CHECK(Use(model, 10).held == 10);
  CHECK(Use(model, 20).mapped == 10);
  CHECK(Use(model, 20).unique == 0);
  CHECK(model.uncharged == 0);
}

TEST_CASE("memtrack: shared memory is unique to nobody") {
  MadeUp made_up = Two();
  made_up.Has(5, "alone", 100);
  made_up.Has(6, "shared", 1000);
  made_up.Maps(10, 5);
  made_up.Maps(10, 6);
  made_up.Opens(20, 6);
  const Model model = made_up.model(Share::kUnique);
  CHECK(Use(model, 10).charged == 100);
  CHECK(Use(model, 20).charged == 0);
  CHECK(model.uncharged == 1000);
}

TEST_CASE("memtrack: of Baton's memory whoever may touch it pays, whoever has made it") {
  MadeUp made_up = Two();
  Baton(made_up, 4096);
  made_up.Opens(10, 5);
  made_up.MapsRevoked(10, 5);
  made_up.Opens(20, 5);
  made_up.Maps(20, 5);
  const Model model = made_up.model();
  CHECK(Use(model, 10).charged == 0);
  CHECK(Use(model, 20).charged == 4096);
  REQUIRE(model.segments.front().holders.size() == 2);
  CHECK(model.segments.front().holders[0].is_revoked);
  CHECK_FALSE(model.segments.front().holders[1].is_revoked);
  // It still keeps the memory alive.
  CHECK(Use(model, 20).unique == 0);
}

TEST_CASE("memtrack: memory that Baton has granted again is not revoked") {
  MadeUp made_up = Two();
  Baton(made_up, 4096);
  const MappingHold home = made_up.Maps(10, 5);
  MappingHold& vault = made_up.Maps(10, 5);  // above, and empty
  vault.address = home.address + home.length;
  vault.is_readable = vault.is_writable = false;
  made_up.MapsRevoked(20, 5);
  const Model model = made_up.model();
  CHECK(Use(model, 10).charged == 4096);
  CHECK(Use(model, 20).charged == 0);
}

TEST_CASE("memtrack: where several may touch Baton's memory all of them pay") {
  MadeUp made_up = Two();
  Baton(made_up, 4096);
  made_up.Maps(10, 5);
  made_up.Maps(20, 5);
  made_up.Runs(30, "three");
  made_up.MapsRevoked(30, 5);
  CHECK(Use(made_up.model(), 20).charged == 2048);
  CHECK(Use(made_up.model(), 30).charged == 0);
}

TEST_CASE("memtrack: when Baton's memory is revoked everywhere all who hold it pay") {
  MadeUp made_up = Two();
  Baton(made_up, 4096);
  made_up.MapsRevoked(10, 5);
  made_up.MapsRevoked(20, 5);
  CHECK(Use(made_up.model(), 10).charged == 2048);
}

TEST_CASE("memtrack: a mapping without access that is not Baton's is a hold like any other") {
  MadeUp made_up = Two();
  made_up.Has(5, "arena", 4096);
  made_up.MapsRevoked(10, 5);
  made_up.Maps(20, 5);
  CHECK(Use(made_up.model(), 10).charged == 2048);
}

TEST_CASE(
    "memtrack: memory that is only in flight is paid by its receiver, and nobody's is nobody's") {
  MadeUp made_up = Two();
  made_up.Has(5, "sent", 4096);
  made_up.Has(6, "forgotten", 100);
  made_up.Sends(20, 99, {5});
  const Model model = made_up.model();
  CHECK(Use(model, 20).charged == 4096);
  CHECK(Use(model, 20).unique == 0);
  CHECK(Use(model, 20).in_flight == 1);
  CHECK(model.uncharged == 100);
}

TEST_CASE("memtrack: memory whose size we may not ask is estimated by its mappings") {
  MadeUp made_up = Two();
  Segment& segment = made_up.Has(5, "hidden", 0);
  segment.size = segment.allocated = std::nullopt;
  made_up.Maps(10, 5, 8192).offset = 4096;
  made_up.Maps(20, 5, 4096);
  const Model model = made_up.model();
  CHECK(model.segments.front().bytes == 12288);
  CHECK(model.segments.front().is_estimated);
}

TEST_CASE("memtrack: holds of what has no row get one") {
  MadeUp made_up;
  made_up.Maps(10, 5);
  made_up.Opens(11, 6);
  made_up.Sends(12, 99, {7});
  const Model model = made_up.model();
  CHECK(model.processes.size() == 3);
  CHECK(model.segments.size() == 3);
  CHECK(Use(model, 10).segments == 1);
  CHECK(Named(model, {10, 10}) == "? (10)");
}

TEST_CASE("memtrack: sums of absurd sizes do not overflow") {
  MadeUp made_up = Two();
  for (std::uint64_t inode = 1; inode <= 100; ++inode) {
    Segment& segment = made_up.Has(inode, "lie", 0);
    segment.size = segment.allocated = ~std::uint64_t{0};
    made_up.Maps(10, inode, ~std::uint64_t{0}).offset = ~std::uint64_t{0};
  }
  const Model model = made_up.model();
  CHECK(model.bytes == 100 * kMostBytes);
  CHECK(Use(model, 10).charged == 100 * kMostBytes);
}

TEST_CASE("memtrack: a descriptor came by inheritance if the parent has the same open file") {
  MadeUp made_up;
  made_up.Runs(10, "sway");
  made_up.Runs(20, "bash", 10);
  made_up.Has(5, "keymap", 4096);
  const auto [open_file, closes, expected] = GENERATE(
      table<std::uint64_t, bool, std::uint32_t>({{9, false, 1}, {9, true, 0}, {8, false, 0}}));
  made_up.Opens(10, 5).open_file = 9;
  DescriptorHold& hold = made_up.Opens(20, 5);
  hold.open_file = open_file;
  hold.is_close_on_exec = closes;
  const Model model = made_up.model();
  CHECK(model.segments.front().holders[1].inherited == expected);
  CHECK(model.segments.front().holders[0].inherited == 0);
}

TEST_CASE("memtrack: tags are names without what numbers them") {
  const auto [name, tag] = GENERATE(table<std::string, std::string>({
      {"wl_shm-1234-7", "wl_shm"},
      {"/dev/shm/pool_0012", "/dev/shm/pool"},
      {"/dev/shm/12", "/dev/shm/12"},
      {"buffer12", "buffer"},
      {"12", "12"},
      {"mutter-shared", "mutter-shared"},
      {"x11-shm-7", "x11-shm"},
      {"/dev/shm/.org.chromium.Chromium.aB3xYz", "/dev/shm/.org.chromium.Chromium"},
      {"pulseaudio", "pulseaudio"},
      {"a-", "a"},
      {"--", "--"},
      {"/dev/shm/#16211 (deleted)", "(memfd)"},
      {"", "(memfd)"},
      {"baton:media::PImage:4f00", "media::PImage"},
      {"baton:PImage:ring", "PImage ring"},
      {"baton:message", "message"},
  }));
  Segment segment;
  segment.name = name;
  INFO(name);
  CHECK(TagOf(segment, BatonFactsOf(segment)) == tag);
}

TEST_CASE("memtrack: attributes go before the name, and numbered kinds are one tag each") {
  Segment segment;
  segment.name = "baton:Old:1";
  segment.attributes = {{"protocol", "PNew"}, {"kind", "ring"}, {"creator", "12"}};
  const auto facts = BatonFactsOf(segment);
  REQUIRE(facts.has_value());
  CHECK(TagOf(segment, facts) == "PNew ring");
  CHECK(facts->creator == 12);
  Segment numbered;
  numbered.name = "/SYSV0000002a";
  numbered.key.kind = SegmentKind::kSysV;
  CHECK(TagOf(numbered, BatonFactsOf(numbered)) == "(sysv)");
}

TEST_CASE("memtrack: a process in an attribute is a number, or none") {
  const auto [text, pid] = GENERATE(table<std::string, int>({
      {"12", 12},
      {"12 345", 0},
      {"", 0},
      {"x", 0},
      {"0", 0},
      {"-3", 0},
      {"99999999999999", 0},
  }));
  INFO(text);
  Segment segment;
  segment.attributes = {{"protocol", "PImage"}, {"creator", text}};
  CHECK(BatonFactsOf(segment)->creator.value_or(0) == pid);
}

}  // namespace
}  // namespace memtrack::testing
