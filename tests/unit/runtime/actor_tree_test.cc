#include "runtime/actor/actor_tree.h"

#include <catch2/catch.hpp>

#include <baton/generated.h>

namespace baton::internal {
namespace {

constexpr wire::Protocol kProtocol = {"testing::PNode", 1, 1, {}, {}};

Result<void> Dispatch(Actor*, Incoming& incoming) {
  return incoming.Unknown();
}

class Node final : public Actor {
 public:
  Node() : Actor(kProtocol, Side::kParent, &Dispatch) {}
  using Actor::ManagedActors;
  using Actor::ManagerActor;
};

struct Tree : ActorTree {
  explicit Tree(Side side = Side::kParent) { SetSide(side); }

  std::shared_ptr<Node> Grow(Actor& manager) {
    auto node = std::make_shared<Node>();
    Add(*NextId(), node, manager);
    return node;
  }
  std::vector<std::uint32_t> EndedIds() {
    std::vector<std::uint32_t> ids;
    while (const auto ended = TakeEnded()) ids.push_back(ended->actor->actor_id());
    return ids;
  }

  std::shared_ptr<Node> top = std::make_shared<Node>();
};

using Ids = std::vector<std::uint32_t>;

TEST_CASE("An actor tree numbers each side's actors by themselves") {
  Tree parent(Side::kParent);
  Tree child(Side::kChild);
  CHECK(*parent.NextId() == 2);
  CHECK(*child.NextId() == 3);
  CHECK(parent.IsNextOfPeer(3));
  CHECK(child.IsNextOfPeer(2));
  CHECK_FALSE(parent.IsNextOfPeer(2));
  CHECK_FALSE(parent.IsNextOfPeer(5));
  CHECK_FALSE(parent.IsNextOfPeer(0x1'0000'0003));
  parent.CountPeerId();
  CHECK_FALSE(parent.IsNextOfPeer(3));
  CHECK(parent.IsNextOfPeer(5));
}

TEST_CASE("An actor tree tells what has been from what has never been") {
  Tree tree;
  for (const std::uint32_t id : {0u, 1u, 2u, 3u, 0xffffffffu}) CHECK_FALSE(tree.Existed(id));
  const auto node = tree.Grow(*tree.top);
  tree.CountPeerId();
  CHECK(tree.Existed(2));
  CHECK(tree.Existed(3));
  CHECK_FALSE(tree.Existed(4));
  CHECK_FALSE(tree.Existed(5));
  CHECK(tree.Find(2) == node.get());
  CHECK(tree.Find(3) == nullptr);
  tree.Remove(*node, ActorDestroyReason::kDeletion);
  CHECK(tree.Existed(2));
  CHECK(tree.Find(2) == nullptr);
  CHECK(*tree.NextId() == 4);
  CHECK(tree.Remembered(2) == &Dispatch);
  CHECK(tree.Remembered(4) == nullptr);
}

TEST_CASE("An actor tree ends managees before managers, the oldest first") {
  Tree tree;
  const auto a = tree.Grow(*tree.top);  // 2
  const auto b = tree.Grow(*tree.top);  // 4
  const auto aa = tree.Grow(*a);        // 6
  const auto ab = tree.Grow(*a);        // 8
  const auto aaa = tree.Grow(*aa);      // 10
  const auto ac = tree.Grow(*a);        // 12
  CHECK(a->ManagedActors(kProtocol.id).size() == 3);
  CHECK(a->ManagedActors(kProtocol.id + 1).empty());
  CHECK(aaa->ManagerActor() == aa);
  SECTION("all") {
    tree.RemoveAll(*tree.top, ActorDestroyReason::kNormalShutdown);
    CHECK(tree.EndedIds() == Ids{10, 6, 8, 12, 2, 4});
    CHECK(tree.empty());
  }
  SECTION("one below") {
    tree.Remove(*a, ActorDestroyReason::kDeletion);
    CHECK(tree.TakeEnded()->reason == ActorDestroyReason::kAncestorDeletion);
    CHECK(tree.EndedIds() == Ids{6, 8, 12, 2});
    CHECK(tree.Find(4) == b.get());
    CHECK(a->ManagerActor() == nullptr);
  }
  SECTION("from the middle, the end and the beginning of a list") {
    tree.Remove(*ab, ActorDestroyReason::kDeletion);
    tree.Remove(*ac, ActorDestroyReason::kDeletion);
    const auto ad = tree.Grow(*a);  // 14
    tree.Remove(*aa, ActorDestroyReason::kDeletion);
    const auto ae = tree.Grow(*a);  // 16
    tree.Remove(*ae, ActorDestroyReason::kDeletion);
    tree.Remove(*ad, ActorDestroyReason::kDeletion);
    CHECK(a->ManagedActors(kProtocol.id).empty());
    tree.Remove(*a, ActorDestroyReason::kDeletion);
    CHECK(tree.EndedIds() == Ids{8, 12, 10, 6, 16, 14, 2});
  }
  tree.Abandon();
}

TEST_CASE("An actor tree has room for so many of each side, farewells included") {
  Tree tree;
  std::vector<std::shared_ptr<Node>> nodes;
  while (tree.NextId()) nodes.push_back(tree.Grow(*tree.top));
  CHECK(nodes.size() == kMaxManagedActors);
  tree.Remove(*nodes.back(), ActorDestroyReason::kDeletion);
  CHECK(tree.NextId());
  CHECK(tree.of_peer() == 0);
  tree.CountPeerId();
  tree.SayFarewell(3, ActorDestroyReason::kFailedConstructor);
  CHECK(tree.of_peer() == 1);
  CHECK(tree.TakeFarewell()->id == 3);
  CHECK_FALSE(tree.TakeFarewell());
  CHECK(tree.of_peer() == 0);
  tree.Abandon();
}

TEST_CASE("An actor tree remembers the latest ends only") {
  Tree tree;
  for (std::size_t n = 0; n < ActorTree::kRemembered + 3; ++n) {
    tree.Remove(*tree.Grow(*tree.top), ActorDestroyReason::kDeletion);
  }
  const auto last = static_cast<std::uint32_t>(2 * (ActorTree::kRemembered + 3));
  CHECK(tree.Remembered(2) == nullptr);
  CHECK(tree.Remembered(6) == nullptr);
  CHECK(tree.Remembered(8) == &Dispatch);
  CHECK(tree.Remembered(last) == &Dispatch);
  CHECK(tree.EndedIds().size() == ActorTree::kRemembered + 3);
}

TEST_CASE("What waits for an endpoint is bounded, and goes with its manager") {
  Tree tree;
  const auto manager = tree.Grow(*tree.top);
  tree.CountPeerId();
  tree.AddUnbound(3, 2, kProtocol.id);
  tree.CountPeerId();
  tree.AddBelow(5, 3);
  CHECK(tree.WaitsFor(3) == 3);
  CHECK(tree.WaitsFor(5) == 3);
  CHECK(tree.WaitsFor(2) == 0);
  CHECK(tree.of_peer() == 2);
  const std::vector<std::byte> payload(10'000);
  std::size_t waiting = 0;
  for (;;) {
    Frame frame;
    frame.payload = payload;
    if (!tree.Wait(3, frame)) break;
    ++waiting;
  }
  CHECK(waiting == kMaxWaitingBytes / (payload.size() + kFrameHeaderSize));
  SECTION("bound") {
    CHECK(tree.RemoveUnbound(3).size() == waiting);
    CHECK(tree.TakeLost().empty());
  }
  SECTION("lost") {
    tree.Remove(*manager, ActorDestroyReason::kDeletion);
    CHECK(tree.TakeLost().size() == waiting);
  }
  CHECK(tree.WaitsFor(5) == 0);
  CHECK(tree.FindUnbound(3) == nullptr);
  CHECK(tree.of_peer() == 0);
  tree.Abandon();
}

}  // namespace
}  // namespace baton::internal
