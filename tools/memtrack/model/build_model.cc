#include "tools/memtrack/model/build_model.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include <baton/base/check.h>

#include "tools/memtrack/model/charge.h"
#include "tools/memtrack/model/complete.h"
#include "tools/memtrack/model/places.h"
#include "tools/memtrack/model/saturating.h"
#include "tools/memtrack/model/tag.h"

namespace memtrack {
namespace {

// A holder while its holds are still being counted.
struct Counting {
  Holder holder;
  std::vector<MappingHold> mappings;
  std::set<std::uint64_t> open_files;
};

using Counts = std::map<std::pair<std::size_t, std::size_t>, Counting>;  // segment, process

template <class Use, class Key, class Of>
std::size_t IndexOf(const std::vector<Use>& uses, const Key& key, Of of) {
  const auto at = std::ranges::lower_bound(uses, key, {}, of);
  BATON_CHECK(at != uses.end() && of(*at) == key);  // the snapshot was completed
  return static_cast<std::size_t>(std::distance(uses.begin(), at));
}

std::size_t IndexOf(const Model& model, const SegmentKey& key) {
  return IndexOf(model.segments, key, [](const SegmentUse& use) { return use.segment.key; });
}

std::size_t IndexOf(const Model& model, const ProcessKey& key) {
  return IndexOf(model.processes, key, [](const ProcessUse& use) { return use.process.key; });
}

Counting& CountOf(Counts& counts, const Model& model, const SegmentKey& segment,
                  const ProcessKey& process) {
  return counts[{IndexOf(model, segment), IndexOf(model, process)}];
}

// Descriptors for an open file that the parent has too, and that are not closed by exec.
void CountInherited(const Snapshot& snapshot, const Model& model, Counts& counts) {
  using OpenFile = std::tuple<SegmentKey, std::uint64_t, int>;  // and the process that has it
  std::set<OpenFile> open_files;
  for (const DescriptorHold& hold : snapshot.descriptors) {
    if (hold.open_file != 0) open_files.insert({hold.segment, hold.open_file, hold.process.pid});
  }
  for (const DescriptorHold& hold : snapshot.descriptors) {
    if (hold.open_file == 0 || hold.is_close_on_exec) continue;
    const Process& process = model.processes[IndexOf(model, hold.process)].process;
    if (!open_files.contains({hold.segment, hold.open_file, process.parent_pid})) continue;
    ++CountOf(counts, model, hold.segment, hold.process).holder.inherited;
  }
}

Counts CountHolds(const Snapshot& snapshot, const Model& model) {
  Counts counts;
  for (const DescriptorHold& hold : snapshot.descriptors) {
    Counting& counting = CountOf(counts, model, hold.segment, hold.process);
    ++counting.holder.descriptors;
    if (hold.open_file != 0) counting.open_files.insert(hold.open_file);
  }
  for (const MappingHold& hold : snapshot.mappings) {
    CountOf(counts, model, hold.segment, hold.process).mappings.push_back(hold);
  }
  CountInherited(snapshot, model, counts);
  return counts;
}

// Of Baton's memory more addresses may be reserved than there is memory.
std::uint64_t ShownBy(const Place& place, const SegmentUse& use) {
  const bool is_longer = use.baton && use.segment.size && place.bytes > *use.segment.size;
  return std::min(is_longer ? *use.segment.size : place.bytes, kMostBytes);
}

void CountMappings(std::vector<MappingHold>& mappings, const SegmentUse& use, Holder& holder) {
  std::ranges::sort(mappings, {}, &MappingHold::address);
  bool is_open = false;
  for (const Place& place : PlacesOf(mappings, use.baton.has_value())) {
    ++holder.mappings;
    if (place.is_private) ++holder.private_mappings;
    AddTo(holder.mapped_bytes, ShownBy(place, use));
    is_open |= place.is_open;
  }
  for (const MappingHold& hold : mappings) {
    holder.farthest_byte = std::max(holder.farthest_byte, Sum(hold.offset, hold.length));
    holder.is_writable |= hold.is_writable && !hold.is_private;
  }
  holder.is_revoked = use.baton && !mappings.empty() && !is_open;
}

void AddHolders(Counts& counts, Model& model) {
  for (auto& [place, counting] : counts) {
    SegmentUse& use = model.segments[place.first];
    Holder holder = counting.holder;
    holder.process = place.second;
    holder.open_files = static_cast<std::uint32_t>(counting.open_files.size());
    CountMappings(counting.mappings, use, holder);
    use.holders.push_back(holder);
  }
}

void AddClaims(const Snapshot& snapshot, Model& model) {
  for (const Claim& claim : snapshot.claims) {
    const ClaimUse one = {.process = IndexOf(model, claim.process), .claim = claim};
    if (FindSegment(model, claim.segment) == nullptr) {
      model.unknown_claims.push_back(one);
      if (claim.is_steady) model.unknown_claims.back().doubt = Doubt::kNotHeld;
      continue;
    }
    model.segments[IndexOf(model, claim.segment)].claims.push_back(one);
  }
  model.registries = snapshot.registries;
  std::ranges::sort(model.registries, {}, &ProcessRegistry::process);
  for (SegmentUse& use : model.segments) {
    std::ranges::stable_sort(use.claims, {}, &ClaimUse::process);
    SettleOwner(model, use);
  }
}

void AddInFlight(Model& model) {
  for (const InFlightHold& hold : model.in_flight) {
    const std::size_t receiver = IndexOf(model, hold.receiver);
    AddTo(model.processes[receiver].in_flight, hold.descriptors);
    for (const SegmentKey& key : hold.segments) {
      model.segments[IndexOf(model, key)].in_flight_to.push_back(receiver);
    }
  }
  for (SegmentUse& use : model.segments) {
    std::ranges::sort(use.in_flight_to);
    use.in_flight_to.erase(std::unique(use.in_flight_to.begin(), use.in_flight_to.end()),
                           use.in_flight_to.end());
  }
}

// Baton reserves more addresses than there is memory: how much of them it uses a holder may say of
// its own, and nobody of another's.
std::uint64_t FarthestOf(const SegmentUse& use, const Holder& holder) {
  std::optional<std::uint64_t> said;
  for (const ClaimUse& one : ClaimsOf(use, holder.process)) {
    const bool counts = one.claim.is_steady && one.doubt == Doubt::kNone;
    if (counts) said = std::max(said.value_or(0), one.claim.bytes);
  }
  return std::min(holder.farthest_byte, said.value_or(holder.farthest_byte));
}

void Weigh(SegmentUse& use) {
  std::uint64_t longest = 0;
  for (const Holder& holder : use.holders) longest = std::max(longest, FarthestOf(use, holder));
  use.is_estimated = !use.segment.allocated;
  use.bytes =
      std::min(use.segment.allocated.value_or(use.segment.size.value_or(longest)), kMostBytes);
}

void ChargeSegment(SegmentUse& use, Model& model) {
  use.uncharged = use.bytes;
  for (const Charge& charge : ChargesOf(use, model.share)) {
    AddTo(model.processes[charge.process].charged, charge.bytes);
    use.uncharged -= charge.bytes;
    for (Holder& holder : use.holders) {
      if (holder.process == charge.process) holder.charged = charge.bytes;
    }
  }
  for (const Charge& charge : ChargesOf(use, Share::kProportional)) {
    AddTo(model.processes[charge.process].proportional, charge.bytes);
  }
  for (const Charge& charge : ChargesOf(use, Share::kUnique)) {
    AddTo(model.processes[charge.process].unique, charge.bytes);
  }
  for (const Holder& holder : use.holders) {
    ProcessUse& process = model.processes[holder.process];
    ++process.segments;
    AddTo(holder.mappings > 0 ? process.mapped : process.held, use.bytes);
  }
  AddTo(model.bytes, use.bytes);
  AddTo(model.uncharged, use.uncharged);
}

void AddTags(Model& model) {
  std::map<std::string, TagUse> tags;
  std::map<std::string, std::set<std::size_t>> holders;
  for (const SegmentUse& use : model.segments) {
    TagUse& tag = tags[use.tag];
    ++tag.segments;
    AddTo(tag.bytes, use.bytes);
    AddTo(tag.size, std::min(use.segment.size.value_or(use.bytes), kMostBytes));
    for (const Holder& holder : use.holders) holders[use.tag].insert(holder.process);
  }
  for (auto& [name, tag] : tags) {
    tag.tag = name;
    tag.processes = static_cast<std::uint32_t>(holders[name].size());
    model.tags.push_back(std::move(tag));
  }
}

}  // namespace

Model BuildModel(Snapshot snapshot, Share share) {
  snapshot = Completed(std::move(snapshot));
  Model model;
  model.taken_at = snapshot.taken_at;
  model.clock = snapshot.since_boot.value_or(snapshot.taken_at);
  if (snapshot.since_boot) model.booted_at = Difference(snapshot.taken_at, *snapshot.since_boot);
  model.scan_nanos = snapshot.scan_nanos;
  model.share = share;
  model.machine = snapshot.machine;
  model.coverage = snapshot.coverage;
  model.processes.reserve(snapshot.processes.size());
  for (Process& process : snapshot.processes) {
    model.processes.emplace_back().process = std::move(process);
  }
  model.segments.reserve(snapshot.segments.size());
  for (Segment& segment : snapshot.segments) {
    SegmentUse& use = model.segments.emplace_back();
    use.segment = std::move(segment);
    use.baton = BatonFactsOf(use.segment);
    use.tag = TagOf(use.segment, use.baton);
  }
  Counts counts = CountHolds(snapshot, model);
  AddHolders(counts, model);
  model.in_flight = std::move(snapshot.in_flight);
  AddInFlight(model);
  AddClaims(snapshot, model);
  for (SegmentUse& use : model.segments) {
    Weigh(use);
    ChargeSegment(use, model);
  }
  AddTags(model);
  return model;
}

}  // namespace memtrack
