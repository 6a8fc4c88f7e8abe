// Whatever ends inside whichever handler: nothing is touched that has gone, and everybody is told
// once. To be run with ASan.
#include <catch2/catch.hpp>

#include <baton/async.h>

#include "tests/process/tree_actors.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using boost::system::error_code;

// window - tab - frame - inner, all made by the parent; what is destroyed is the child's.
struct Branch {
  explicit Branch(Path path) : pair(path) {
    Must(Construct(*pair.parent, tab));
    Must(tab->SendPFrameConstructor(frame, 1));
    Must(frame->SendPFrameConstructor(inner, 2));
    pair.Settle();
    tab_there = std::static_pointer_cast<TabOfChild>(pair.child->tabs().at(0));
    frame_there = std::static_pointer_cast<FrameOfChild>(tab_there->ManagedPFrameChild().at(0));
    inner_there = std::static_pointer_cast<FrameOfChild>(frame_there->ManagedPFrameChild().at(0));
  }

  TreePair pair;
  std::shared_ptr<TabOfParent> tab = std::make_shared<TabOfParent>(pair.here);
  std::shared_ptr<FrameOfParent> frame = std::make_shared<FrameOfParent>(pair.here);
  std::shared_ptr<FrameOfParent> inner = std::make_shared<FrameOfParent>(pair.here);
  std::shared_ptr<TabOfChild> tab_there;
  std::shared_ptr<FrameOfChild> frame_there;
  std::shared_ptr<FrameOfChild> inner_there;
};

enum class Victim { kItself, kManager, kGrandManager, kChannel, kLastReference, kItsManagees };

// Destroys, from the point of view of the child's inner frame (or of its manager in Alloc).
void Destroy(Branch& branch, Victim victim) {
  const auto delete_frame = [](const std::shared_ptr<FrameOfChild>& frame) {
    if (frame != nullptr && frame->CanSend()) Must(frame->Send__delete__());
  };
  switch (victim) {
    case Victim::kItself: return delete_frame(branch.inner_there);
    case Victim::kManager: return delete_frame(branch.frame_there);
    case Victim::kGrandManager:
      if (branch.tab_there->CanSend()) Must(branch.tab_there->Send__delete__("matrix"));
      return;
    case Victim::kChannel: return branch.pair.child->Close();
    case Victim::kLastReference:
      branch.inner_there.reset();
      branch.frame_there.reset();
      branch.inner.reset();
      branch.frame.reset();
      return;
    case Victim::kItsManagees:
      if (branch.inner_there == nullptr) return;
      for (const auto& one : branch.inner_there->ManagedPFrameChild()) {
        if (one->CanSend()) Must(one->Send__delete__());
      }
  }
}

constexpr const char* kPlaces[] = {"RecvNote", "RecvConstructor", "Alloc",           "RecvDelete",
                                   "RecvAsk",  "ActorDestroy",    "Reply completion"};

// Makes the handler run.
void Provoke(Branch& branch, const std::string& place) {
  if (place == "RecvNote") Must(branch.inner->SendNote(1));
  if (place == "RecvConstructor" || place == "Alloc") {
    Must(branch.inner->SendPFrameConstructor(std::make_shared<FrameOfParent>(branch.pair.here), 3));
  }
  if (place == "RecvDelete" || place == "ActorDestroy") Must(branch.inner->Send__delete__());
  if (place == "RecvAsk") branch.inner->SendAsk(1, [](error_code, std::uint32_t) {});
  // Behind it, for whoever may have gone.
  if (branch.inner->CanSend()) {
    Must(branch.inner->SendNote(2));
    branch.inner->SendAsk(1, [](error_code, std::uint32_t) {});
  }
  Must(branch.tab->SendNote(3));
}

void RunOne(Path path, const std::string& place, Victim victim) {
  Branch branch(path);
  branch.pair.alone_here = -1;  // what is never made there is not counted
  bool has_happened = false;
  const auto happen = [&] {
    if (std::exchange(has_happened, true)) return;
    Destroy(branch, victim);
  };
  branch.pair.there.at = [&](const std::string& where, Actor&) {
    if (where == place) happen();
  };
  if (place == "Reply completion") {
    branch.inner_there->SendAsk(1, [&](error_code, std::uint32_t) { happen(); });
  }
  Provoke(branch, place);
  branch.pair.parent->SendAsk(1, [](error_code, std::uint32_t) {});
  for (int turn = 0; turn < 3 && branch.pair.child->CanSend(); ++turn) branch.pair.Settle();
  CHECK(has_happened);
  branch.pair.parent->Close();
  branch.pair.RunToTheEnd();
  CHECK(branch.pair.here.destroyed.size() >= 4);
  CHECK(branch.pair.there.destroyed.size() >= 4);
  CHECK_FALSE(branch.pair.child->close_error());
  CHECK_FALSE(branch.pair.parent->close_error());
  // Managees before their managers, on both sides.
  for (const World* const world : {&branch.pair.here, &branch.pair.there}) {
    const auto place_of = [&](const char* who) {
      const auto found = std::ranges::find(world->ended, std::string(who), &Ended::who);
      CHECK(found != world->ended.end());
      return found - world->ended.begin();
    };
    CHECK(place_of("frame 6") < place_of("frame 4"));
    CHECK(place_of("frame 4") < place_of("tab 2"));
    CHECK(place_of("tab 2") < place_of("window 0"));
  }
}

TEST_CASE("anybody may be destroyed inside of any handler") {
  const Path path = GENERATE(Path::kSocket, Path::kRing, Path::kInProcess);
  const Victim victim = GENERATE(Victim::kItself, Victim::kManager, Victim::kGrandManager,
                                 Victim::kChannel, Victim::kLastReference, Victim::kItsManagees);
  const Guarded guarded;
  for (const char* const place : kPlaces) {
    INFO(place << ", victim " << static_cast<int>(victim));
    RunOne(path, place, victim);
  }
}

TEST_CASE("an io_context that goes away takes a whole tree along") {
  const Path path = GENERATE(Path::kSocket, Path::kRing, Path::kInProcess);
  const Guarded guarded;
  World here;
  World there;
  std::weak_ptr<Actor> gone;
  {
    io_context io;
    auto ends = CreateEndpointsOn<tree::PWindowParent, tree::PWindowChild>(path);
    const auto parent = std::make_shared<WindowOfParent>(here);
    const auto child = std::make_shared<WindowOfChild>(there);
    Must(std::move(ends.first).Bind(parent, io.get_executor(), OptionsFor(path)));
    Must(std::move(ends.second).Bind(child, io.get_executor(), OptionsFor(path)));
    const auto tab = std::make_shared<TabOfParent>(here);
    Must(Construct(*parent, tab));
    Must(tab->SendPFrameConstructor(std::make_shared<FrameOfParent>(here), 1));
    tab->SendAsk(0, [tab](error_code, std::uint32_t) {});  // holds itself
    while (child->tabs().empty() && io.run_one() > 0) {
    }
    auto endpoint = Must(parent->OpenPTabEndpoint(std::make_shared<TabOfParent>(here)));
    gone = tab;
  }
  CHECK(gone.expired());
  CHECK(here.ended.empty());
}

TEST_CASE("what ActorDestroy throws ends the channel and leaves run(), and the others are told") {
  const Guarded guarded;
  Branch branch(Path::kRing);
  branch.pair.alone_here = -1;
  branch.pair.there.at = [&](const std::string& where, Actor& actor) {
    if (where == "ActorDestroy" && &actor == branch.inner_there.get()) throw 42;
  };
  Must(branch.inner->Send__delete__());
  CHECK_THROWS_AS(branch.pair.RunToTheEnd(), int);
  branch.pair.RunToTheEnd();
  CHECK(branch.pair.there.destroyed.size() == 4);
  CHECK(branch.pair.here.destroyed.size() == 4);
}

}  // namespace
}  // namespace baton::testing
