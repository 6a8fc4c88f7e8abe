// The promise of conservation (docs/faults.md, L2): no memory is ever lost or owned twice. Random
// operations on two real sides, each frame held, let through or lost, against a model.
//
//   BATON_OWNERSHIP_SEED=17 process_tests "ownership: *"      that run again, and no other
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "tests/process/ownership_seeds.h"
#include "tests/process/ownership_session.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

constexpr int kSteps = 600;
constexpr unsigned kSeeds = 12;
constexpr std::size_t kManyPieces = 512;  // more than there ever are
constexpr std::size_t kFewPieces = 4;

// What the sessions of a test must have come to, whatever the seeds.
const std::set<std::string> kAlways = {
    "allocates",
    "allocates: closed",
    "closes",
    "connects",
    "cuts",
    "frees",
    "frees: closed",
    "frees: of another channel",
    "gives its own to the other's DeallocShmem",
    "gives what it has sent to DeallocShmem",
    "hears of a free",
    "hears the goodbye",
    "is stuck",
    "receives memory",
    "receives a slice",
    "sends",
    "sends: closed",
    "sends a slice",
    "sends a slice: closed",
    "sends what is of another channel",
    "sends what was sent",
    "sends nothing",
    "sends with a text that is none",
    "writes",
};
const std::set<std::string> kWithRoom = {
    "sends: the queue is full",
    "sends a slice: the queue is full",
    "drops shared memory",
    "receives shared memory",
    "shares",
    "shares: closed",
    "shares: the queue is full",
    "touches shared memory",
};
const std::set<std::string> kWithoutRoom = {"allocates: no room", "has no room for what arrives"};

const std::set<std::string> kWithStores = {
    "undelivered",
    "maybe seen",
    "recovered",
    "orphan given up",
    "attached",
    "attached at once",
    "orphan came back alive",
    "deaths",
};

const std::set<std::string> kWithPools = {
    "allocates what has come back",
    "allocates what it has freed",
    "trims",
};

void Run(const OwnershipScene& scene, std::set<std::string>& done) {
  const Guarded guarded;
  OwnershipSession session(scene);
  for (int step = 0; step < kSteps; ++step) {
    INFO("BATON_OWNERSHIP_SEED=" << scene.seed << ", revocation "
                                 << static_cast<int>(scene.revocation) << ", step " << step << ":\n"
                                 << session.story());
    session.Step();
  }
  INFO("BATON_OWNERSHIP_SEED=" << scene.seed << ", the end:\n" << session.story());
  session.Finish();
  done.insert(session.done().begin(), session.done().end());
}

// Scenes of at least `seeds` seeds (with a sanitizer of fewer), and of up to ten times as many
// until all was done that is expected: that depends on how the two sides meet, too. An operation
// that was never done, or never refused, has shown nothing.
template <class SceneOf>
void RunAll(unsigned seeds, const std::set<std::string>& expected, const SceneOf& scene_of) {
  std::set<std::string> done;
  const unsigned least = seeds / BATON_TEST_SLOWNESS;
  for (const unsigned seed : OwnershipSeeds(10 * seeds)) {
    if (seed > least && !IsSeedGiven() && std::ranges::includes(done, expected)) break;
    Run(scene_of(seed), done);
  }
  if (IsSeedGiven()) return;
  for (const std::string& what : expected) {
    CAPTURE(what);
    CHECK(done.contains(what));
  }
}

std::set<std::string> Always(std::set<std::string> and_those, const std::set<std::string>& more) {
  and_those.insert(kAlways.begin(), kAlways.end());
  and_those.insert(more.begin(), more.end());
  return and_those;
}

TEST_CASE("ownership: each piece of memory is in one place, whatever is done and lost") {
  const auto revocation = GENERATE(platform::Revocation::kProtect, platform::Revocation::kUnmap,
                                   platform::Revocation::kNone);
  RunAll(kSeeds, Always(kWithRoom, {}), [&](unsigned seed) -> OwnershipScene {
    return {seed, revocation, kManyPieces, false};
  });
}

TEST_CASE("ownership: what there is no room for is let go of on both sides") {
  const std::size_t most_pieces = GENERATE(std::size_t{3}, std::size_t{6});
  RunAll(kSeeds, Always(kWithoutRoom, {}), [&](unsigned seed) -> OwnershipScene {
    return {seed, platform::Revocation::kProtect, most_pieces, false};
  });
}

TEST_CASE("ownership: with stores a channel that ends leaves each piece in one place as well") {
  const auto revocation = GENERATE(platform::Revocation::kProtect, platform::Revocation::kUnmap,
                                   platform::Revocation::kNone);
  RunAll(2 * kSeeds, Always(kWithRoom, kWithStores), [&](unsigned seed) -> OwnershipScene {
    return {seed, revocation, kManyPieces, true};
  });
}

TEST_CASE("ownership: memory that was freed rests in one place, and comes again from there") {
  const auto revocation = GENERATE(platform::Revocation::kProtect, platform::Revocation::kUnmap,
                                   platform::Revocation::kNone);
  RunAll(kSeeds, Always(kWithRoom, kWithPools), [&](unsigned seed) -> OwnershipScene {
    return {seed, revocation, kManyPieces, false, true};
  });
}

TEST_CASE("ownership: what finds no room on the next channel stays in the store") {
  RunAll(kSeeds, {"attaches: no room"}, [](unsigned seed) -> OwnershipScene {
    return {seed, platform::Revocation::kProtect, kFewPieces, true};
  });
}

}  // namespace
}  // namespace baton::testing
