// What outlives a handle: the pools. What outlives a channel: the stores of both sides, the death
// of the child, and the next channel.
#include <sys/eventfd.h>

#include <string>
#include <utility>

#include "tests/process/ownership_session.h"

namespace baton::testing {

// --- Pools ---------------------------------------------------------------------------------------

// What lies in the pool is what was freed, with what was in it.
void OwnershipSession::AllocateFromPool(int side, const ShmemId& expected, Shmem memory) {
  REQUIRE(memory.id() == expected);
  Piece& piece = model_.pieces().at(expected);
  REQUIRE(HoldsOnly(memory.bytes().first(1), piece.stamp));
  NoteAddress(side, expected, memory.bytes().data());
  Note(piece.is_revoked ? "allocates what has come back" : "allocates what it has freed");
  model_.Recycled(side, expected, memory.size());
  piece.stamp = static_cast<std::uint8_t>(Below(256));
  Stamp(memory.bytes(), piece.stamp);
  HandsOf(side).owned.emplace(expected, std::move(memory));
  Tell(Name(side) + " allocates from its pool");
}

void OwnershipSession::Trim(int side) {
  if (model_.end(side) != End::kOpen) return;
  if (model_.pooled(side) > 0) Note("trims");
  ActorOf(side).TrimShmem();
  model_.Trimmed(side, model_.pooled(side));
  trims_[static_cast<std::size_t>(side)] = ActorOf(side).statistics().pool_trims;
  Tell(Name(side) + " trims");
}

// Idle memory is let go of by a clock, whenever that is: those that have been there longest.
void OwnershipSession::ComparePool(int side) {
  if (!model_.has_pools() || model_.end(side) != End::kOpen) return;
  const ChannelStatistics statistics = ActorOf(side).statistics();
  std::uint64_t& trims = trims_[static_cast<std::size_t>(side)];
  const std::uint64_t idle = statistics.pool_trims - std::exchange(trims, statistics.pool_trims);
  REQUIRE(idle <= model_.pooled(side));
  model_.Trimmed(side, idle);
  REQUIRE(statistics.pooled_pieces == model_.pooled(side));
}

// --- Stores --------------------------------------------------------------------------------------

// A process for the child, and a store for each side: the child's has died with its last process.
void OwnershipSession::BeginLife() {
  death_ = platform::Handle(eventfd(0, EFD_CLOEXEC));
  REQUIRE(death_);
  for (auto& store : stores_) {
    if (store == nullptr) store = Must(ShmemStore::Create(io_.get_executor()));
  }
}

void OwnershipSession::StepOfStores(int side) {
  switch (Below(8)) {
    case 0:
    case 1: TakeReturned(side); break;
    case 2: ReattachAll(side); break;
    case 3:
    case 4:
    case 5: Attach(side); break;
    case 6:
      if (Below(4) == 0) LetGoOfOrphans(side);
      break;
    default:
      if (Below(4) == 0) ChildDies();
      break;
  }
}

void OwnershipSession::KeepReturned(int side, ReturnedShmem returned) {
  const ShmemId id = returned.memory.id();
  const Piece& piece = model_.pieces().at(id);
  CAPTURE(Name(side), id.high, static_cast<int>(returned.how));
  REQUIRE(piece.where == InStoreOf(side));
  REQUIRE(returned.memory.state() == ShmemState::kOwned);
  REQUIRE(returned.memory.size() == piece.size);
  REQUIRE(HoldsOnly(returned.memory.bytes(), piece.stamp));
  REQUIRE(returned.trust_label == 7);
  REQUIRE(returned.protocol == ownership::kProtocol.name);
  REQUIRE(piece.comes_back_as[static_cast<std::size_t>(side)].contains(returned.how));
  NoteAddress(side, id, returned.memory.bytes().data());
  switch (returned.how) {
    case HowReturned::kUndelivered:
      REQUIRE(returned.transfers == piece.transfers);
      Note("undelivered");
      break;
    case HowReturned::kMaybeSeen: Note("maybe seen"); break;
    case HowReturned::kRecovered: Note("recovered"); break;
  }
  model_.TakenOut(side, id);
  HandsOf(side).owned.emplace(id, std::move(returned.memory));
}

void OwnershipSession::TakeReturned(int side) {
  auto returned = stores_[static_cast<std::size_t>(side)]->TakeReturned();
  REQUIRE(returned.size() == model_.InStore(side).size());
  for (ReturnedShmem& one : returned) KeepReturned(side, std::move(one));
  Tell(Name(side) + " takes what has come back");
}

void OwnershipSession::ReattachAll(int side) {
  if (model_.end(side) != End::kOpen) return;
  const std::size_t there = model_.InStore(side).size();
  auto attached = stores_[static_cast<std::size_t>(side)]->ReattachAll(ActorOf(side));
  if (!attached) {
    REQUIRE(attached.error() == Errc::kOverQuota);
    REQUIRE_FALSE(model_.HasRoom(side));
    return;
  }
  REQUIRE(attached->size() <= there);
  for (ReturnedShmem& one : *attached) {
    const ShmemId id = one.memory.id();
    REQUIRE(model_.HasRoom(side));
    KeepReturned(side, std::move(one));
    model_.Attached(id);
    Note("attached at once");
  }
  if (attached->size() < there) REQUIRE_FALSE(model_.HasRoom(side));
  Tell(Name(side) + " attaches what has come back");
}

// Something of an earlier channel.
void OwnershipSession::Attach(int side) {
  for (auto& [id, memory] : HandsOf(side).owned) {
    if (model_.pieces().at(id).channel == model_.channel() || Below(2) == 0) continue;
    const auto attached = ActorOf(side).Attach(memory);
    REQUIRE(memory.state() == ShmemState::kOwned);
    if (model_.end(side) != End::kOpen) {
      REQUIRE(attached.error() == Errc::kClosed);
    } else if (!model_.HasRoom(side)) {
      REQUIRE(attached.error() == Errc::kOverQuota);
      Note("attaches: no room");
    } else {
      REQUIRE(attached.has_value());
      model_.Attached(id);
      Note("attached");
      Tell(Name(side) + " attaches one");
    }
    return;
  }
}

void OwnershipSession::LetGoOfOrphans(int side) {
  const std::size_t given_up = model_.LetsGoOfOrphans(side);
  REQUIRE(stores_[static_cast<std::size_t>(side)]->LetGoOfOrphans() == given_up);
  if (given_up > 0) Note("orphan given up");
  Poll();
  Tell(Name(side) + " gives orphans up");
}

// All that its process had goes with it; the parent's store has what it left.
void OwnershipSession::ChildDies() {
  Cut();
  HandsOf(1) = {};
  stores_[1] = nullptr;
  REQUIRE(eventfd_write(death_.get(), 1) == 0);
  Poll();
  model_.Died(1);
  BeginLife();
  Note("deaths");
  Tell("the child's process ends");
}

void OwnershipSession::CompareStore(int side) {
  const auto& store = stores_[static_cast<std::size_t>(side)];
  if (store == nullptr) return;
  const ShmemStoreCensus census = store->census();
  REQUIRE(census.returned == model_.InStore(side).size());
  REQUIRE(census.orphans == model_.orphans(side));
  REQUIRE(census.let_go == 0);
}

}  // namespace baton::testing
