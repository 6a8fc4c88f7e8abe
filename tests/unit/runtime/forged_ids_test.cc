// At any moment of an honest exchange the peer names memory that it may not name: each lie is
// refused by its rule, and changes nothing.
#include <catch2/catch.hpp>
#include <random>
#include <utility>
#include <vector>

#include "tests/support/leak_check.h"
#include "tests/support/must.h"
#include "tests/support/two_sides.h"
#include "tests/support/without_pool.h"

namespace baton::internal {
namespace {

using testing::Must;
using wire::ShmemReference;

constexpr std::uint64_t kIssuerBit = std::uint64_t{1} << 63;  // docs/wire-format.md, section 6

struct Owned {
  Shmem memory;
  int side = 0;
  ShmemId id = {};
  std::uint64_t size = 0;
  std::uint64_t transfers = 0;
};

// The victim is side 0; side 1 is honest, and what it says is what a liar is measured by.
class Exchange {
 public:
  explicit Exchange(unsigned seed) : random_(seed) {}

  std::size_t Below(std::size_t end) { return random_() % end; }
  ShmemTable& Table(int side) { return side == 0 ? *sides_.parent : *sides_.child; }
  ShmemTable& victim() { return Table(0); }

  // One step of what two honest sides do.
  void DoSomething() {
    if (pieces.size() < 6 && Below(3) == 0) return Allocate(static_cast<int>(Below(2)));
    if (pieces.empty()) return;
    Owned& piece = pieces[Below(pieces.size())];
    if (Below(4) == 0) return Free(piece);
    HandOver(piece);
  }

  // A piece of which `is_wanted(piece)`, or null.
  template <class IsWanted>
  Owned* Find(IsWanted is_wanted) {
    std::vector<Owned*> found;
    for (Owned& piece : pieces) {
      if (is_wanted(piece)) found.push_back(&piece);
    }
    return found.empty() ? nullptr : found[Below(found.size())];
  }

  std::error_code Receive(const ShmemReference& reference, std::vector<platform::Handle> handles) {
    Shmem into;
    InTransit lie = {wire::Kind::kShmem, reference, std::move(handles)};
    const auto arrived = internal::Receive(victim(), std::move(lie), into);
    return arrived ? std::error_code() : arrived.error();
  }

  // New memory of nobody's, of that size.
  static std::vector<platform::Handle> AnyHandle(std::uint64_t size) {
    std::vector<platform::Handle> handles;
    handles.push_back(
        Must(Must(platform::SharedMemory::Create("forged", size)).handle().Duplicate()));
    return handles;
  }

  std::vector<Owned> pieces;
  std::vector<ShmemId> freed;

 private:
  void Allocate(int side) {
    Owned& piece = pieces.emplace_back();
    piece.size = 1 + Below(10'000);
    piece.memory = Must(Table(side).Allocate(piece.size));
    piece.side = side;
    piece.id = piece.memory.id();
  }

  void Free(Owned& piece) {
    const int side = piece.side;
    freed.push_back(piece.id);
    Must(Table(side).Deallocate(piece.memory));
    for (const ShmemRelease& release : Table(side).TakeReleases(10)) {
      Must(Table(1 - side).PeerReleased(release));
    }
    std::swap(piece, pieces.back());
    pieces.pop_back();
  }

  void HandOver(Owned& piece) {
    ShmemTable& from = Table(piece.side);
    piece.side = 1 - piece.side;
    InTransit transit = Must(Send(from, piece.memory));
    piece.transfers = transit.reference.transfer;
    Shmem arrived;
    Must(internal::Receive(Table(piece.side), std::move(transit), arrived));
    REQUIRE(arrived.id() == piece.id);
    REQUIRE(arrived.size() == piece.size);
    piece.memory = std::move(arrived);
  }

  std::mt19937 random_;
  // What is freed is gone; lies about memory of a pool are in shmem_pool_lies_test.cc.
  TwoSides sides_{testing::WithoutPool()};
};

ShmemReference Naming(const ShmemId& id, std::uint64_t size, std::uint64_t transfer) {
  ShmemReference reference;
  reference.id_high = id.high;
  reference.id_low = id.low;
  reference.size = size;
  reference.transfer = transfer;
  return reference;
}

bool IsOurs(const Owned& piece) {
  return piece.side == 0;
}
bool IsTheirs(const Owned& piece) {
  return piece.side == 1 && piece.transfers > 0;
}
bool IsUnseen(const Owned& piece) {
  return piece.side == 1 && piece.transfers == 0;
}

// Lies of which each has one answer. False: there is nothing to lie about at this moment.
bool LieAboutNew(Exchange& exchange) {
  const std::uint64_t size = 4096;
  ShmemId id = {exchange.Below(1u << 31), exchange.Below(1u << 31)};
  switch (exchange.Below(3)) {
    case 0:  // one of our own making, with a handle
      id.high &= ~kIssuerBit;
      REQUIRE(exchange.Receive({id.high, id.low, size, 1, 0, ShmemReference::kSafe, 0, 0},
                               Exchange::AnyHandle(size)) == Rule::kShmemId);
      return true;
    case 1:  // one that nobody has made, without a handle, whoever is said to have made it
      id.high |= exchange.Below(2) * kIssuerBit;
      REQUIRE(exchange.Receive(Naming(id, size, 1 + exchange.Below(3)), {}) == Rule::kShmemId);
      return true;
    default:  // new memory that is said to have changed hands before
      id.high |= kIssuerBit;
      REQUIRE(exchange.Receive(
                  {id.high, id.low, size, 2 + exchange.Below(3), 0, ShmemReference::kSafe, 0, 0},
                  Exchange::AnyHandle(size)) == Rule::kShmemState);
      return true;
  }
}

bool LieAboutOurs(Exchange& exchange) {
  const Owned* const piece = exchange.Find(IsOurs);
  if (piece == nullptr) return false;
  switch (exchange.Below(3)) {
    case 0:  // sent by a peer that does not own it, whatever the number
      REQUIRE(exchange.Receive(Naming(piece->id, piece->size, piece->transfers + exchange.Below(3)),
                               {}) == Rule::kShmemState);
      return true;
    case 1:  // other memory under its id
      REQUIRE(exchange.Receive(
                  {piece->id.high, piece->id.low, piece->size, 1, 0, ShmemReference::kSafe, 0, 0},
                  Exchange::AnyHandle(piece->size)) == Rule::kShmemId);
      return true;
    default:  // freed by a peer that does not own it
      REQUIRE(exchange.victim()
                  .PeerReleased({piece->id, piece->transfers + exchange.Below(2) + 1})
                  .error() == Rule::kShmemState);
      return true;
  }
}

bool LieAboutTheirs(Exchange& exchange) {
  const Owned* const piece = exchange.Find(IsTheirs);
  if (piece == nullptr) return false;
  const std::uint64_t next = piece->transfers + 1;
  switch (exchange.Below(5)) {
    case 0: {  // a number that has been, or that is not the next
      const std::uint64_t wrong = exchange.Below(2) == 0 ? next - 1 : next + 1 + exchange.Below(9);
      REQUIRE(exchange.Receive(Naming(piece->id, piece->size, wrong), {}) == Rule::kShmemState);
      return true;
    }
    case 1:  // another size
      REQUIRE(exchange.Receive(Naming(piece->id, piece->size + 1, next), {}) == Rule::kHandleSize);
      return true;
    case 2:  // other memory under its id
      REQUIRE(exchange.Receive({piece->id.high, piece->id.low, piece->size, next, 0,
                                ShmemReference::kSafe, 0, 0},
                               Exchange::AnyHandle(piece->size)) == Rule::kShmemId);
      return true;
    case 3:  // its other half
      REQUIRE(exchange.Receive(Naming({piece->id.high, piece->id.low ^ 1}, piece->size, next),
                               {}) == Rule::kShmemId);
      return true;
    default:  // freed in a state that is still to come
      REQUIRE(exchange.victim().PeerReleased({piece->id, next + exchange.Below(2)}).error() ==
              Rule::kShmemState);
      return true;
  }
}

bool LieAboutUnseenOrFreed(Exchange& exchange) {
  const Owned* const unseen = exchange.Find(IsUnseen);
  if (unseen != nullptr && exchange.Below(2) == 0) {
    REQUIRE(exchange.Receive(Naming(unseen->id, unseen->size, 1), {}) == Rule::kShmemId);
    REQUIRE(exchange.victim().PeerReleased({unseen->id, 1}).error() == Rule::kShmemId);
    return true;
  }
  if (exchange.freed.empty()) return false;
  const ShmemId id = exchange.freed[exchange.Below(exchange.freed.size())];
  REQUIRE(exchange.Receive(Naming(id, 4096, 1 + exchange.Below(4)), {}) == Rule::kShmemId);
  REQUIRE(exchange.victim().PeerReleased({id, 1 + exchange.Below(4)}).error() == Rule::kShmemId);
  return true;
}

TEST_CASE("forged ids: whatever the peer may not name is refused by its rule, at every moment") {
  const unsigned seed = GENERATE(range(1U, 9U));
  CAPTURE(seed);
  const testing::LeakCheck leak_check;
  Exchange exchange(seed);
  int lies = 0;
  for (int step = 0; step < 1000; ++step) {
    exchange.DoSomething();
    bool (*const all[])(Exchange&) = {LieAboutNew, LieAboutOurs, LieAboutTheirs,
                                      LieAboutUnseenOrFreed};
    if (all[exchange.Below(std::size(all))](exchange)) ++lies;
  }
  CHECK(lies > 500);
  CHECK(exchange.freed.size() > 50);
}

}  // namespace
}  // namespace baton::internal
