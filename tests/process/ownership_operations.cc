// What the two sides do, and what the model says of it.
#include <string>

#include "tests/process/ownership_session.h"

namespace baton::testing {
namespace {

// In place, by page tables that move, and with a page that is not full.
constexpr std::uint64_t kOperationSizes[] = {1, 4096, 10'000, 300'000};
constexpr std::size_t kMostPieces = 24;
constexpr std::size_t kMostShared = 4;
constexpr std::size_t kMostQueued = 4;

constexpr std::uint64_t kLabel = 7;  // of both: memory may be attached to their next channel

ChannelOptions OptionsFor(platform::Revocation revocation, std::size_t most_pieces,
                          bool has_pools) {
  ChannelOptions options;
  options.ring_bytes = 0;
  options.unresponsive_after = {};
  options.close_deadline = std::chrono::hours(1);
  options.max_queued_messages = kMostQueued;
  options.revocation = revocation;
  options.max_shmem_count = most_pieces;
  options.trust_label = kLabel;
  if (!has_pools) options.max_pooled_bytes = 0;  // what is freed is gone
  return options;
}

}  // namespace

void OwnershipSession::Connect() {
  wire_ = std::make_unique<HeldWire>();
  stuck_ = {};
  queued_ = {};
  trims_ = {};
  for (const int side : {0, 1}) {
    const auto actor = std::make_shared<OwnershipActor>(side == 0 ? Side::kParent : Side::kChild);
    actors_[static_cast<std::size_t>(side)] = actor;
    internal::EndpointParts parts = wire_->Parts(side);
    if (side == 0 && death_) parts.peer_death = Must(death_.Duplicate());
    ChannelOptions options = OptionsFor(revocation_, most_pieces_, model_.has_pools());
    options.store = stores_[static_cast<std::size_t>(side)];
    Must(internal::BindEndpoint(std::move(parts), actor, io_.get_executor(), options));
  }
  model_.Begin();
  Poll();
  Note("connects");
  Tell("a new channel");
}

void OwnershipSession::Step() {
  const int side = static_cast<int>(Below(2));
  if (model_.has_pools() && Below(40) == 0) Trim(side);
  switch (Below(model_.has_stores() ? 46 : 40)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4: Allocate(side); break;
    case 5:
    case 6:
    case 7: Free(side); break;
    case 8: Write(side); break;
    case 9:
    case 10: SendSlice(side); break;
    case 11:
    case 12: SendWhatMustNot(side); break;
    case 13:
    case 14: Misuse(side); break;
    case 15: AllocateShared(side); break;
    case 16:
    case 17: Share(side); break;
    case 18: TouchShared(side); break;
    case 19: DropShared(side); break;
    case 20: ChangeStuck(side); break;
    case 21:
      if (Below(8) == 0) Close(side);
      break;
    case 22:
      if (Below(16) == 0) Cut();
      break;
    case 23:
      if (model_.has_ended()) Connect();
      break;
    case 24:
    case 25:
    case 26:
    case 27:
    case 28:
    case 29:
    case 30: Send(side); break;
    case 40:
    case 41:
    case 42:
    case 43:
    case 44:
    case 45: StepOfStores(side); break;
    default: DeliverSome(side); break;
  }
  Poll();
  Compare();
}

void OwnershipSession::Finish() {
  switch (Below(3)) {
    case 0: Close(0); break;
    case 1: Close(1); break;
    default: Cut(); break;
  }
  Poll();
  Compare();
}

// --- Memory that stays here
// ------------------------------------------------------------------------

void OwnershipSession::Allocate(int side) {
  const std::uint64_t size = kOperationSizes[Below(std::size(kOperationSizes))];
  const auto rests = model_.InPoolFor(side, size);
  // What is freed at once would rest, and be one more.
  const bool is_one_too_many = !rests && model_.pieces().size() >= kMostPieces;
  if (model_.has_pools() && is_one_too_many) return;
  auto made = ActorOf(side).AllocShmem(size);
  if (model_.end(side) != End::kOpen) {
    REQUIRE(made.error() == Errc::kClosed);
    return Note("allocates: closed");
  }
  if (!model_.HasRoom(side)) {
    REQUIRE(made.error() == Errc::kOverQuota);
    return Note("allocates: no room");
  }
  Shmem memory = Must(std::move(made));
  if (rests) return AllocateFromPool(side, *rests, std::move(memory));
  const ShmemId id = memory.id();
  if (model_.pieces().size() >= kMostPieces) {
    Must(ActorOf(side).DeallocShmem(memory));
    return;
  }
  REQUIRE_FALSE(model_.pieces().contains(id));
  model_.Allocated(side, id, memory.size());
  NoteAddress(side, id, memory.bytes().data());
  HandsOf(side).owned.emplace(id, std::move(memory));
  Note("allocates");
  Tell(Name(side) + " allocates");
}

void OwnershipSession::Free(int side) {
  auto& owned = HandsOf(side).owned;
  if (owned.empty()) return;
  const auto piece = std::next(owned.begin(), static_cast<long>(Below(owned.size())));
  const bool is_ours = model_.pieces().at(piece->first).channel == model_.channel();
  if (Below(2) == 0) {
    const auto freed = ActorOf(side).DeallocShmem(piece->second);
    const bool is_ended = model_.end(side) == End::kEnded;
    if (is_ended) REQUIRE(freed.error() == Errc::kClosed);
    if (!is_ended && !is_ours) REQUIRE(freed.error() == Errc::kWrongChannel);
    const bool is_freed = !is_ended && is_ours;
    REQUIRE(freed.has_value() == is_freed);
    Note(is_ended ? "frees: closed" : is_ours ? "frees" : "frees: of another channel");
    REQUIRE(piece->second.state() == (is_freed ? ShmemState::kEmpty : ShmemState::kOwned));
  }
  model_.Freed(side, piece->first);
  owned.erase(piece);
  Tell(Name(side) + " frees");
}

void OwnershipSession::Write(int side) {
  for (auto& [id, memory] : HandsOf(side).owned) {
    Piece& piece = model_.pieces().at(id);
    piece.stamp = static_cast<std::uint8_t>(Below(256));
    Stamp(memory.bytes(), piece.stamp);
    Note("writes");
  }
}

// --- Memory that leaves
// ----------------------------------------------------------------------------

std::error_code OwnershipSession::ExpectedOfSend(int side) {
  if (model_.end(side) != End::kOpen) return Errc::kClosed;
  if (StuckAt(side) && QueuedAt(side) >= kMostQueued) return Errc::kWouldBlock;
  return {};
}

std::vector<Shmem> OwnershipSession::TakeSome(int side, std::size_t most) {
  auto& owned = HandsOf(side).owned;
  std::vector<Shmem> taken;
  for (auto piece = owned.begin(); piece != owned.end() && taken.size() < most;) {
    const bool is_ours = model_.pieces().at(piece->first).channel == model_.channel();
    if (!is_ours || Below(2) == 0) {
      ++piece;
      continue;
    }
    taken.push_back(std::move(piece->second));
    piece = owned.erase(piece);
  }
  return taken;
}

void OwnershipSession::PutBack(int side, std::vector<Shmem> pieces) {
  for (Shmem& memory : pieces) {
    REQUIRE(memory.state() == ShmemState::kOwned);
    const ShmemId id = memory.id();
    HandsOf(side).owned.emplace(id, std::move(memory));
  }
}

void OwnershipSession::CountLeft(int side, Sent message) {
  if (StuckAt(side)) ++QueuedAt(side);
  model_.Left(side, std::move(message));
}

void OwnershipSession::Send(int side) {
  std::vector<Shmem> pieces = TakeSome(side, 1 + Below(3));
  if (pieces.empty()) return;
  Sent message;
  message.number = ++number_;
  for (const Shmem& memory : pieces) message.pieces.push_back(memory.id());
  const std::string text = std::to_string(message.number);
  const auto sent = ActorOf(side).SendMessage(ownership::kGive, {&text, &pieces});
  const std::error_code expected = ExpectedOfSend(side);
  Tell(Name(side) + " sends " + std::to_string(pieces.size()) + " as " + text + ": " +
       expected.message());
  REQUIRE((sent ? std::error_code() : sent.error()) == expected);
  NoteSend("sends", expected);
  if (!sent) return PutBack(side, std::move(pieces));
  CountLeft(side, std::move(message));
  for (Shmem& memory : pieces) {
    REQUIRE(memory.state() == ShmemState::kSent);
    REQUIRE(memory.bytes().empty());
  }
  HandsOf(side).sent = std::move(pieces);
}

void OwnershipSession::SendSlice(int side) {
  std::vector<Shmem> pieces = TakeSome(side, 1);
  if (pieces.empty()) return;
  Sent message;
  message.number = ++number_;
  message.is_slice = true;
  message.pieces.push_back(pieces[0].id());
  message.offset = Below(pieces[0].size() + 1);
  message.length = Below(pieces[0].size() - message.offset + 1);
  ShmemSlice slice = Must(ShmemSlice::Of(std::move(pieces[0]), message.offset, message.length));
  const std::string text = std::to_string(message.number);
  const auto sent = ActorOf(side).SendMessage(ownership::kGiveSlice, {&text, &slice});
  Tell(Name(side) + " sends a slice as " + text);
  REQUIRE((sent ? std::error_code() : sent.error()) == ExpectedOfSend(side));
  NoteSend("sends a slice", ExpectedOfSend(side));
  if (sent) CountLeft(side, std::move(message));
  REQUIRE(slice.state() == (sent ? ShmemState::kSent : ShmemState::kOwned));
  REQUIRE(slice.bytes().size() == (sent ? 0 : message.length));
  pieces[0] = slice.Release();
  if (!sent) return PutBack(side, std::move(pieces));
  HandsOf(side).sent = std::move(pieces);
}

// --- Memory that both may touch
// ---------------------------------------------------------------------

void OwnershipSession::AllocateShared(int side) {
  const auto is_held = [](const auto& entry) {
    return entry.second.handles[0] + entry.second.handles[1] > 0;
  };
  const auto held = static_cast<std::size_t>(std::ranges::count_if(model_.shared(), is_held));
  const bool is_open = model_.end(side) == End::kOpen;
  if (!is_open || held >= kMostShared || most_pieces_ < kMostPieces) return;
  UnsafeShmem memory = Must(ActorOf(side).AllocUnsafeShmem(5000));
  model_.AllocatedShared(side, memory.id());
  HandsOf(side).shared.emplace(memory.id(), std::move(memory));
}

void OwnershipSession::Share(int side) {
  auto& shared = HandsOf(side).shared;
  if (shared.empty()) return;
  const UnsafeShmem& memory = shared.begin()->second;
  if (model_.shared().at(memory.id()).channel != model_.channel()) return;
  Sent message;
  message.number = ++number_;
  message.is_shared = true;
  message.pieces.push_back(memory.id());
  const std::string text = std::to_string(message.number);
  const auto sent = ActorOf(side).SendMessage(ownership::kShare, {&text, &memory});
  REQUIRE((sent ? std::error_code() : sent.error()) == ExpectedOfSend(side));
  NoteSend("shares", ExpectedOfSend(side));
  REQUIRE(memory.state() == ShmemState::kShared);
  if (sent) CountLeft(side, std::move(message));
  Tell(Name(side) + " shares as " + text);
}

void OwnershipSession::TouchShared(int side) {
  for (auto& [id, memory] : HandsOf(side).shared) {
    Shared& shared = model_.shared().at(id);
    shared.stamp = static_cast<std::uint8_t>(Below(256));
    Stamp(memory.bytes(), shared.stamp);
    Note("touches shared memory");
  }
}

void OwnershipSession::DropShared(int side) {
  auto& shared = HandsOf(side).shared;
  if (shared.empty()) return;
  --model_.shared().at(shared.begin()->first).handles[static_cast<std::size_t>(side)];
  shared.erase(shared.begin());
  Note("drops shared memory");
}

// --- The channel --------------------------------------------------------------------------------

void OwnershipSession::DeliverSome(int from) {
  std::vector<internal::FrameKind> kinds;
  const std::size_t most = Below(3) == 0 ? wire_->held(from) : 1 + Below(2);
  while (kinds.size() < most && wire_->held(from) > 0) kinds.push_back(wire_->Deliver(from));
  if (kinds.empty()) return;
  Poll();
  Tell(Name(Other(from)) + " receives " + std::to_string(kinds.size()) + " frames");
  for (const internal::FrameKind kind : kinds) {
    switch (kind) {
      case internal::FrameKind::kHello:
      case internal::FrameKind::kTaken: break;
      case internal::FrameKind::kRelease:
        model_.ReleaseArrives(from);
        Note("hears of a free");
        break;
      case internal::FrameKind::kGoodbye:
        model_.GoodbyeArrives(from, !StuckAt(Other(from)));
        Note("hears the goodbye");
        break;
      case internal::FrameKind::kMessage: {
        // Of a peer who has said goodbye, which may overtake what it had queued.
        if (model_.end(Other(from)) == End::kEnded) break;
        REQUIRE(model_.in_flight(from) > 0);
        const bool is_heard = model_.end(Other(from)) == End::kOpen;
        const Sent message = model_.MessageArrives(from);
        if (is_heard) CompareMessage(from, message);
        break;
      }
      default: FAIL("a frame of kind " << static_cast<int>(kind));
    }
  }
}

void OwnershipSession::ChangeStuck(int side) {
  StuckAt(side) = !StuckAt(side);
  wire_->SetStuck(side, StuckAt(side));
  Poll();
  Tell(Name(side) + (StuckAt(side) ? " cannot send" : " can send again"));
  if (StuckAt(side)) return Note("is stuck");
  QueuedAt(side) = 0;
  model_.Drained(side);
}

void OwnershipSession::Close(int side) {
  ActorOf(side).Close();
  Poll();
  model_.Closed(side, !StuckAt(side));
  Note("closes");
  Tell(Name(side) + " closes");
}

void OwnershipSession::Cut() {
  wire_->Cut();
  Poll();
  model_.Cut();
  Note("cuts");
  Tell("both lose each other");
}

}  // namespace baton::testing
