#include "tools/memtrack/model/complete.h"

#include <algorithm>
#include <set>
#include <vector>

namespace memtrack {
namespace {

template <class Row>
void SortByKey(std::vector<Row>& rows) {
  std::ranges::stable_sort(rows, {}, &Row::key);
  const auto is_same = [](const Row& a, const Row& b) { return a.key == b.key; };
  rows.erase(std::unique(rows.begin(), rows.end(), is_same), rows.end());
}

// Adds rows for keys that have none.
template <class Row, class Key>
class Completion {
 public:
  explicit Completion(std::vector<Row>& rows) : rows_(rows) {
    known_.reserve(rows.size());
    for (const Row& row : rows) known_.push_back(row.key);
    std::ranges::sort(known_);
  }

  void Need(const Key& key) {
    if (std::ranges::binary_search(known_, key)) return;
    if (added_.insert(key).second) rows_.emplace_back().key = key;
  }

 private:
  std::vector<Row>& rows_;
  std::vector<Key> known_;  // from the beginning, ascending
  std::set<Key> added_;
};

}  // namespace

Snapshot Completed(Snapshot snapshot) {
  Completion<Segment, SegmentKey> segments(snapshot.segments);
  Completion<Process, ProcessKey> processes(snapshot.processes);
  for (const DescriptorHold& hold : snapshot.descriptors) {
    segments.Need(hold.segment);
    processes.Need(hold.process);
  }
  for (const MappingHold& hold : snapshot.mappings) {
    segments.Need(hold.segment);
    processes.Need(hold.process);
  }
  for (const InFlightHold& hold : snapshot.in_flight) {
    processes.Need(hold.receiver);
    for (const SegmentKey& key : hold.segments) segments.Need(key);
  }
  // A claim about memory that nobody holds is no memory, but whose word it is has a row.
  for (const Claim& claim : snapshot.claims) processes.Need(claim.process);
  for (const ProcessRegistry& registry : snapshot.registries) processes.Need(registry.process);
  SortByKey(snapshot.segments);
  SortByKey(snapshot.processes);
  return snapshot;
}

}  // namespace memtrack
