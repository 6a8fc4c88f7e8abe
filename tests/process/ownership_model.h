// Who owns each piece of shared memory between two sides, as it should be: a model without memory,
// processes or channels, which a test compares with the real thing.
//
// At each moment a piece of safe memory is in exactly one place (Where). What becomes of it when a
// channel ends is in one function, OwnershipModel::WhenEnded.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <baton/shmem.h>
#include <baton/shmem_store.h>

namespace baton::testing {

// 0 is the parent, 1 the child.
constexpr int Other(int side) {
  return 1 - side;
}

enum class Where : std::uint8_t {
  kAtParent,
  kAtChild,
  kToParent,
  kToChild,
  kInStoreOfParent,  // it has come back, and nobody has taken it out of there
  kInStoreOfChild,
  kInPoolOfParent,  // freed; its maker gives it out again
  kInPoolOfChild,
  kBackToParent,  // freed by the other side, which still maps it; its maker has not heard of that
  kBackToChild,
  kGone,
};

constexpr Where At(int side) {
  return side == 0 ? Where::kAtParent : Where::kAtChild;
}
constexpr Where To(int side) {
  return side == 0 ? Where::kToParent : Where::kToChild;
}
constexpr Where InStoreOf(int side) {
  return side == 0 ? Where::kInStoreOfParent : Where::kInStoreOfChild;
}
constexpr Where InPoolOf(int side) {
  return side == 0 ? Where::kInPoolOfParent : Where::kInPoolOfChild;
}
constexpr Where BackTo(int side) {
  return side == 0 ? Where::kBackToParent : Where::kBackToChild;
}

// Of one side of the channel.
enum class End : std::uint8_t { kOpen, kClosing, kEnded };

struct Piece {
  std::uint64_t size = 0;
  Where where = Where::kGone;
  std::uint8_t stamp = 0;          // what its owner has written into all of it
  std::uint64_t transfers = 0;     // how often it has been sent
  int channel = 0;                 // that it was made for, or attached to last; 0: it is of none
  int maker = 0;                   // the side
  bool is_revoked = false;         // in the pool: it has come back, and is granted when it is used
  std::array<bool, 2> known = {};  // the side's table has it, so it is mapped there
  // The side's store keeps it, revoked, until the peer's process has ended; whose it is meanwhile
  // is in `where`.
  std::array<bool, 2> orphaned = {};
  // What a side's store may say of it, now or when the peer dies.
  std::array<std::set<HowReturned>, 2> comes_back_as;
};

// Unsafe memory: handles at each side.
struct Shared {
  std::uint8_t stamp = 0;
  std::array<int, 2> handles = {};
  int channel = 0;
};

struct Sent {
  std::vector<ShmemId> pieces;
  std::uint64_t number = 0;  // of the message
  bool is_slice = false;     // of the only piece
  bool is_shared = false;    // an unsafe piece
  bool is_refused = false;   // the receiver had no room for all of it, and has let go of it
  std::set<ShmemId> is_new;  // what the receiver's channel did not know: it is mapped anew
  int ended_orphans = 0;     // of those, what its store had as an orphan
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

// Memory that one side has freed, and the other hears of.
struct Release {
  ShmemId id;
  bool keeps_mapping = false;  // it goes back to its maker's pool
};

class OwnershipModel {
 public:
  // `most_known`: ChannelOptions::max_shmem_count, of safe memory. `has_stores`: both sides have a
  // store each. `has_pools`: a pool each, in which there is always room; not with stores.
  OwnershipModel(std::size_t most_known, bool has_stores, bool has_pools)
      : most_known_(most_known), has_stores_(has_stores), has_pools_(has_pools) {}

  // --- What the sides do ----------------------------------------------------------------------
  void Begin() {
    ++channel_;
    ends_ = {End::kOpen, End::kOpen};
    has_heard_goodbye_ = {};
    sent_ = {};
    releases_ = {};
    pools_ = {};
  }

  void Allocated(int side, ShmemId id, std::uint64_t size) {
    Piece& piece = pieces_[id];
    piece.size = size;
    piece.where = At(side);
    piece.channel = channel_;
    piece.maker = side;
    piece.known[static_cast<std::size_t>(side)] = true;
  }

  // The peer hears of it when it knows the memory.
  void Freed(int side, ShmemId id);

  void Left(int side, Sent message);

  void AllocatedShared(int side, ShmemId id) { shared_[id] = {0, OneHandle(side), channel_}; }

  void Closed(int side, bool everything_leaves) {
    if (end(side) != End::kOpen) return;
    SetEnd(side, End::kClosing);
    if (everything_leaves) Drained(side);
  }

  // All that waited in a side that was closing has left. It ends, unless it has to hear what the
  // peer has taken.
  void Drained(int side) {
    if (end(side) != End::kClosing) return;
    if (HasHeardGoodbye(side) || !HasTheirs(side)) WhenEnded(side);
  }

  void Cut() {
    for (const int side : {0, 1}) {
      if (end(side) != End::kEnded) WhenEnded(side);
    }
    sent_ = {};
  }

  // --- What arrives, in the order in which it was sent ------------------------------------------
  // Whoever has closed dispatches nothing any more. A message for which there is no room is
  // dropped, with all that it brought, and the sender hears of that.
  Sent MessageArrives(int from);

  void ReleaseArrives(int from);

  // Whoever hears it answers, and ends when that has left; to who has said it first it is the
  // answer.
  void GoodbyeArrives(int from, bool everything_leaves) {
    const int side = Other(from);
    if (end(side) == End::kEnded) return;
    const bool is_answer = end(side) == End::kClosing;
    has_heard_goodbye_[static_cast<std::size_t>(side)] = true;
    SetEnd(side, End::kClosing);
    if (is_answer || everything_leaves) WhenEnded(side);
  }

  // --- Pools -------------------------------------------------------------------------------------
  // What an allocation finds there; nothing when it finds none, and makes new memory.
  std::optional<ShmemId> InPoolFor(int side, std::uint64_t size) const;
  void Recycled(int side, ShmemId id, std::uint64_t size);
  // Those that have been there longest are let go of.
  void Trimmed(int side, std::size_t count);
  std::size_t pooled(int side) const { return pools_[static_cast<std::size_t>(side)].size(); }
  bool has_pools() const { return has_pools_; }

  // --- Stores and what comes after a channel (ownership_survival.cc) ----------------------------
  // The process of `side` has ended, after both had lost their channel.
  void Died(int side);

  void TakenOut(int side, ShmemId id) { pieces_.at(id).where = At(side); }
  void Attached(ShmemId id) {
    pieces_.at(id).channel = channel_;
    pieces_.at(id).transfers = 0;
  }
  std::size_t LetsGoOfOrphans(int side);

  std::set<ShmemId> InStore(int side) const;
  std::size_t orphans(int side) const;
  // The peer has, or may have, memory that would go to the store of `side`.
  bool HasTheirs(int side) const;
  // It waits for the peer's last words, which nothing but time makes unneeded: a RELEASE, say.
  bool MayEnd(int side) const { return end(side) == End::kClosing && !HasTheirs(side); }
  bool has_stores() const { return has_stores_; }

  // --- What is so -------------------------------------------------------------------------------
  std::map<ShmemId, Piece>& pieces() { return pieces_; }
  std::map<ShmemId, Shared>& shared() { return shared_; }
  End end(int side) const { return ends_[static_cast<std::size_t>(side)]; }
  bool has_ended() const { return end(0) == End::kEnded && end(1) == End::kEnded; }
  int channel() const { return channel_; }

  // Whether the side may have one more piece of this channel.
  bool HasRoom(int side) const;

  std::size_t in_flight(int from) const { return sent_[static_cast<std::size_t>(from)].size(); }

  // Of safe memory that is mapped somewhere.
  std::set<ShmemId> Known() const;

 private:
  // `side` has no channel any more: what becomes of the memory. What it owns it keeps. The rest it
  // lets go of, or leaves to its store: in good order what it had sent and the peer has not taken,
  // else all of it.
  void WhenEnded(int side);

  void ComesBack(Piece& piece, int side);

  // False: it is unmapped.
  bool Pooled(int side, ShmemId id);
  void PutIntoPool(int side, ShmemId id, bool is_revoked);
  void Tell(int side, ShmemId id, bool keeps_mapping);

  bool HasHeardGoodbye(int side) const {
    return has_heard_goodbye_[static_cast<std::size_t>(side)];
  }
  static std::array<int, 2> OneHandle(int side) {
    return side == 0 ? std::array{1, 0} : std::array{0, 1};
  }
  void SetEnd(int side, End end) { ends_[static_cast<std::size_t>(side)] = end; }
  std::deque<Sent>& Messages(int from) { return sent_[static_cast<std::size_t>(from)]; }
  std::deque<Release>& Releases(int from) { return releases_[static_cast<std::size_t>(from)]; }

  const std::size_t most_known_;
  const bool has_stores_;
  const bool has_pools_;
  std::map<ShmemId, Piece> pieces_;
  std::map<ShmemId, Shared> shared_;
  std::array<std::deque<Sent>, 2> sent_;         // by who sends
  std::array<std::deque<Release>, 2> releases_;  // the same
  std::array<std::vector<ShmemId>, 2> pools_;    // in the order in which they came there
  std::array<End, 2> ends_ = {End::kEnded, End::kEnded};
  std::array<bool, 2> has_heard_goodbye_ = {};
  int channel_ = 0;
};

}  // namespace baton::testing
