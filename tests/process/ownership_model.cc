#include "tests/process/ownership_model.h"

#include <algorithm>
#include <utility>

#include "runtime/shmem/size_class.h"

namespace baton::testing {

using internal::SizeClassFor;

void OwnershipModel::Freed(int side, ShmemId id) {
  if (Pooled(side, id)) return;
  Piece& piece = pieces_.at(id);
  piece.where = Where::kGone;
  piece.known[static_cast<std::size_t>(side)] = false;
  if (piece.transfers > 0) Tell(side, id, false);
}

void OwnershipModel::Tell(int side, ShmemId id, bool keeps_mapping) {
  const bool is_told = pieces_.at(id).channel == channel_ && end(side) == End::kOpen;
  if (is_told) Releases(side).push_back({id, keeps_mapping});
}

void OwnershipModel::ReleaseArrives(int from) {
  const Release release = Releases(from).front();
  Releases(from).pop_front();
  const int side = Other(from);
  if (end(side) == End::kEnded) return;
  if (release.keeps_mapping) return PutIntoPool(side, release.id, true);
  pieces_.at(release.id).known[static_cast<std::size_t>(side)] = false;
}

void OwnershipModel::Left(int side, Sent message) {
  if (!message.is_shared) {
    for (const ShmemId& id : message.pieces) {
      Piece& piece = pieces_.at(id);
      piece.where = To(Other(side));
      ++piece.transfers;
    }
  }
  Messages(side).push_back(std::move(message));
}

Sent OwnershipModel::MessageArrives(int from) {
  Sent message = std::move(Messages(from).front());
  Messages(from).pop_front();
  const int side = Other(from);
  const bool is_dropped = end(side) != End::kOpen;
  std::vector<ShmemId> refused;
  std::vector<ShmemId> arrived;
  for (const ShmemId& id : message.pieces) {
    if (message.is_shared) {
      if (!is_dropped) ++shared_.at(id).handles[static_cast<std::size_t>(side)];
      continue;
    }
    if (is_dropped) continue;  // it stays under way, until its sender has ended
    Piece& piece = pieces_.at(id);
    piece.where = At(side);
    bool& is_known = piece.known[static_cast<std::size_t>(side)];
    const bool has_room = is_known || HasRoom(side);
    if (!is_known) message.is_new.insert(id);
    is_known = has_room;
    bool& is_orphaned = piece.orphaned[static_cast<std::size_t>(side)];
    if (has_room && std::exchange(is_orphaned, false)) ++message.ended_orphans;
    (has_room ? arrived : refused).push_back(id);
  }
  message.is_refused = !refused.empty();
  for (const ShmemId& id : refused) Freed(side, id);
  for (const ShmemId& id : arrived) {
    if (message.is_refused) Freed(side, id);
  }
  return message;
}

// --- Pools ---------------------------------------------------------------------------------------

// Where the channel has ended nothing is kept.
bool OwnershipModel::Pooled(int side, ShmemId id) {
  Piece& piece = pieces_.at(id);
  if (!has_pools_ || piece.channel != channel_ || end(side) == End::kEnded) return false;
  if (piece.maker == side) {
    PutIntoPool(side, id, false);
    return true;
  }
  piece.where = BackTo(piece.maker);
  ++piece.transfers;
  Tell(side, id, true);
  return true;
}

void OwnershipModel::PutIntoPool(int side, ShmemId id, bool is_revoked) {
  Piece& piece = pieces_.at(id);
  piece.where = InPoolOf(side);
  piece.is_revoked = is_revoked;
  pools_[static_cast<std::size_t>(side)].push_back(id);
}

// The last one of its size class.
std::optional<ShmemId> OwnershipModel::InPoolFor(int side, std::uint64_t size) const {
  const auto& pool = pools_[static_cast<std::size_t>(side)];
  const auto found = std::find_if(pool.rbegin(), pool.rend(), [&](const ShmemId& id) {
    return SizeClassFor(pieces_.at(id).size) == SizeClassFor(size);
  });
  return found == pool.rend() ? std::nullopt : std::optional(*found);
}

void OwnershipModel::Recycled(int side, ShmemId id, std::uint64_t size) {
  std::erase(pools_[static_cast<std::size_t>(side)], id);
  Allocated(side, id, size);
}

// The peer, if it knows them, hears of it class by class.
void OwnershipModel::Trimmed(int side, std::size_t count) {
  auto& pool = pools_[static_cast<std::size_t>(side)];
  const auto end = pool.begin() + static_cast<std::ptrdiff_t>(count);
  std::vector<ShmemId> trimmed(pool.begin(), end);
  pool.erase(pool.begin(), end);
  std::ranges::stable_sort(trimmed, {},
                           [&](const ShmemId& id) { return SizeClassFor(pieces_.at(id).size); });
  for (const ShmemId& id : trimmed) {
    Piece& piece = pieces_.at(id);
    piece.where = Where::kGone;
    piece.known[static_cast<std::size_t>(side)] = false;
    if (piece.transfers > 0) Tell(side, id, false);
  }
}

// --- Stores and what comes after a channel -------------------------------------------------------

void OwnershipModel::Died(int side) {
  const auto dead = static_cast<std::size_t>(side);
  const auto survivor = static_cast<std::size_t>(Other(side));
  for (auto& [id, piece] : pieces_) {
    if (piece.where == At(side) || piece.where == InStoreOf(side)) piece.where = Where::kGone;
    piece.known[dead] = piece.orphaned[dead] = false;
    if (!piece.orphaned[survivor]) continue;
    piece.orphaned[survivor] = false;
    ComesBack(piece, Other(side));
  }
  for (auto& [id, shared] : shared_) shared.handles[dead] = 0;
}

std::size_t OwnershipModel::LetsGoOfOrphans(int side) {
  std::size_t count = 0;
  for (auto& [id, piece] : pieces_) {
    bool& is_orphaned = piece.orphaned[static_cast<std::size_t>(side)];
    count += is_orphaned ? 1 : 0;
    is_orphaned = false;
  }
  return count;
}

std::set<ShmemId> OwnershipModel::InStore(int side) const {
  std::set<ShmemId> returned;
  for (const auto& [id, piece] : pieces_) {
    if (piece.where == InStoreOf(side)) returned.insert(id);
  }
  return returned;
}

std::size_t OwnershipModel::orphans(int side) const {
  const auto is_orphan = [side](const auto& entry) {
    return entry.second.orphaned[static_cast<std::size_t>(side)];
  };
  return static_cast<std::size_t>(std::count_if(pieces_.begin(), pieces_.end(), is_orphan));
}

bool OwnershipModel::HasTheirs(int side) const {
  return has_stores_ && std::any_of(pieces_.begin(), pieces_.end(), [&](const auto& entry) {
           const Piece& piece = entry.second;
           return piece.where != At(side) && piece.where != InStoreOf(side) &&
                  piece.known[static_cast<std::size_t>(side)];
         });
}

bool OwnershipModel::HasRoom(int side) const {
  const auto counts = [&](const auto& entry) {
    return entry.second.channel == channel_ && entry.second.known[static_cast<std::size_t>(side)];
  };
  const auto known = std::count_if(pieces_.begin(), pieces_.end(), counts);
  return static_cast<std::size_t>(known) < most_known_;
}

std::set<ShmemId> OwnershipModel::Known() const {
  std::set<ShmemId> known;
  for (const auto& [id, piece] : pieces_) {
    const bool is_known = piece.known[0] || piece.known[1];
    if (is_known || piece.orphaned[0] || piece.orphaned[1]) known.insert(id);
  }
  return known;
}

void OwnershipModel::WhenEnded(int side) {
  SetEnd(side, End::kEnded);
  const bool was_last = end(Other(side)) == End::kEnded;
  const bool is_in_order = HasHeardGoodbye(side);
  for (auto& [id, piece] : pieces_) {
    if (piece.where == At(side) || piece.where == InStoreOf(side)) continue;
    bool& is_known = piece.known[static_cast<std::size_t>(side)];
    const bool is_left = std::exchange(is_known, false) && has_stores_;
    const bool is_untaken = piece.where == To(Other(side));
    if (is_left && is_in_order && is_untaken) {
      piece.comes_back_as[static_cast<std::size_t>(side)] = {HowReturned::kUndelivered};
      ComesBack(piece, side);
      continue;
    }
    if (is_left && !is_in_order) {
      piece.orphaned[static_cast<std::size_t>(side)] = true;
      auto& comes_back_as = piece.comes_back_as[static_cast<std::size_t>(side)];
      comes_back_as = {HowReturned::kMaybeSeen};  // also where the peer could not say it
      if (!is_untaken) comes_back_as.insert(HowReturned::kRecovered);
    }
    const bool is_under_way = is_untaken || piece.where == To(side) ||
                              piece.where == BackTo(side) || piece.where == BackTo(Other(side));
    if ((was_last && is_under_way) || piece.where == InPoolOf(side)) piece.where = Where::kGone;
  }
  pools_[static_cast<std::size_t>(side)].clear();
  Messages(Other(side)).clear();
  if (was_last) Messages(side).clear();
}

void OwnershipModel::ComesBack(Piece& piece, int side) {
  piece.where = InStoreOf(side);
  piece.known[static_cast<std::size_t>(side)] = true;
  piece.channel = 0;
}

}  // namespace baton::testing
