#include "tools/memtrack/scan/registries.h"

#include <time.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "tools/memtrack/scan/file_facts.h"

namespace memtrack {
namespace {

using baton::platform::RegistryEntry;

// A process has one. Of memory that is only called so there may be any number.
constexpr std::size_t kMostRegistries = 4;

// What is wrong with one registry alone costs that registry.
Result<bool> ExcuseOne(const std::error_code& error) {
  if (WhyFailing(error) == Failing::kShort) return baton::Fail(error);
  return false;
}

std::uint64_t MonotonicNanos() {
  timespec now = {};
  if (::clock_gettime(CLOCK_MONOTONIC, &now) != 0) return 0;
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

bool Writes(const std::vector<MappingHold>& mappings, const SegmentKey& memory) {
  return std::ranges::any_of(mappings, [&](const MappingHold& hold) {
    return hold.segment == memory && hold.is_writable && !hold.is_private;
  });
}

Claim ClaimOf(const ProcessKey& process, const RegistryEntry& entry, std::uint64_t now) {
  Claim claim = {.process = process,
                 .segment = {entry.device, entry.inode, SegmentKind::kMemfd},
                 .state = entry.state,
                 .keeps_access = entry.keeps_access,
                 .peer_pid = entry.peer_pid,
                 .bytes = entry.bytes,
                 .transfers = entry.transfers,
                 .sequence = entry.sequence,
                 .lasting = std::nullopt,
                 .is_steady = false};
  if (entry.since != 0 && entry.since <= now) {
    claim.lasting = static_cast<std::int64_t>(now - entry.since);
  }
  return claim;
}

// Memory that anybody can make with any number: which of these it is, whoever has seen it says.
SegmentKey KeyOf(const std::vector<Segment>& segments, const SegmentKey& claimed) {
  for (const auto kind : {SegmentKind::kMemfd, SegmentKind::kPosix, SegmentKind::kHugetlb}) {
    const SegmentKey key = {claimed.device, claimed.inode, kind};
    const auto at = std::ranges::lower_bound(segments, key, {}, &Segment::key);
    if (at != segments.end() && at->key == key) return key;
  }
  return claimed;
}

}  // namespace

Result<std::optional<RegistryReading>> RegistryReading::Open(const ProcFolder& descriptors,
                                                             const SeenRegistry& seen) {
  const auto excuse = [&](const std::error_code& error) -> Result<std::optional<RegistryReading>> {
    BATON_CHECKED(ExcuseOne(error));
    return std::optional<RegistryReading>();
  };
  const auto pinned = descriptors.Pin(std::to_string(seen.descriptor));
  if (!pinned) return excuse(pinned.error());
  const auto facts = FactsOf(pinned->get(), "");
  if (!facts) return excuse(facts.error());
  const bool is_same = facts->device == seen.memory.device && facts->inode == seen.memory.inode;
  if (!is_same) return std::optional<RegistryReading>();
  auto opened = OpenPinned(*pinned);
  if (!opened) return excuse(opened.error());
  RegistryReading reading(seen.memory, *std::move(opened));
  const auto is_sealed = baton::platform::IsSealedRegistry(reading.file_);
  reading.is_sealed_ = is_sealed && *is_sealed;
  auto first = baton::platform::ReadRegistry(reading.file_);
  if (first) {
    reading.first_ = *std::move(first);
  } else {
    BATON_CHECKED(ExcuseOne(first.error()));
  }
  return std::optional(std::move(reading));
}

Result<std::vector<RegistryReading>> RegistryReading::Begin(const ProcFolder& descriptors,
                                                            const std::vector<SeenRegistry>& seen) {
  std::vector<RegistryReading> readings;
  for (const SeenRegistry& one : seen) {
    const bool is_known = std::ranges::any_of(
        readings, [&](const RegistryReading& earlier) { return earlier.memory_ == one.memory; });
    if (is_known) continue;
    if (readings.size() == kMostRegistries) break;
    BATON_TRY(auto reading, Open(descriptors, one));
    if (reading) readings.push_back(*std::move(reading));
  }
  return readings;
}

Result<void> RegistryReading::Finish(const std::vector<RegistryReading>& readings,
                                     const ProcessKey& process,
                                     const std::vector<MappingHold>& mappings,
                                     RegistryFindings& findings) {
  std::vector<const RegistryReading*> own;
  for (const RegistryReading& reading : readings) {
    if (Writes(mappings, reading.memory_)) own.push_back(&reading);
  }
  if (own.size() == 1) return own.front()->ReadAgain(process, findings);
  // Whoever has sent it memory that is called so has made up one of these.
  for (const RegistryReading* reading : own) {
    findings.registries.push_back(
        {.process = process, .memory = reading->memory_, .standing = RegistryStanding::kSeveral});
  }
  return {};
}

Result<void> RegistryReading::ReadAgain(const ProcessKey& process,
                                        RegistryFindings& findings) const {
  ProcessRegistry& registry = findings.registries.emplace_back();
  registry.process = process;
  registry.memory = memory_;
  if (!is_sealed_) {
    registry.standing = RegistryStanding::kUnsealed;
    return {};
  }
  const auto second = baton::platform::ReadRegistry(file_);
  if (!second) BATON_CHECKED(ExcuseOne(second.error()));
  if (!second || !first_) {
    registry.standing = RegistryStanding::kMalformed;
    return {};
  }
  registry.unlisted = second->unlisted;
  registry.nonsense = second->nonsense;
  const auto same = baton::platform::Unchanged(*first_, *second);
  const std::uint64_t now = MonotonicNanos();
  for (const RegistryEntry& entry : second->entries) {
    Claim& claim = findings.claims.emplace_back(ClaimOf(process, entry, now));
    claim.is_steady = std::ranges::binary_search(same, entry.number, {}, &RegistryEntry::number);
  }
  return {};
}

void SettleClaims(const std::vector<Process>& processes, std::uint64_t own_pid_namespace,
                  const std::vector<Segment>& segments, RegistryFindings& all) {
  std::map<SegmentKey, int> writers;
  for (const ProcessRegistry& registry : all.registries) ++writers[registry.memory];
  std::set<ProcessKey> disbelieved;
  for (ProcessRegistry& registry : all.registries) {
    if (writers[registry.memory] > 1) registry.standing = RegistryStanding::kSeveral;
    if (registry.standing != RegistryStanding::kBelieved) disbelieved.insert(registry.process);
  }
  std::erase_if(all.claims, [&](const Claim& c) { return disbelieved.contains(c.process); });
  std::set<ProcessKey> elsewhere;
  for (const Process& process : processes) {
    const bool is_here = own_pid_namespace != 0 && process.pid_namespace == own_pid_namespace;
    if (!is_here) elsewhere.insert(process.key);
  }
  for (Claim& claim : all.claims) {
    claim.segment = KeyOf(segments, claim.segment);
    if (elsewhere.contains(claim.process)) claim.peer_pid = 0;
  }
  std::ranges::stable_sort(
      all.claims, {}, [](const Claim& claim) { return std::pair(claim.segment, claim.process); });
}

}  // namespace memtrack
