// Holds what registries say of Baton's memory against what the kernel says. The kernel is believed
// first: a claim fills a gap, or is wrong.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "tools/memtrack/scan/snapshot.h"

namespace memtrack {

// What is wrong with a claim, at this moment.
enum class Doubt : std::uint8_t {
  kNone,
  kNotHeld,   // says that it has it mapped, and holds it in no way
  kRevoked,   // says that it owns it, and cannot touch it
  kWithin,    // says that it has handed it over, and can touch it
  kTwoOwners  // says that it owns it, and so does another
};

struct ClaimUse {
  std::size_t process = 0;  // index into Model::processes
  Claim claim;
  Doubt doubt = Doubt::kNone;  // never of one that changed while it was read
};

// On its way from one process to another: nobody can touch it.
struct Passage {
  std::size_t from = 0;           // indices into Model::processes
  std::optional<std::size_t> to;  // nothing: not known
  std::optional<std::int64_t> lasting;
};

struct Model;
struct SegmentUse;

// Judges the claims about one segment, whose holders are known, and says who owns it, or between
// whom it is. A claim makes nobody pay, or own, but who makes it.
void SettleOwner(const Model& model, SegmentUse& use);

// What one process says of it: usually one thing, two where both sides of a channel are in it.
std::span<const ClaimUse> ClaimsOf(const SegmentUse& use, std::size_t process);

// "owned", "in-flight", "at-peer", "shared", "frozen", "pooled", "orphan": for programs, for ever.
std::string_view WordOf(baton::platform::RegistryState state);
// "none", "not-held", "revoked", "within-reach", "two-owners": the same.
std::string_view WordOf(Doubt doubt);

}  // namespace memtrack
