// What registries say, held against what the kernel says: over snapshots that are made up.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/unit/tools/memtrack/report/made_up.h"
#include "tools/memtrack/rules/rules.h"
#include "tools/memtrack/view/why.h"

namespace memtrack {
namespace {

using baton::platform::RegistryState;
using testing::MadeUp;

constexpr std::uint64_t kBytes = 4096;

// Two sides of a channel, and one piece between them.
MadeUp TwoSides(double seconds = 0) {
  MadeUp made_up(seconds);
  made_up.Runs(10, "one");
  made_up.Runs(20, "two");
  made_up.HasBatons(5, "PImage", kBytes, 10);
  return made_up;
}

const SegmentUse& Piece(const Model& model) {
  return model.segments.front();
}

int PidOf(const Model& model, std::optional<std::size_t> process) {
  return process ? model.processes[*process].process.key.pid : 0;
}

std::uint64_t ChargedTo(const Model& model, int pid) {
  return FindProcess(model, pid)->charged;
}

// What both passes say, of which the second is judged.
std::vector<Verdict> Disagreements(const MadeUp& first, const MadeUp& second) {
  const std::vector<Model> models = {first.model(), second.model()};
  auto verdicts = Judge(models, {});
  std::erase_if(verdicts, [](const Verdict& v) { return v.finding != Finding::kDisagreement; });
  return verdicts;
}

}  // namespace

TEST_CASE("memtrack claims: what the kernel cannot tell a registry may say") {
  MadeUp made_up = TwoSides();
  made_up.MapsRevoked(10, 5);
  made_up.MapsRevoked(20, 5);
  made_up.Says(10, 5, RegistryState::kInFlight).peer_pid = 20;
  made_up.Says(20, 5, RegistryState::kAtPeer).peer_pid = 10;
  const Model model = made_up.model();
  CHECK_FALSE(Piece(model).owner.has_value());
  REQUIRE(Piece(model).passage.has_value());
  CHECK(PidOf(model, Piece(model).passage->from) == 10);
  CHECK(PidOf(model, Piece(model).passage->to) == 20);
  CHECK(ChargedTo(model, 10) == kBytes / 2);
  CHECK(Disagreements(made_up, made_up).empty());
}

TEST_CASE("memtrack claims: the newest hand-over is the one that is under way") {
  MadeUp made_up = TwoSides();
  made_up.MapsRevoked(10, 5);
  made_up.MapsRevoked(20, 5);
  made_up.Says(10, 5, RegistryState::kInFlight).transfers = 3;
  made_up.Says(20, 5, RegistryState::kInFlight).transfers = 2;
  const Model model = made_up.model();
  REQUIRE(Piece(model).passage.has_value());
  CHECK(PidOf(model, Piece(model).passage->from) == 10);
  for (Claim& claim : made_up.snapshot().claims) claim.transfers = 2;
  CHECK_FALSE(Piece(made_up.model()).passage.has_value());
}

TEST_CASE("memtrack claims: where handing over takes nothing away, the registry says whose it is") {
  MadeUp made_up = TwoSides();
  made_up.Maps(10, 5);
  made_up.Maps(20, 5);
  CHECK_FALSE(Piece(made_up.model()).owner.has_value());
  made_up.Says(20, 5, RegistryState::kOwned).keeps_access = true;
  made_up.Says(10, 5, RegistryState::kAtPeer).keeps_access = true;
  const Model model = made_up.model();
  CHECK(PidOf(model, Piece(model).owner) == 20);
  CHECK(ChargedTo(model, 20) == kBytes);
  CHECK(ChargedTo(model, 10) == 0);
  CHECK(Disagreements(made_up, made_up).empty());
}

TEST_CASE("memtrack claims: what rests in a pool is its owner's, revoked or not") {
  MadeUp made_up = TwoSides();
  made_up.MapsRevoked(10, 5);
  made_up.MapsRevoked(20, 5);
  made_up.Says(10, 5, RegistryState::kPooled);
  made_up.Says(20, 5, RegistryState::kAtPeer);
  const Model model = made_up.model();
  CHECK(PidOf(model, Piece(model).owner) == 10);
  CHECK(ChargedTo(model, 10) == kBytes);
}

TEST_CASE("memtrack claims: nobody can make another one pay, or own") {
  MadeUp made_up = TwoSides();
  made_up.MapsRevoked(10, 5);
  made_up.Maps(20, 5);
  made_up.Says(10, 5, RegistryState::kOwned);  // it is not
  const Model lies = made_up.model();
  CHECK(PidOf(lies, Piece(lies).owner) == 20);
  CHECK(Piece(lies).claims[0].doubt == Doubt::kRevoked);

  MadeUp absent = TwoSides();
  absent.Runs(30, "stranger");
  absent.MapsRevoked(10, 5);
  absent.Says(30, 5, RegistryState::kOwned);
  const Model model = absent.model();
  CHECK_FALSE(Piece(model).owner.has_value());
  CHECK(ChargedTo(model, 10) == kBytes);
  CHECK(ChargedTo(model, 30) == 0);
  CHECK(Piece(model).claims[0].doubt == Doubt::kNotHeld);
  CHECK(Disagreements(absent, absent).size() == 1);
}

TEST_CASE("memtrack claims: two who say that they own it are both doubted") {
  MadeUp made_up = TwoSides();
  made_up.Maps(10, 5);
  made_up.Maps(20, 5);
  made_up.Says(10, 5, RegistryState::kOwned);
  made_up.Says(20, 5, RegistryState::kOwned);
  const Model model = made_up.model();
  CHECK_FALSE(Piece(model).owner.has_value());
  for (const ClaimUse& one : Piece(model).claims) CHECK(one.doubt == Doubt::kTwoOwners);
  CHECK(Disagreements(made_up, made_up).size() == 2);
}

TEST_CASE("memtrack claims: both sides in one process say two things, and neither is a lie") {
  MadeUp made_up;
  made_up.Runs(10, "alone");
  made_up.HasBatons(5, "PImage", kBytes, 10);
  made_up.MapsRevoked(10, 5);
  made_up.Maps(10, 5);
  made_up.Says(10, 5, RegistryState::kAtPeer);
  made_up.Says(10, 5, RegistryState::kOwned);
  const Model model = made_up.model();
  CHECK(PidOf(model, Piece(model).owner) == 10);
  REQUIRE(Piece(model).holders.size() == 1);
  CHECK(Piece(model).holders[0].mappings == 2);
  CHECK_FALSE(Piece(model).holders[0].is_revoked);
  CHECK(Disagreements(made_up, made_up).empty());
}

TEST_CASE("memtrack claims: what changes meanwhile is no lie") {
  const auto wrong = [](auto change) {
    MadeUp made_up = TwoSides(1);
    made_up.Maps(20, 5);
    change(made_up.Says(20, 5, RegistryState::kAtPeer));
    return made_up;
  };
  const MadeUp lie = wrong([](Claim&) {});
  CHECK(Disagreements(lie, lie).size() == 1);
  const MadeUp later = wrong([](Claim& claim) { claim.sequence = 4; });
  CHECK(Disagreements(lie, later).empty());
  const MadeUp moving = wrong([](Claim& claim) { claim.is_steady = false; });
  CHECK(Disagreements(moving, moving).empty());
  CHECK(Piece(moving.model()).claims[0].doubt == Doubt::kNone);
}

TEST_CASE("memtrack claims: long ranges of Baton's are neither counted nor called a lie") {
  constexpr std::uint64_t kSpan = std::uint64_t{1} << 30;
  constexpr std::uint64_t kSize = std::uint64_t{8} << 20;
  MadeUp made_up;
  made_up.Runs(10, "one");
  Segment& segment = made_up.HasBatons(5, "PImage", kSize, 10);
  MappingHold& home = made_up.Maps(10, 5, kSpan);
  const std::uint64_t behind = home.address + kSpan;
  MappingHold& vault = made_up.Maps(10, 5, kSpan);
  vault.address = behind;
  vault.is_readable = vault.is_writable = false;
  const Model model = made_up.model();
  CHECK(Piece(model).holders[0].mappings == 1);
  CHECK(Piece(model).holders[0].mapped_bytes == kSize);
  const std::vector<Model> models = {model, model};
  CHECK(Judge(models, {}).empty());

  // Nobody may ask how large it is: its owner says it.
  segment.size = segment.allocated = std::nullopt;
  CHECK(Piece(made_up.model()).bytes == kSpan);
  made_up.Says(10, 5, RegistryState::kOwned).bytes = kSize;
  CHECK(Piece(made_up.model()).bytes == kSize);
  CHECK(Piece(made_up.model()).is_estimated);
}

TEST_CASE("memtrack claims: nobody can make another one's memory small") {
  MadeUp made_up = TwoSides();
  Segment& segment = made_up.HasBatons(6, "PImage", kBytes, 10);
  segment.size = segment.allocated = std::nullopt;
  const std::uint64_t inode = 6;
  made_up.Maps(10, inode, kBytes);
  const auto bytes = [&] { return FindSegment(made_up.model(), segment.key)->bytes; };
  Claim& claim = made_up.Says(20, inode, RegistryState::kShared);
  claim.bytes = 1;
  claim.is_steady = false;  // it keeps changing, so that nothing can be held against it
  CHECK(bytes() == kBytes);
  made_up.Maps(20, inode, kBytes);  // it holds it as well
  claim.is_steady = true;
  CHECK(bytes() == kBytes);
}

TEST_CASE("memtrack claims: thousands about one piece take no longer than thousands about many") {
  constexpr std::uint64_t kClaims =
      100'000 / BATON_TEST_SLOWNESS;  // the square of it would take minutes
  MadeUp made_up = TwoSides();
  made_up.Maps(10, 5);
  for (std::uint64_t n = 0; n < kClaims; ++n) {
    made_up.Says(10, 5, RegistryState::kAtPeer).sequence = 2 * n;
    made_up.Says(20, 5, RegistryState::kOwned).sequence = 2 * n;
    made_up.Says(20, 77, RegistryState::kOwned).sequence = 2 * n;  // of which nobody knows
  }
  CHECK(Disagreements(made_up, made_up).size() == 2);
}

TEST_CASE("memtrack claims: why says what the registry says, and what the kernel says") {
  MadeUp made_up = TwoSides();
  made_up.MapsRevoked(10, 5);
  made_up.Maps(20, 5);
  Claim& claim = made_up.Says(20, 5, RegistryState::kInFlight);
  claim.peer_pid = 10;
  claim.transfers = 7;
  claim.lasting = 3 * testing::kSecond;
  const std::vector<Model> models = {made_up.model()};
  const std::string why = WhySegment(Course(models), {}, 5);
  INFO(why);
  CHECK(why.find("two (20) owns it.\n") != std::string::npos);
  CHECK(why.find("    Its registry says: handed to one (10), which has not said that it took it; "
                 "hand-over 7, for 3 s.\n"
                 "    The kernel says otherwise: it can touch it.\n") != std::string::npos);
}

}  // namespace memtrack
