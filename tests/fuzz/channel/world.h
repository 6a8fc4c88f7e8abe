// What one victim's actors have in common, whatever protocol they speak: what became of them, what
// a liar can know of them, and what they do in their handlers, which the script says: one byte
// each.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <baton/baton.h>

#include "tests/fuzz/channel/victim.h"

namespace baton::fuzz {

// How often each handler ran, and each way to wait was taken, in all inputs of this process.
using Counts = std::map<std::string, std::uint64_t, std::less<>>;
inline Counts& ReachedCounts() {
  static Counts counts;
  return counts;
}
inline void Reached(std::string_view what) {
  auto& counts = ReachedCounts();
  const auto found = counts.find(what);
  ++(found == counts.end() ? counts.emplace(what, 0).first : found)->second;
}

class World {
 public:
  explicit World(Outcome& of) : outcome(of) {}
  virtual ~World() = default;

  // Before the end: nothing is done any more, and nothing kept.
  virtual void LetGo() {
    deeds_.clear();
    const auto dropped = std::exchange(kept, {});
    const auto made_last = std::exchange(constructing, nullptr);
  }

  Outcome& outcome;
  int objects = 0;  // actors in memory
  // Of the victim's making, by kind, for the liar to name.
  std::array<std::vector<std::uint32_t>, kTreeKinds> made;
  // Questions to the liar: who asked what. The first one has the number 1.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> asked;
  // The last one that a sync constructor was sent for.
  std::shared_ptr<Actor> constructing;
  // What handlers were given, or have made, for later.
  std::vector<std::shared_ptr<Actor>> kept;
  // Inside of a handler: the script goes on, and the loop runs.
  std::function<void()> run_inside = [] {};

  void Plan(std::span<const std::byte> deeds) {
    for (const std::byte deed : deeds) deeds_.push_back(std::to_integer<std::uint8_t>(deed));
  }
  std::uint8_t NextDeed() {
    if (deeds_.empty()) return 0;
    const std::uint8_t deed = deeds_.front();
    deeds_.pop_front();
    return deed;
  }

 protected:
  std::deque<std::uint8_t> deeds_;
};

// Whether it has not ended, as every actor that a handler is given. That it can send is not said:
// what has come is still handled when nothing can be said to the peer any more.
template <class A>
bool HasNotEnded(const A& actor) {
  return actor.Manager() != nullptr;
}

// What the actors of all victims but echo's and the tree's are: told of their end exactly once, and
// of nothing after that. `Act` does what a byte says.
template <class Base, TreeKind kOwnKind>
class Fellow : public Base {
 public:
  static constexpr TreeKind kTreeKind = kOwnKind;

  explicit Fellow(World& of) : world(of) { ++world.objects; }
  ~Fellow() override {
    --world.objects;
    if (kTreeKind != TreeKind::kWindow) BATON_CHECK(is_destroyed_ == (this->actor_id() != 0));
  }

 protected:
  World& world;

  virtual void Act(std::uint8_t) {}

  // In every handler: anything may happen in it.
  Result<void> Heard(std::string_view what) {
    Reached(what);
    BATON_CHECK(!is_destroyed_);
    return Do(world.NextDeed(), 2);
  }
  template <class Made>
  void NoteMade(const Made& made) {
    if (made.actor_id() == 0) return;
    world.made[static_cast<std::size_t>(Made::kTreeKind)].push_back(made.actor_id());
  }
  void CloseNow() {
    world.outcome.closed_itself = true;
    this->Close();
  }

  void OnHandlerError(std::error_code) override { Act(world.NextDeed()); }
  void ActorDestroy(ActorDestroyReason reason) override {
    BATON_CHECK(!std::exchange(is_destroyed_, true) && !this->CanSend());
    if constexpr (kTreeKind == TreeKind::kWindow) {
      ++world.outcome.destroyed;
      world.outcome.reason = reason;
      world.outcome.error = this->close_error();
    }
    Act(world.NextDeed());
  }

 private:
  // The low half of a byte says what, the high half to which one, or how.
  Result<void> Do(std::uint8_t deed, int more) {
    switch (deed % 16) {
      case 15: return Fail(std::make_error_code(std::errc::not_supported));
      case 14: return this->PeerFault("the script says so");
      case 13: world.outcome.has_thrown = true; throw Thrown();
      case 12: CloseNow(); return {};
      case 11:
        Reached("the loop inside of a handler");
        world.run_inside();
        return {};
      case 10:
        if (more > 0) {
          const auto first = Do(world.NextDeed(), more - 1);
          const auto second = Do(world.NextDeed(), more - 1);
          return first ? second : first;
        }
        return {};
      default: Act(deed); return {};
    }
  }

  bool is_destroyed_ = false;
};

}  // namespace baton::fuzz
