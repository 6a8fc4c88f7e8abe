// Whether the two sides are as the model says.
#include <baton/platform/memory_backend.h>

#include "tests/process/ownership_session.h"
#include "tests/support/byte_content.h"

namespace baton::testing {
namespace {

constexpr std::size_t kStepsPerLookAtMaps = 20;

}  // namespace

// Memory that comes back, comes back to its place.
void OwnershipSession::NoteAddress(int side, const ShmemId& id, std::byte* address) {
  const auto [known, is_new] = HandsOf(side).addresses.emplace(id, address);
  if (!is_new) REQUIRE(known->second == address);
}

void OwnershipSession::CompareMessage(int from, const Sent& expected) {
  const int side = Other(from);
  if (expected.is_refused) {
    auto& errors = ActorOf(side).handler_errors;
    REQUIRE_FALSE(errors.empty());
    REQUIRE(errors.front() == Errc::kOverQuota);
    errors.erase(errors.begin());
    return Note("has no room for what arrives");
  }
  auto& received = ActorOf(side).received;
  REQUIRE_FALSE(received.empty());
  Received message = std::move(received.front());
  received.pop_front();
  REQUIRE(message.text == std::to_string(expected.number));
  if (expected.ended_orphans > 0) Note("orphan came back alive");
  if (expected.is_shared) {
    REQUIRE(message.shared.has_value());
    REQUIRE(message.shared->id() == expected.pieces[0]);
    HandsOf(side).shared.emplace(message.shared->id(), std::move(*message.shared));
    return Note("receives shared memory");
  }
  if (expected.is_slice) {
    REQUIRE(message.slice.has_value());
    REQUIRE(message.slice->offset() == expected.offset);
    REQUIRE(message.slice->size() == expected.length);
    message.pieces.push_back(message.slice->Release());
  }
  Note(expected.is_slice ? "receives a slice" : "receives memory");
  REQUIRE(message.pieces.size() == expected.pieces.size());
  for (std::size_t n = 0; n < message.pieces.size(); ++n) {
    Shmem& memory = message.pieces[n];
    REQUIRE(memory.id() == expected.pieces[n]);
    REQUIRE(toucher_.TryRead(memory.bytes().data()) == 0);
    REQUIRE(HoldsOnly(memory.bytes(), model_.pieces().at(memory.id()).stamp));
    const ShmemId id = memory.id();
    if (expected.is_new.contains(id)) HandsOf(side).addresses.erase(id);
    NoteAddress(side, id, memory.bytes().data());
    HandsOf(side).owned.emplace(id, std::move(memory));
  }
}

void OwnershipSession::ComparePlace(int side, const ShmemId& id, const Piece& piece) {
  const auto index = static_cast<std::size_t>(side);
  const bool is_owned = HandsOf(side).owned.contains(id);
  REQUIRE(is_owned == (piece.where == At(side)));
  if (is_owned) {
    const Shmem& memory = HandsOf(side).owned.at(id);
    REQUIRE(memory.state() == ShmemState::kOwned);
    REQUIRE(memory.size() == piece.size);
    REQUIRE(HoldsOnly(memory.bytes().first(1), piece.stamp));
    REQUIRE(HoldsOnly(memory.bytes().last(1), piece.stamp));
    REQUIRE(toucher_.TryRead(memory.bytes().data()) == 0);
    return;
  }
  const bool is_in_store = piece.where == InStoreOf(side);
  const bool rests_here = piece.where == InPoolOf(side);  // as it was, if it was freed here
  const bool is_revoked =
      (piece.known[index] && (!rests_here || piece.is_revoked)) || piece.orphaned[index];
  const bool is_mapped = is_in_store || is_revoked;
  if (!is_mapped || revocation_ == platform::Revocation::kNone) return;
  const std::byte* const address = HandsOf(side).addresses.at(id);
  REQUIRE(toucher_.TryRead(address) == (is_in_store ? 0 : EFAULT));
  REQUIRE(toucher_.TryRead(address + piece.size - 1) == (is_in_store ? 0 : EFAULT));
}

void OwnershipSession::ComparePiece(const ShmemId& id, const Piece& piece) {
  for (const int side : {0, 1}) {
    CAPTURE(Name(side), id.high, static_cast<int>(piece.where), piece.transfers, piece.size);
    ComparePlace(side, id, piece);
  }
}

void OwnershipSession::Compare() {
  for (const int side : {0, 1}) {
    CAPTURE(Name(side));
    if (model_.MayEnd(side) && ActorOf(side).destroyed == 1) model_.Drained(side);
    CompareStore(side);
    ComparePool(side);
    REQUIRE(ActorOf(side).received.empty());
    REQUIRE(ActorOf(side).handler_errors.empty());
    REQUIRE(ActorOf(side).close_error() != Cause::kPeerFault);
    REQUIRE(ActorOf(side).destroyed == (model_.end(side) == End::kEnded ? 1 : 0));
    REQUIRE(ActorOf(side).CanSend() == (model_.end(side) == End::kOpen));
    REQUIRE(HandsOf(side).shared.size() == [&] {
      int handles = 0;
      for (const auto& [id, shared] : model_.shared()) {
        handles += shared.handles[static_cast<std::size_t>(side)];
      }
      return static_cast<std::size_t>(handles);
    }());
    for (const auto& [id, memory] : HandsOf(side).shared) {
      REQUIRE(HoldsOnly(memory.bytes(), model_.shared().at(id).stamp));
    }
  }
  for (auto piece = model_.pieces().begin(); piece != model_.pieces().end();) {
    ComparePiece(piece->first, piece->second);
    const auto is_mapped = [&](std::size_t side) {
      return piece->second.known[side] || piece->second.orphaned[side];
    };
    const bool is_forgotten = piece->second.where == Where::kGone && !is_mapped(0) && !is_mapped(1);
    for (Hands& hands : hands_) {
      if (is_forgotten) hands.addresses.erase(piece->first);
    }
    piece = is_forgotten ? model_.pieces().erase(piece) : std::next(piece);
  }
  // Only memfds have a name of ours there.
  const bool is_named = platform::CurrentMemoryBackend() == platform::MemoryBackend::kMemfd;
  if (++steps_ % kStepsPerLookAtMaps == 0 && is_named) CompareMaps();
}

// The kernel's word: nothing is mapped that nobody knows, nothing that is known is lost.
void OwnershipSession::CompareMaps() {
  std::set<std::uint64_t> expected;
  for (const ShmemId& id : model_.Known()) expected.insert(id.high);
  const std::set<std::uint64_t> mapped = MappedIds();
  std::set<std::uint64_t> unsafe;  // a queue may keep it mapped
  for (const auto& [id, shared] : model_.shared()) unsafe.insert(id.high);
  for (const std::uint64_t id : mapped) REQUIRE((expected.contains(id) || unsafe.contains(id)));
  if (revocation_ == platform::Revocation::kUnmap) return;
  for (const std::uint64_t id : expected) REQUIRE(mapped.contains(id));
}

}  // namespace baton::testing
