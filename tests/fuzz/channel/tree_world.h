// What the actors of a victim's tree know of one another, and what must be true of all of them.
//
// Every actor is told of its end exactly once, after all that it manages; nobody hears anything
// after that, nor once it or one above it has been deleted here. Handlers take what they do from
// the script: one byte each, a deed (TreeActor::Act).
#pragma once

#include <cstdint>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include <baton/base/check.h>
#include <baton/baton.h>

#include "tests/fuzz/channel/world.h"
#include "treeChild.h"

namespace baton::fuzz {

class DoesDeeds {
 public:
  virtual ~DoesDeeds() = default;
  virtual void Act(std::uint8_t deed) = 0;
  virtual void ActAsWindow(std::uint8_t) {}  // what only a window can do
};

class TreeWorld final : public World {
 public:
  using World::World;

  DoesDeeds* window = nullptr;  // until its ActorDestroy
  bool has_closed = false;
  std::vector<ManagedEndpoint<::testing::PTabChild>> received;
  std::vector<ManagedEndpoint<::testing::PTabParent>> opened;
  std::vector<::testing::PTabChild::AskReplier> questions;

  void LetGo() override {
    World::LetGo();
    const auto dropped = std::make_tuple(std::exchange(received, {}), std::exchange(opened, {}),
                                         std::exchange(questions, {}));
  }

  void Bound(std::uint32_t id, std::uint32_t manager, TreeKind kind, DoesDeeds& deeds) {
    CheckSpokenTo(manager);
    BATON_CHECK(id != 0 && living_.emplace(id, Place{manager, &deeds}).second);
    if (manager != 0) ++living_.at(manager).managed;
    if (id % 2 == 1) made[static_cast<std::size_t>(kind)].push_back(id);
  }
  void Deleted(std::uint32_t id) { living_.at(id).is_deleted = true; }
  void Destroyed(std::uint32_t id) {
    const auto found = living_.find(id);
    BATON_CHECK(found != living_.end() && found->second.managed == 0);
    const std::uint32_t manager = found->second.manager;
    if (manager != 0) --living_.at(manager).managed;
    living_.erase(found);
  }
  void WindowDestroyed() {
    BATON_CHECK(living_.empty());
    window = nullptr;
  }
  // A handler of `id` runs, or it got a managee: it is alive as far as this side knows.
  void CheckSpokenTo(std::uint32_t id) const {
    BATON_CHECK(window != nullptr && !has_closed);
    while (id != 0) {
      const Place& place = living_.at(id);
      BATON_CHECK(!place.is_deleted);
      id = place.manager;
    }
  }
  // The one that is `back` from the youngest; null when there are not so many.
  DoesDeeds* Youngest(std::size_t back) const {
    auto at = living_.rbegin();
    for (; back > 0 && at != living_.rend(); --back) ++at;
    return at == living_.rend() ? nullptr : at->second.deeds;
  }

 private:
  struct Place {
    std::uint32_t manager;
    DoesDeeds* deeds;
    int managed = 0;
    bool is_deleted = false;
  };

  std::map<std::uint32_t, Place> living_;  // until their ActorDestroy
};

}  // namespace baton::fuzz
