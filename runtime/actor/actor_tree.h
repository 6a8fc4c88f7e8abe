// The managed actors of one channel: their ids, who manages whom, and who has yet to hear that it
// has ended. The top-level actor is not in it; it stands in as a manager.
//
//   top-level (id 0)
//    +- window 2            manager, first_managed, next, previous: Actor::place_
//    |   +- tab 4
//    |   +- tab 5           an index by id beside it: one look-up per message
//    +- window 3
//
// Ids. Each side numbers the actors that it makes: 2, 4, 6 ... the parent, 3, 5, 7 ... the child.
// The numbers go up by one step each time, so that what has ever been is told from what has never
// been by one comparison, and none is used twice.
//
// Ends. Remove takes an actor and all below it out, managees before managers, and keeps them in
// `ended` until their ActorDestroy runs. Of the latest kRemembered of them the tree knows how to
// take a message apart that comes too late, so that memory and endpoints in it are not lost.
//
// Unbound. Where the peer has opened an endpoint, an id exists whose actor does not: messages for
// it, and for all that is made below it meanwhile, wait, at most kMaxWaiting bytes for each
// endpoint and a few times that for all of them.
//
// Not thread-safe; knows nothing about frames' bytes or about sending.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include <baton/actor.h>

#include "runtime/channel/held_frame.h"

namespace baton::internal {

// Actors of one side's making that may be alive on a channel. Both sides know it: whoever makes one
// counts it until it knows that it has gone, so an honest peer never has more.
inline constexpr std::size_t kMaxManagedActors = 65'536;

// Bytes and frames that wait for one endpoint to be bound; for all of a channel, that many
// times 16.
inline constexpr std::size_t kMaxWaitingBytes = std::size_t{64} << 10;
inline constexpr std::size_t kMaxWaitingFrames = 256;
inline constexpr std::size_t kMaxWaitingInAll = 16 * kMaxWaitingBytes;

class ActorTree {
 public:
  // Ends that the late messages of are still taken apart.
  static constexpr std::size_t kRemembered = 4096;

  void SetSide(Side side);

  // --- Ids ------------------------------------------------------------------------------------
  // The id of the next actor that this side makes; nothing when it may not make more.
  std::optional<std::uint32_t> NextId() const;
  // Whether the peer may use it for a new one now.
  bool IsNextOfPeer(std::uint64_t id) const;
  bool IsOfPeer(std::uint32_t id) const { return id % kStep == last_of_peer_ % kStep; }
  // Whether there is, or ever was, an actor of that id.
  bool Existed(std::uint32_t id) const;
  // Takes an id that IsNextOfPeer into use.
  void CountPeerId() { last_of_peer_ += kStep; }
  // Of the peer's making, those that count against kMaxManagedActors.
  std::size_t of_peer() const { return of_peer_ + unbound_.size() + below_unbound_.size(); }

  // --- Actors ---------------------------------------------------------------------------------
  // Makes `actor` the youngest managed one of `manager`. The id is NextId(), or one of the peer's.
  void Add(std::uint32_t id, std::shared_ptr<Actor> actor, Actor& manager);
  // Null when there is none.
  Actor* Find(std::uint32_t id) const;
  bool empty() const { return actors_.empty(); }

  struct Ended {
    std::shared_ptr<Actor> actor;
    ActorDestroyReason reason;
  };
  // Takes `root` and all that it manages out, and unbound endpoints with them. Their ActorDestroy
  // has `reason` for the root and kAncestorDeletion below it, or `below` where that is given.
  void Remove(Actor& root, ActorDestroyReason reason,
              ActorDestroyReason below = ActorDestroyReason::kAncestorDeletion);
  // The same for all that `top` manages.
  void RemoveAll(Actor& top, ActorDestroyReason reason);
  // The next whose ActorDestroy is to run; nothing when there is none.
  std::optional<Ended> TakeEnded();
  bool has_ended() const { return !ended_.empty(); }
  // Lets go of everything without a word.
  void Abandon();

  // How to take a message apart for an actor that has gone; null when that is too long ago.
  DispatchFunction Remembered(std::uint32_t id) const;

  // --- Farewells ------------------------------------------------------------------------------
  // What the peer has yet to hear: this actor has ended, or has never come to be.
  struct Farewell {
    std::uint32_t id;
    ActorDestroyReason reason;
  };
  void SayFarewell(std::uint32_t id, ActorDestroyReason reason);
  bool has_farewells() const { return !farewells_.empty(); }
  std::optional<Farewell> TakeFarewell();

  // --- Unbound endpoints of the peer's
  // -------------------------------------------------------------
  struct Unbound {
    std::uint32_t manager;
    std::uint64_t protocol;
    bool is_given = false;  // a ManagedEndpoint for it has arrived
    std::deque<HeldFrame> waiting = {};
    std::size_t bytes = 0;
  };
  void AddUnbound(std::uint32_t id, std::uint32_t manager, std::uint64_t protocol);
  Unbound* FindUnbound(std::uint32_t id);
  // The endpoint that frames for `id` wait for: itself, or one above it; 0 for none.
  std::uint32_t WaitsFor(std::uint32_t id) const;
  // `id` has been made below the endpoint `unbound`, as far as anybody knows.
  void AddBelow(std::uint32_t id, std::uint32_t unbound) { below_unbound_.emplace(id, unbound); }
  void ForgetBelow(std::uint32_t id) { below_unbound_.erase(id); }
  // Keeps the frame until `unbound` is bound. False when there is no room.
  bool Wait(std::uint32_t unbound, Frame& frame);
  // Takes the endpoint out, and what waits for it.
  std::deque<HeldFrame> RemoveUnbound(std::uint32_t id);
  // What waited for endpoints whose manager has gone.
  std::vector<HeldFrame> TakeLost() { return std::exchange(lost_, {}); }

 private:
  static constexpr std::uint32_t kStep = 2;

  static void Unlink(Actor& actor);
  void TakeOut(Actor& actor, ActorDestroyReason reason);
  void RemoveUnboundOf(std::uint32_t manager);

  std::unordered_map<std::uint32_t, std::shared_ptr<Actor>> actors_;
  std::uint32_t last_own_ = 0;
  std::uint32_t last_of_peer_ = 1;
  std::size_t own_ = 0;
  std::size_t of_peer_ = 0;
  std::list<Ended> ended_;
  std::list<Farewell> farewells_;
  std::vector<std::pair<std::uint32_t, DispatchFunction>> remembered_;  // a ring
  std::size_t next_remembered_ = 0;
  std::unordered_map<std::uint32_t, Unbound> unbound_;
  std::unordered_map<std::uint32_t, std::uint32_t> below_unbound_;
  std::size_t waiting_bytes_ = 0;
  std::vector<HeldFrame> lost_;
};

}  // namespace baton::internal
