#include "tools/memtrack/view/claim_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "tools/memtrack/model/words.h"

namespace memtrack {
namespace {

using baton::platform::RegistryState;

ProcessKey PeerOf(const Model& model, const Claim& claim) {
  const ProcessUse* const peer = FindProcess(model, claim.peer_pid);
  return peer == nullptr ? ProcessKey{claim.peer_pid, 0} : peer->process.key;
}

std::string SaidOf(const Model& model, const Claim& claim) {
  const std::string peer = claim.peer_pid == 0 ? "its peer" : Named(model, PeerOf(model, claim));
  switch (claim.state) {
    case RegistryState::kFree: break;
    case RegistryState::kOwned: return "it owns it";
    case RegistryState::kInFlight:
      return "handed to " + peer + ", which has not said that it took it";
    case RegistryState::kAtPeer: return peer + " has it";
    case RegistryState::kShared: return "shared with its peer";
    case RegistryState::kFrozen: return "frozen";
    case RegistryState::kPooled: return "in its pool, unused";
    case RegistryState::kOrphan: return peer + " has it, and the channel has ended";
  }
  return "";
}

std::string_view KernelSays(Doubt doubt) {
  switch (doubt) {
    case Doubt::kNone: break;
    case Doubt::kNotHeld: return "it does not hold it";
    case Doubt::kRevoked: return "it cannot touch it";
    case Doubt::kWithin: return "it can touch it";
    case Doubt::kTwoOwners: return "another says that it owns it, too";
  }
  return "";
}

std::string ClaimText(const Model& model, const ClaimUse& one) {
  const Claim& claim = one.claim;
  std::string text = "    Its registry says: " + SaidOf(model, claim);
  if (claim.transfers > 0) text += fmt::format("; hand-over {}", claim.transfers);
  if (claim.lasting) text += fmt::format(", for {}", Lasting(*claim.lasting));
  text += ".\n";
  if (one.doubt == Doubt::kTwoOwners) {
    text += fmt::format("    But {}.\n", KernelSays(one.doubt));
  } else if (one.doubt != Doubt::kNone) {
    text += fmt::format("    The kernel says otherwise: {}.\n", KernelSays(one.doubt));
  }
  return text;
}

}  // namespace

std::string ClaimsText(const Model& model, const SegmentUse& use, std::size_t process) {
  std::string text;
  for (const ClaimUse& one : ClaimsOf(use, process)) text += ClaimText(model, one);
  if (!text.empty() || !use.baton || use.baton->is_ring) return text;
  const ProcessRegistry* const registry = FindRegistry(model, model.processes[process].process.key);
  const bool is_left_out = registry != nullptr && registry->unlisted == 0 &&
                           registry->standing == RegistryStanding::kBelieved;
  return is_left_out ? "    Its registry does not know it.\n" : "";
}

std::string EmptyClaimsText(const Model& model, const SegmentUse& use) {
  std::string text;
  for (const ClaimUse& one : use.claims) {
    if (one.doubt != Doubt::kNotHeld) continue;
    text += fmt::format("  {} does not hold it.\n", Named(model.processes[one.process].process));
    text += ClaimText(model, one);
  }
  return text;
}

std::string WhoseText(const Model& model, const SegmentUse& use) {
  const auto named = [&](std::size_t process) { return Named(model.processes[process].process); };
  if (use.owner) return fmt::format("{} owns it.\n", named(*use.owner));
  if (!use.passage) return "";
  const std::string to = use.passage->to ? " to " + named(*use.passage->to) : "";
  const std::string lasting = use.passage->lasting ? ", for " + Lasting(*use.passage->lasting) : "";
  return fmt::format("It is on its way from {}{}{}.\n", named(use.passage->from), to, lasting);
}

std::string RegistryText(const Model& model, const ProcessKey& process) {
  const ProcessRegistry* const registry = FindRegistry(model, process);
  if (registry == nullptr) return "";
  switch (registry->standing) {
    case RegistryStanding::kBelieved: break;
    case RegistryStanding::kUnsealed: return "Its registry is not believed: others can write it.\n";
    case RegistryStanding::kMalformed: return "Its registry is none.\n";
    case RegistryStanding::kSeveral:
      return "Its registry is not believed: it has several, or others write it.\n";
  }
  std::string text;
  if (registry->unlisted > 0) {
    text +=
        fmt::format("Its registry had no room for {}.\n", Counted(registry->unlisted, "segment"));
  }
  if (registry->nonsense > 0) {
    text += fmt::format(
        "Its registry has {} that mean nothing.\n",
        registry->nonsense == 1 ? "1 entry" : fmt::format("{} entries", registry->nonsense));
  }
  const auto unknown = std::ranges::count_if(model.unknown_claims, [&](const ClaimUse& one) {
    return one.doubt != Doubt::kNone && model.processes[one.process].process.key == process;
  });
  if (unknown > 0) {
    text += fmt::format("Its registry says that it has {} which nobody holds.\n",
                        Counted(static_cast<std::uint64_t>(unknown), "segment"));
  }
  return text;
}

}  // namespace memtrack
