// Registries that lie, or are none: the kernel is believed first.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <baton/platform/account/registry_format.h>
#include "tests/memtrack/registry/looking.h"
#include "tests/memtrack/scan/held_memory.h"
#include "tests/support/leak_check.h"
#include "tests/support/peer.h"
#include "tests/support/watchdog.h"
#include "tools/memtrack/view/json_view.h"
#include "tools/memtrack/view/why.h"

using namespace memtrack;
using namespace memtrack_test;
using namespace baton::platform;
using baton::testing::LeakCheck;
using baton::testing::PeerKind;
using baton::testing::Watchdog;

namespace {

constexpr const char* kName = "baton:samples::PImage:4f12ab0c77d1e900";
constexpr int kSealFutureWrite = 0x0010;
constexpr int kSeals = kSealFutureWrite | F_SEAL_SHRINK | F_SEAL_GROW;

// A registry with one entry, made by hand; stays mapped until the process ends.
Handle MakeRegistryFile(std::uint64_t inode, RegistryState state, int seals = kSeals) {
  Handle file(::memfd_create(kRegistryName, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  Expect(::ftruncate(file.get(), kPage) == 0, "ftruncate");
  auto* const bytes = static_cast<std::byte*>(MapPages(file));
  const RegistryHeader header = {.magic = kRegistryMagic,
                                 .version = kRegistryVersion,
                                 .entry_size = kRegistryEntrySize,
                                 .entry_count = 1,
                                 .pid = static_cast<std::uint32_t>(::getpid()),
                                 .unlisted = 0,
                                 .reserved = {}};
  struct stat object = {};
  Expect(::fstat(file.get(), &object) == 0, "fstat");
  const std::array<std::uint64_t, kRegistryWords> entry = {
      2, object.st_dev, inode, static_cast<std::uint64_t>(state), kPage, 1, 1, 0};
  std::memcpy(bytes, &header, sizeof(header));
  std::memcpy(bytes + sizeof(header), entry.data(), sizeof(entry));
  if (seals != 0) Expect(::fcntl(file.get(), F_ADD_SEALS, seals) == 0, "F_ADD_SEALS");
  return file;
}

std::uint64_t InodeOf(const Handle& file) {
  struct stat object = {};
  Expect(::fstat(file.get(), &object) == 0, "fstat");
  return object.st_ino;
}

PEER(SaysItHasHandedItOver) {
  const Handle memory = MakeMemfd(kName);
  MapPages(memory);
  const Handle registry = MakeRegistryFile(InodeOf(memory), RegistryState::kAtPeer);
  SayAndHold(channel_end);
}

PEER(SaysItOwnsIt) {
  const Handle memory = MakeMemfd(kName);
  MapPages(memory, 1, PROT_NONE);
  const Handle registry = MakeRegistryFile(InodeOf(memory), RegistryState::kOwned);
  SayAndHold(channel_end);
}

PEER(SaysItHasIt) {
  const Handle registry = MakeRegistryFile(std::uint64_t{1} << 60, RegistryState::kOwned);
  SayAndHold(channel_end);
}

PEER(SaysTheTruth) {
  const Handle memory = MakeMemfd(kName);
  MapPages(memory);
  const Handle registry = MakeRegistryFile(InodeOf(memory), RegistryState::kOwned);
  SayAndHold(channel_end);
}

PEER(LetsOthersWrite) {
  const Handle memory = MakeMemfd(kName);
  MapPages(memory);
  const Handle registry = MakeRegistryFile(InodeOf(memory), RegistryState::kAtPeer, F_SEAL_SHRINK);
  SayAndHold(channel_end);
}

PEER(HasTwo) {
  const Handle memory = MakeMemfd(kName);
  MapPages(memory);
  const Handle one = MakeRegistryFile(InodeOf(memory), RegistryState::kOwned);
  const Handle other = MakeRegistryFile(InodeOf(memory), RegistryState::kAtPeer);
  SayAndHold(channel_end);
}

PEER(HasNonsense) {
  const Handle memory = MakeMemfd(kName);
  MapPages(memory);
  const Handle registry(::memfd_create(kRegistryName, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  Expect(::ftruncate(registry.get(), kPage) == 0, "ftruncate");
  std::memset(MapPages(registry), 0xff, kPage);
  Expect(::fcntl(registry.get(), F_ADD_SEALS, kSeals) == 0, "F_ADD_SEALS");
  SayAndHold(channel_end);
}

PEER(MapsIt) {
  const Received received = ReceiveDescriptors(channel_end);
  MapPages(received.handles.at(0));
  SayAndHold(channel_end);
}

// A helper, and two looks at it.
struct Looked {
  explicit Looked(const baton::testing::PeerProgram& program)
      : peer(START_PEER(PeerKind::kProcess, program)), end(peer.TakeEnd()) {
    Await(end);
    for (int pass = 0; pass < 2; ++pass) models.push_back(ModelOf({peer.pid()}));
  }
  const Model& model() const { return models.back(); }
  const SegmentUse& use() const {
    const SegmentUse* const found = UseOf(model(), kName);
    REQUIRE(found != nullptr);
    return *found;
  }
  const ProcessRegistry& registry() const {
    REQUIRE(model().registries.size() == 1);
    return model().registries.front();
  }

  baton::testing::Peer peer;
  Handle end;
  std::vector<Model> models;
};

}  // namespace

TEST_CASE("registry: whoever says what the kernel denies is found out") {
  const auto [program, doubt, does_own] =
      GENERATE(table<const baton::testing::PeerProgram*, Doubt, bool>(
          {{&SaysItHasHandedItOver, Doubt::kWithin, true},
           {&SaysItOwnsIt, Doubt::kRevoked, false}}));
  const LeakCheck leak_check;
  const Watchdog watchdog;
  Looked looked(*program);
  const Model& model = looked.model();
  const SegmentUse& use = looked.use();
  REQUIRE(use.claims.size() == 1);
  CHECK(use.claims[0].doubt == doubt);
  CHECK(OwnerOf(model, use) == (does_own ? looked.peer.pid() : 0));
  CHECK_FALSE(use.passage.has_value());

  const auto verdicts = DisagreementsIn(looked.models);
  REQUIRE(verdicts.size() == 1);
  CHECK(verdicts[0].severity == Severity::kRisk);
  REQUIRE(verdicts[0].processes.size() == 1);
  CHECK(verdicts[0].processes[0].pid == looked.peer.pid());
  CHECK(verdicts[0].segments == std::vector{use.segment.key});

  const std::string why = WhySegment(Course(looked.models), verdicts, use.segment.key.inode);
  CHECK(why.find("Its registry says: ") != std::string::npos);
  CHECK(why.find("The kernel says otherwise: ") != std::string::npos);
  const auto json = SegmentsJson(model, {})["segments"];
  REQUIRE_FALSE(json.empty());
  CHECK(json[0]["claims"][0]["doubt"] == (does_own ? "within-reach" : "revoked"));
  Say(looked.end);
}

TEST_CASE("registry: memory that nobody has seen is found out, and is no memory") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  Looked looked(SaysItHasIt);
  CHECK(looked.model().unknown_claims.size() == 1);
  for (const SegmentUse& use : looked.model().segments) {
    CHECK(use.segment.key.inode != std::uint64_t{1} << 60);
  }
  const auto verdicts = DisagreementsIn(looked.models);
  REQUIRE(verdicts.size() == 1);
  CHECK(verdicts[0].segments.empty());
  CHECK(WhyProcess(Course(looked.models), verdicts, looked.peer.pid()).find("which nobody holds") !=
        std::string::npos);
  Say(looked.end);
}

TEST_CASE("registry: a true one is no disagreement, also when it is made by hand") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  Looked looked(SaysTheTruth);
  CHECK(looked.registry().standing == RegistryStanding::kBelieved);
  REQUIRE(looked.use().claims.size() == 1);
  CHECK(looked.use().claims[0].doubt == Doubt::kNone);
  CHECK(DisagreementsIn(looked.models).empty());
  Say(looked.end);
}

TEST_CASE("registry: one that others can write, or that is none, is not listened to") {
  const auto [program, standing] =
      GENERATE(table<const baton::testing::PeerProgram*, RegistryStanding>(
          {{&LetsOthersWrite, RegistryStanding::kUnsealed},
           {&HasNonsense, RegistryStanding::kMalformed}}));
  const LeakCheck leak_check;
  const Watchdog watchdog;
  Looked looked(*program);
  CHECK(looked.registry().standing == standing);
  CHECK(looked.use().claims.empty());
  CHECK(OwnerOf(looked.model(), looked.use()) == looked.peer.pid());  // the kernel says so
  Say(looked.end);
}

TEST_CASE("registry: of several in one process none is listened to") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  Looked looked(HasTwo);
  REQUIRE(looked.model().registries.size() == 2);
  for (const ProcessRegistry& registry : looked.model().registries) {
    CHECK(registry.standing == RegistryStanding::kSeveral);
  }
  CHECK(looked.use().claims.empty());
  Say(looked.end);
}

// Whoever sends a piece of memory decides what it is called.
TEST_CASE("registry: one that two processes can write is neither's") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  auto peer = START_PEER(PeerKind::kProcess, MapsIt);
  const Handle end = peer.TakeEnd();
  const Handle memory = MakeMemfd(kName);
  // Sealed after the other one has it.
  const Handle registry = MakeRegistryFile(InodeOf(memory), RegistryState::kOwned, 0);
  SendDescriptors(end, 'x', {registry.get()});
  Await(end);
  char ready = 0;
  REQUIRE(::read(end.get(), &ready, 1) == 1);
  REQUIRE(::fcntl(registry.get(), F_ADD_SEALS, kSeals) == 0);
  const Model model = ModelOf({::getpid(), peer.pid()});
  const SegmentUse* const use = UseOf(model, kName);
  REQUIRE(use != nullptr);
  CHECK(use->claims.empty());
  for (const ProcessRegistry& one : model.registries) {
    CHECK(one.standing == RegistryStanding::kSeveral);
  }
  Say(end);
}
