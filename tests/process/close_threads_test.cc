// Closing at any moment: what was sent before arrives, and both sides hear of the end once.
#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>
#include <memory>
#include <random>

#include "tests/process/load_actors.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

constexpr int kSchedules = 1000 / BATON_TEST_SLOWNESS;

enum class WhoCloses { kParent, kChild, kBoth };

// One side, that sends a few pieces whenever it is its turn.
template <class A>
struct Sender {
  void SendSome(std::mt19937& random, bool may_close) {
    std::unique_ptr<HoldBack> batch;
    if (random() % 3 == 0) batch = std::make_unique<HoldBack>(actor);
    for (unsigned left = random() % 5; left > 0; --left) {
      if (actor.SendPiece(sent, ContentOf(sent, SizeOf(random())))) ++sent;
    }
    if (may_close && random() % 8 == 0) actor.Close();  // inside of the batch, too
  }

  A& actor;
  std::uint64_t sent = 0;
};

// Turns of both sides, and sends between them, at random; then one side closes, or both.
void RunSchedule(Path path, WhoCloses who, std::uint32_t seed) {
  std::mt19937 random(seed);
  LoadPair pair(path);
  Sender<LoadParent> parent{*pair.parent};
  Sender<LoadChild> child{*pair.child};
  bool closes = false;
  while (!closes) {
    for (unsigned turns = random() % 4; turns > 0; --turns) {
      LoadPair::RunOne(random() % 2 == 0 ? pair.parents : pair.children);
    }
    parent.SendSome(random, who != WhoCloses::kChild);
    child.SendSome(random, who != WhoCloses::kParent);
    closes = !pair.parent->CanSend() || !pair.child->CanSend();
  }
  if (who == WhoCloses::kBoth) pair.parent->Close();
  if (who == WhoCloses::kBoth) pair.child->Close();
  pair.RunToTheEnd();

  CHECK(pair.parent->destroyed == 1);
  CHECK(pair.child->destroyed == 1);
  CHECK(pair.parent->reason == ActorDestroyReason::kNormalShutdown);
  CHECK(pair.child->reason == ActorDestroyReason::kNormalShutdown);
  CHECK_FALSE(pair.parent->close_error());
  CHECK_FALSE(pair.child->close_error());
  // Who has closed hears nothing any more; who has not, everything. In order: LoadActor looks.
  if (who == WhoCloses::kParent) CHECK(pair.child->received == parent.sent);
  if (who == WhoCloses::kChild) CHECK(pair.parent->received == child.sent);
  CHECK(pair.child->received <= parent.sent);
  CHECK(pair.parent->received <= child.sent);
}

TEST_CASE("a close at a random moment loses nothing that was sent before it") {
  const auto path =
      GENERATE(Path::kSocket, Path::kRing, Path::kRingAsleep, Path::kSmallRing, Path::kInProcess);
  const LeakCheck leak_check;
  const Watchdog watchdog(3 * kPatience);
  const WhoCloses all[] = {WhoCloses::kParent, WhoCloses::kChild, WhoCloses::kBoth};
  for (int seed = 0; seed < kSchedules / 5; ++seed) {
    INFO("schedule " << seed);
    RunSchedule(path, all[seed % 3], static_cast<std::uint32_t>(seed));
  }
  ReportRecordedFailures();
}

}  // namespace
}  // namespace baton::testing
