#include "tools/memtrack/scan/assemble.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "tools/memtrack/scan/machine.h"
#include "tools/memtrack/scan/open_files.h"
#include "tools/memtrack/scan/registries.h"

namespace memtrack {
namespace {

template <class T>
void Append(std::vector<T>& all, const std::vector<T>& some) {
  all.insert(all.end(), some.begin(), some.end());
}

// Several processes may have one socket, after a fork: the first of them is named.
void AppendInFlight(const std::vector<InFlightHold>& holds, std::set<std::uint64_t>& seen,
                    std::vector<InFlightHold>& all) {
  for (const InFlightHold& hold : holds) {
    if (seen.insert(hold.socket_inode).second) all.push_back(hold);
  }
}

void Count(const ProcessFindings& found, Coverage& coverage) {
  ++(found.process.is_readable ? coverage.read : coverage.denied);
  if (found.is_reused) ++coverage.reused;
  coverage.closed_sockets += found.in_flight.closed_sockets;
}

std::uint32_t OtherMountNamespaces(const std::vector<Process>& processes, std::uint64_t own) {
  std::set<std::uint64_t> others;
  for (const Process& process : processes) others.insert(process.mount_namespace);
  others.erase(0);
  others.erase(own);
  return static_cast<std::uint32_t>(others.size());
}

void Sort(Snapshot& snapshot) {
  std::ranges::sort(snapshot.processes, {}, &Process::key);
  std::ranges::sort(snapshot.descriptors, {}, [](const DescriptorHold& hold) {
    return std::tuple(hold.process, hold.thread, hold.descriptor);
  });
  std::ranges::sort(snapshot.mappings, {},
                    [](const MappingHold& hold) { return std::tuple(hold.process, hold.address); });
}

}  // namespace

Snapshot Assemble(const ScanContext& context,
                  const std::vector<std::optional<ProcessFindings>>& findings,
                  const std::map<SegmentKey, Segment>& segments) {
  Snapshot snapshot;
  std::set<std::uint64_t> sockets;
  RegistryFindings registry;
  for (const auto& found : findings) {
    if (!found) {
      ++snapshot.coverage.gone;
      continue;
    }
    Count(*found, snapshot.coverage);
    snapshot.processes.push_back(found->process);
    Append(snapshot.descriptors, found->descriptors);
    Append(snapshot.mappings, found->mappings);
    AppendInFlight(found->in_flight.holds, sockets, snapshot.in_flight);
    Append(registry.registries, found->registry.registries);
    Append(registry.claims, found->registry.claims);
  }
  Sort(snapshot);
  if (context.is_live && context.options->compares_open_files) {
    NumberOpenFiles(snapshot.descriptors);
  }
  for (const auto& [key, segment] : segments) {
    snapshot.segments.push_back(segment);
    if (!segment.size) ++snapshot.coverage.unsized_segments;
  }
  SettleClaims(snapshot.processes, context.pid_namespace, snapshot.segments, registry);
  snapshot.registries = std::move(registry.registries);
  snapshot.claims = std::move(registry.claims);
  snapshot.machine = MeasureMachine(context, segments);
  snapshot.coverage.other_mount_namespaces =
      OtherMountNamespaces(snapshot.processes, context.mount_namespace);
  return snapshot;
}

}  // namespace memtrack
