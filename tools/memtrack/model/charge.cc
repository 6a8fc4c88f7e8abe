#include "tools/memtrack/model/charge.h"

#include <algorithm>

namespace memtrack {
namespace {

std::vector<std::size_t> HoldersIf(const SegmentUse& use, auto condition) {
  std::vector<std::size_t> found;
  for (const Holder& holder : use.holders) {
    if (condition(holder)) found.push_back(holder.process);
  }
  return found;
}

std::vector<std::size_t> EveryHolder(const SegmentUse& use) {
  auto found = HoldersIf(use, [](const Holder& holder) { return !holder.is_revoked; });
  if (found.empty()) found = HoldersIf(use, [](const Holder&) { return true; });
  return found.empty() ? use.in_flight_to : found;
}

// The page tables say who that is: one for what is handed over, several for rings and the like.
std::vector<std::size_t> OwnersOf(const SegmentUse& use) {
  if (use.owner) return {*use.owner};
  const auto can_touch = HoldersIf(
      use, [](const Holder& holder) { return holder.mappings > 0 && !holder.is_revoked; });
  return can_touch.empty() ? EveryHolder(use) : can_touch;
}

std::vector<std::size_t> PayersOf(const SegmentUse& use, Share share) {
  if (share == Share::kUnique) {
    const bool is_alone = use.holders.size() == 1 && use.in_flight_to.empty();
    return is_alone ? std::vector{use.holders.front().process} : std::vector<std::size_t>();
  }
  if (share == Share::kOwner && use.baton) return OwnersOf(use);
  return EveryHolder(use);
}

}  // namespace

std::vector<Charge> ChargesOf(const SegmentUse& use, Share share) {
  const std::vector<std::size_t> payers = PayersOf(use, share);
  std::vector<Charge> charges;
  for (std::size_t i = 0; i < payers.size(); ++i) {
    const std::uint64_t remainder = use.bytes % payers.size();  // a byte each for the first ones
    charges.push_back({payers[i], use.bytes / payers.size() + (i < remainder ? 1 : 0)});
  }
  return charges;
}

}  // namespace memtrack
