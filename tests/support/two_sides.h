// Both sides of a channel's memory without the channel: what one sends, the test carries over, or
// does not.
//
//   TwoSides sides;
//   Shmem there = sides.ToChild(Must(sides.parent->Allocate(5000)));
//   InTransit transit = Must(Send(*sides.child, there));
//   transit.reference.size = 1;
//   CHECK(Receive(*sides.parent, std::move(transit), into).error() == Rule::kHandleSize);
#pragma once

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "runtime/shmem/shmem_table.h"
#include "tests/support/must.h"

namespace baton::internal {

inline constexpr std::size_t kReferenceSize = sizeof(wire::ShmemReference);

// What one side sends to the other: a reference, and the handle that belongs to it, if any.
struct InTransit {
  wire::Kind kind = wire::Kind::kShmem;
  wire::ShmemReference reference;
  std::vector<platform::Handle> handles;
};

template <class AnyShmem>
constexpr wire::Kind KindOf() {
  if (std::is_same_v<AnyShmem, Shmem>) return wire::Kind::kShmem;
  return std::is_same_v<AnyShmem, FrozenShmem> ? wire::Kind::kFrozenShmem
                                               : wire::Kind::kUnsafeShmem;
}

template <class AnyShmem>
Result<InTransit> Send(ShmemTable& from, AnyShmem& shmem) {
  const auto kind = KindOf<AnyShmem>();
  const wire::OutgoingShmem outgoing[] = {{kind, &shmem, 0}};
  std::array<std::byte, kReferenceSize> message = {};
  BATON_TRY(const std::size_t handles, from.CheckDeparture(outgoing));
  from.DescribeDeparture(outgoing, message);
  BATON_TRY(const auto travelling, from.Depart(outgoing));
  CHECK(travelling.size() == handles);
  InTransit transit;
  transit.kind = kind;
  std::memcpy(&transit.reference, message.data(), kReferenceSize);
  for (const auto& one : travelling) {
    BATON_TRY(auto handle, one.handle().Duplicate());
    transit.handles.push_back(std::move(handle));
  }
  return transit;
}

template <class AnyShmem>
Result<void> Receive(ShmemTable& into, InTransit transit, AnyShmem& shmem) {
  const wire::IncomingShmem incoming[] = {{transit.kind, &shmem, transit.reference}};
  return into.Arrive(incoming, std::move(transit.handles));
}

inline Shmem HandOver(ShmemTable& from, ShmemTable& to, Shmem shmem) {
  Shmem arrived;
  testing::Must(Receive(to, testing::Must(Send(from, shmem)), arrived));
  return arrived;
}

inline void Write(Shmem& shmem, char letter) {
  std::ranges::fill(shmem.bytes(), static_cast<std::byte>(letter));
}

struct TwoSides {
  explicit TwoSides(const ChannelOptions& options = {}) : TwoSides(options, options) {}
  TwoSides(const ChannelOptions& of_parent, const ChannelOptions& of_child) {
    const auto count = [this] { ++releases_announced; };
    parent = std::make_shared<ShmemTable>(Side::kParent, "PTest", of_parent, count);
    child = std::make_shared<ShmemTable>(Side::kChild, "PTest", of_child, count);
  }
  TwoSides(const TwoSides&) = delete;
  TwoSides& operator=(const TwoSides&) = delete;

  Shmem ToChild(Shmem shmem) const { return HandOver(*parent, *child, std::move(shmem)); }
  Shmem ToParent(Shmem shmem) const { return HandOver(*child, *parent, std::move(shmem)); }

  // Either side hears of what the other has freed, until there is nothing to be said.
  std::vector<ShmemRelease> TellReleases() const {
    std::vector<ShmemRelease> told;
    while (parent->has_releases() || child->has_releases()) {
      for (const auto& [from, to] : {std::pair(parent, child), std::pair(child, parent)}) {
        for (const auto& release : from->TakeReleases(1000)) {
          testing::Must(to->PeerReleased(release));
          told.push_back(release);
        }
      }
    }
    return told;
  }

  std::shared_ptr<ShmemTable> parent;
  std::shared_ptr<ShmemTable> child;
  int releases_announced = 0;
};

}  // namespace baton::internal
