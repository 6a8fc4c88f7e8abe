// A process ends, or stops, at each state change while memory moves, and while both sides close.
#include <algorithm>

#include "tests/fault/kill_points.h"
#include "tests/fault/stage.h"
#include "tests/process/echo_actors.h"
#include "tests/support/byte_content.h"

namespace baton::testing {
namespace {

using boost::system::error_code;

constexpr std::uint64_t kSizeKilled = 10'000;

void PlayEcho(Stage& stage) {
  const auto child = std::make_shared<EchoChild>();
  stage.Bind(child);
  stage.WhenToldToEnd([&] { child->Close(); });
  stage.RunUntil([&] { return child->destroyed > 0; });
  stage.RunToTheEnd();
  CHECK(child->destroyed == 1);
}

PEER(KeepsMemory) {
  PlaySide(channel_end, PlayEcho);
}

// What comes back is whole, and what never left is still ours when all is over.
void PlayKeeper(Stage& stage) {
  const auto parent = std::make_shared<EchoParent>();
  stage.Bind(parent);
  stage.WhenToldToEnd([&] { parent->Close(); });
  Questions questions;
  auto own = parent->AllocShmem(kSizeKilled);

  Shmem travels;
  if (auto memory = parent->AllocShmem(kSizeKilled)) travels = *std::move(memory);
  for (const int value : {7, 8}) {  // the second time without a handle
    if (travels.state() != ShmemState::kOwned) break;
    const auto note = questions.One();
    auto taken = std::move(travels);
    parent->SendFill(std::move(taken), static_cast<std::uint8_t>(value),
                     [&, note](error_code error, Shmem filled) mutable {
                       note(error);
                       if (error) return;
                       CHECK(HoldsOnly(filled, value));
                       travels = std::move(filled);
                     });
    stage.Settle(questions);
  }
  if (const auto shared = parent->AllocUnsafeShmem(kSizeKilled)) {
    for (int turn = 0; turn < 2; ++turn) parent->SendTouch(*shared, questions.One());
    stage.Settle(questions);
  }
  if (travels.state() == ShmemState::kOwned) (void)parent->SendKeep(std::move(travels));
  parent->SendGiveBack(questions.One());  // and freed, at once
  stage.Settle(questions);
  if (auto memory = parent->AllocShmem(kSizeKilled)) {
    std::vector<::testing::Parcel> parcels(1);
    parcels[0].content = *std::move(memory);
    (void)parent->SendPost(std::move(parcels));
  }
  if (auto memory = parent->AllocShmem(kSizeKilled)) (void)parent->SendKeep(*std::move(memory));
  parent->SendPing(1, questions.One());
  stage.Settle(questions);
  parent->Close();
  stage.RunUntil([&] { return parent->destroyed > 0; });
  stage.RunToTheEnd();
  CHECK(parent->destroyed == 1);
  questions.Check();
  if (own) std::ranges::fill(own->bytes(), std::byte{9});
}

PEER(LendsMemory) {
  PlaySide(channel_end, PlayKeeper);
}

const Story kMemory = {.name = "memory", .first = &LendsMemory, .second = &KeepsMemory};

TEST_CASE("kill points: who lends memory dies") {
  SweepDeaths(kMemory, Victim::kFirst);
}
TEST_CASE("kill points: who keeps memory dies") {
  SweepDeaths(kMemory, Victim::kSecond);
}
TEST_CASE("kill points: who lends memory stalls") {
  SweepStalls(kMemory, Victim::kFirst);
}
TEST_CASE("kill points: who keeps memory stalls") {
  SweepStalls(kMemory, Victim::kSecond);
}

// --- Closing -------------------------------------------------------------------------------------

// Both at once, with messages and a question on their way.
void PlayCloser(Stage& stage) {
  const auto parent = std::make_shared<EchoParent>();
  stage.Bind(parent);
  stage.WhenToldToEnd([&] { parent->Close(); });
  Questions questions;
  for (std::uint64_t n = 0; n < 5; ++n) (void)parent->SendCount(n);
  parent->SendIgnore(questions.One());
  (void)parent->SendCloseYourself();
  parent->SendPing(1, questions.One());
  stage.RunUntil([&] { return parent->destroyed > 0 || !parent->counted.empty(); });
  (void)parent->SendCount(7);
  parent->Close();
  stage.RunUntil([&] { return parent->destroyed > 0; });
  stage.RunToTheEnd();
  CHECK(parent->destroyed == 1);
  questions.Check();
}

PEER(ClosesFirst) {
  PlaySide(channel_end, PlayCloser);
}
PEER(ClosesAsWell) {
  PlaySide(channel_end, PlayEcho);
}

const Story kClose = {
    .name = "close", .first = &ClosesFirst, .second = &ClosesAsWell, .least_points = 15};

TEST_CASE("kill points: one of two that close dies") {
  SweepDeaths(kClose, GENERATE(Victim::kFirst, Victim::kSecond));
}
TEST_CASE("kill points: one of two that close stalls") {
  SweepStalls(kClose, GENERATE(Victim::kFirst, Victim::kSecond));
}

}  // namespace
}  // namespace baton::testing
