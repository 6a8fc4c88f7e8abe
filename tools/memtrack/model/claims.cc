#include "tools/memtrack/model/claims.h"

#include <algorithm>
#include <set>

#include "tools/memtrack/model/model.h"

namespace memtrack {
namespace {

using baton::platform::RegistryState;

bool CanTouch(const Holder& holder) {
  return holder.mappings > 0 && !holder.is_revoked;
}

bool IsOwning(RegistryState state) {
  return state == RegistryState::kOwned || state == RegistryState::kPooled;
}

bool IsAway(RegistryState state) {
  return state == RegistryState::kInFlight || state == RegistryState::kAtPeer ||
         state == RegistryState::kOrphan;
}

const Holder* HolderOf(const SegmentUse& use, std::size_t process) {
  const auto at = std::ranges::lower_bound(use.holders, process, {}, &Holder::process);
  return at != use.holders.end() && at->process == process ? &*at : nullptr;
}

// Both sides of a channel may be in one process: then it says two things, and may touch it if one
// of them does.
bool SaysBoth(const SegmentUse& use, std::size_t process) {
  return ClaimsOf(use, process).size() > 1;
}

Doubt DoubtOf(const SegmentUse& use, const ClaimUse& one) {
  if (!one.claim.is_steady) return Doubt::kNone;
  const Holder* holder = HolderOf(use, one.process);
  if (holder == nullptr) return Doubt::kNotHeld;
  if (one.claim.state == RegistryState::kOwned && holder->mappings > 0 && holder->is_revoked) {
    return Doubt::kRevoked;
  }
  const bool is_within = IsAway(one.claim.state) && CanTouch(*holder) && !one.claim.keeps_access &&
                         !SaysBoth(use, one.process);
  return is_within ? Doubt::kWithin : Doubt::kNone;
}

void DoubtOwners(SegmentUse& use) {
  const auto owns = [](const ClaimUse& one) {
    return one.claim.is_steady && one.claim.state == RegistryState::kOwned;
  };
  if (std::ranges::count_if(use.claims, owns) < 2) return;
  for (ClaimUse& one : use.claims) {
    if (owns(one) && one.doubt == Doubt::kNone) one.doubt = Doubt::kTwoOwners;
  }
}

// Those of `among` that say that it is theirs; nothing unless it is exactly one.
std::optional<std::size_t> TheOneWhoClaims(const SegmentUse& use, auto among) {
  std::optional<std::size_t> found;
  for (const ClaimUse& one : use.claims) {
    if (one.doubt != Doubt::kNone || !IsOwning(one.claim.state) || !among(one)) continue;
    if (found && *found != one.process) return std::nullopt;
    found = one.process;
  }
  return found;
}

// Whoever has handed it over and then got it back may not have heard yet that its first hand-over
// has arrived: the newest one counts. Null: nobody says so, or two say the same.
const ClaimUse* NewestHandOver(const SegmentUse& use) {
  const ClaimUse* newest = nullptr;
  bool is_one = false;
  for (const ClaimUse& one : use.claims) {
    if (one.claim.state != RegistryState::kInFlight || one.doubt != Doubt::kNone) continue;
    if (newest != nullptr && one.claim.transfers < newest->claim.transfers) continue;
    is_one = newest == nullptr || one.claim.transfers > newest->claim.transfers;
    newest = &one;
  }
  return is_one ? newest : nullptr;
}

// Where the sender does not know its peer's number, or sees other numbers than we: the only one
// beside it who holds the memory, or in whose socket it lies.
std::optional<std::size_t> TheOtherOne(const SegmentUse& use, std::size_t sender) {
  std::set<std::size_t> others(use.in_flight_to.begin(), use.in_flight_to.end());
  for (const Holder& holder : use.holders) others.insert(holder.process);
  others.erase(sender);
  return others.size() == 1 ? std::optional(*others.begin()) : std::nullopt;
}

void SettlePassage(const Model& model, SegmentUse& use) {
  const ClaimUse* const sent = NewestHandOver(use);
  if (sent == nullptr) return;
  use.passage = Passage{
      .from = sent->process, .to = TheOtherOne(use, sent->process), .lasting = sent->claim.lasting};
  if (sent->claim.peer_pid == 0) return;
  const ProcessUse* const to = FindProcess(model, sent->claim.peer_pid);
  if (to != nullptr) use.passage->to = static_cast<std::size_t>(to - model.processes.data());
}

}  // namespace

std::span<const ClaimUse> ClaimsOf(const SegmentUse& use, std::size_t process) {
  const auto first = std::ranges::lower_bound(use.claims, process, {}, &ClaimUse::process);
  const auto last = std::ranges::upper_bound(use.claims, process, {}, &ClaimUse::process);
  return {first, last};
}

void SettleOwner(const Model& model, SegmentUse& use) {
  for (ClaimUse& one : use.claims) one.doubt = DoubtOf(use, one);
  DoubtOwners(use);
  const bool is_handed_over = use.baton && !use.baton->is_ring;
  if (!is_handed_over) return;
  const auto touchers = std::ranges::count_if(use.holders, CanTouch);
  if (touchers == 1) {
    use.owner = std::ranges::find_if(use.holders, CanTouch)->process;
  } else if (touchers > 1) {
    use.owner = TheOneWhoClaims(use, [&](const ClaimUse& one) {
      const Holder* holder = HolderOf(use, one.process);
      return holder != nullptr && CanTouch(*holder);
    });
  } else {
    use.owner = TheOneWhoClaims(
        use, [&](const ClaimUse& one) { return HolderOf(use, one.process) != nullptr; });
    if (!use.owner) SettlePassage(model, use);
  }
}

std::string_view WordOf(RegistryState state) {
  switch (state) {
    case RegistryState::kFree: return "free";
    case RegistryState::kOwned: return "owned";
    case RegistryState::kInFlight: return "in-flight";
    case RegistryState::kAtPeer: return "at-peer";
    case RegistryState::kShared: return "shared";
    case RegistryState::kFrozen: return "frozen";
    case RegistryState::kPooled: return "pooled";
    case RegistryState::kOrphan: return "orphan";
  }
  return "unknown";
}

std::string_view WordOf(Doubt doubt) {
  switch (doubt) {
    case Doubt::kNone: return "none";
    case Doubt::kNotHeld: return "not-held";
    case Doubt::kRevoked: return "revoked";
    case Doubt::kWithin: return "within-reach";
    case Doubt::kTwoOwners: return "two-owners";
  }
  return "unknown";
}

}  // namespace memtrack
