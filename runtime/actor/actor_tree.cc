#include "runtime/actor/actor_tree.h"

#include <algorithm>
#include <iterator>

#include <baton/base/check.h>

namespace baton::internal {
namespace {

constexpr std::uint32_t kLargestId = 0xffff'fff0;

}  // namespace

void ActorTree::SetSide(Side side) {
  last_own_ = side == Side::kParent ? 0 : 1;
  last_of_peer_ = side == Side::kParent ? 1 : 0;
}

// --- Ids -----------------------------------------------------------------------------------------

std::optional<std::uint32_t> ActorTree::NextId() const {
  if (own_ >= kMaxManagedActors || last_own_ >= kLargestId) return std::nullopt;
  return last_own_ + kStep;
}

bool ActorTree::IsNextOfPeer(std::uint64_t id) const {
  return id == std::uint64_t{last_of_peer_} + kStep && last_of_peer_ < kLargestId;
}

bool ActorTree::Existed(std::uint32_t id) const {
  return id >= kStep && id <= (IsOfPeer(id) ? last_of_peer_ : last_own_);
}

// --- Actors --------------------------------------------------------------------------------------

void ActorTree::Add(std::uint32_t id, std::shared_ptr<Actor> actor, Actor& manager) {
  if (IsOfPeer(id)) {
    ++of_peer_;
  } else {
    last_own_ = id;
    ++own_;
  }
  Actor::Place& place = actor->place_;
  place = {id, &manager};
  Actor*& first = manager.place_.first_managed;
  if (first == nullptr) {
    first = actor.get();
    place.previous = actor.get();
  } else {
    place.previous = first->place_.previous;
    place.previous->place_.next = actor.get();
    first->place_.previous = actor.get();
  }
  actors_.emplace(id, std::move(actor));
}

Actor* ActorTree::Find(std::uint32_t id) const {
  const auto found = actors_.find(id);
  return found == actors_.end() ? nullptr : found->second.get();
}

void ActorTree::Unlink(Actor& actor) {
  const Actor::Place place = actor.place_;
  Actor*& first = place.manager->place_.first_managed;
  if (first == &actor) {
    first = place.next;
  } else {
    place.previous->place_.next = place.next;
  }
  if (place.next != nullptr) {
    place.next->place_.previous = place.previous;
  } else if (first != nullptr) {
    first->place_.previous = place.previous;
  }
  actor.place_ = {place.id};
}

void ActorTree::TakeOut(Actor& actor, ActorDestroyReason reason) {
  const std::uint32_t id = actor.place_.id;
  auto node = actors_.extract(id);
  BATON_CHECK(!node.empty());
  Unlink(actor);
  RemoveUnboundOf(id);
  --(IsOfPeer(id) ? of_peer_ : own_);
  if (remembered_.size() < kRemembered) {
    remembered_.emplace_back(id, actor.dispatch_);
  } else {
    remembered_[next_remembered_] = {id, actor.dispatch_};
  }
  next_remembered_ = (next_remembered_ + 1) % kRemembered;
  actor.channel_ = nullptr;
  ended_.push_back({std::move(node.mapped()), reason});
}

// Without recursion: a peer may have made a tree of any depth.
void ActorTree::Remove(Actor& root, ActorDestroyReason reason, ActorDestroyReason below) {
  for (Actor* at = &root;;) {
    while (at->place_.first_managed != nullptr) at = at->place_.first_managed;
    Actor* const manager = at->place_.manager;
    TakeOut(*at, at == &root ? reason : below);
    if (at == &root) return;
    at = manager;
  }
}

void ActorTree::RemoveAll(Actor& top, ActorDestroyReason reason) {
  while (top.place_.first_managed != nullptr) {
    Remove(*top.place_.first_managed, reason, reason);
  }
}

std::optional<ActorTree::Ended> ActorTree::TakeEnded() {
  if (ended_.empty()) return std::nullopt;
  Ended ended = std::move(ended_.front());
  ended_.pop_front();
  return ended;
}

void ActorTree::Abandon() {
  const auto actors = std::exchange(actors_, {});
  const auto ended = std::exchange(ended_, {});
  for (const auto& [id, actor] : actors) {
    if (actor->place_.manager != nullptr) actor->place_.manager->place_.first_managed = nullptr;
    actor->place_ = {id};
  }
  for (const auto& [id, actor] : actors) actor->channel_ = nullptr;
  farewells_.clear();
  unbound_.clear();
  below_unbound_.clear();
  lost_.clear();
}

DispatchFunction ActorTree::Remembered(std::uint32_t id) const {
  const auto found = std::find_if(remembered_.rbegin(), remembered_.rend(),
                                  [&](const auto& one) { return one.first == id; });
  return found == remembered_.rend() ? nullptr : found->second;
}

// --- Farewells -----------------------------------------------------------------------------------

void ActorTree::SayFarewell(std::uint32_t id, ActorDestroyReason reason) {
  farewells_.push_back({id, reason});
  if (IsOfPeer(id)) ++of_peer_;
}

std::optional<ActorTree::Farewell> ActorTree::TakeFarewell() {
  if (farewells_.empty()) return std::nullopt;
  const Farewell farewell = farewells_.front();
  farewells_.pop_front();
  if (IsOfPeer(farewell.id)) --of_peer_;
  return farewell;
}

// --- Unbound endpoints ---------------------------------------------------------------------------

void ActorTree::AddUnbound(std::uint32_t id, std::uint32_t manager, std::uint64_t protocol) {
  unbound_.emplace(id, Unbound{manager, protocol});
}

ActorTree::Unbound* ActorTree::FindUnbound(std::uint32_t id) {
  const auto found = unbound_.find(id);
  return found == unbound_.end() ? nullptr : &found->second;
}

std::uint32_t ActorTree::WaitsFor(std::uint32_t id) const {
  if (unbound_.empty()) return 0;
  if (unbound_.contains(id)) return id;
  const auto below = below_unbound_.find(id);
  return below == below_unbound_.end() ? 0 : below->second;
}

bool ActorTree::Wait(std::uint32_t unbound, Frame& frame) {
  Unbound& endpoint = unbound_.at(unbound);
  const std::size_t handles = frame.handles.size() + (frame.carried.bytes().empty() ? 0 : 1);
  const std::size_t bytes = kFrameHeaderSize + frame.payload.size() + handles * 1024;
  if (endpoint.waiting.size() >= kMaxWaitingFrames || endpoint.bytes + bytes > kMaxWaitingBytes ||
      waiting_bytes_ + bytes > kMaxWaitingInAll) {
    return false;
  }
  HeldFrame held(std::move(frame));
  held.frame().has_waited = true;
  endpoint.waiting.push_back(std::move(held));
  endpoint.bytes += bytes;
  waiting_bytes_ += bytes;
  return true;
}

std::deque<HeldFrame> ActorTree::RemoveUnbound(std::uint32_t id) {
  const auto node = unbound_.extract(id);
  if (node.empty()) return {};
  waiting_bytes_ -= node.mapped().bytes;
  std::erase_if(below_unbound_, [&](const auto& below) { return below.second == id; });
  return std::move(node.mapped().waiting);
}

void ActorTree::RemoveUnboundOf(std::uint32_t manager) {
  if (unbound_.empty()) return;
  std::vector<std::uint32_t> ids;
  for (const auto& [id, unbound] : unbound_) {
    if (unbound.manager == manager) ids.push_back(id);
  }
  for (const std::uint32_t id : ids) {
    auto waiting = RemoveUnbound(id);
    std::ranges::move(waiting, std::back_inserter(lost_));
  }
}

}  // namespace baton::internal
