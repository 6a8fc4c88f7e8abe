#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "tools/memtrack/record/json_rows.h"
#include "tools/memtrack/record/row_flags.h"

namespace memtrack {
namespace {

using Out = nlohmann::ordered_json;

unsigned Bit(bool is_set, unsigned bit) {
  return is_set ? bit : 0;
}

template <class Value>
Out OrNull(const std::optional<Value>& value) {
  return value ? Out(*value) : Out();
}

template <class Row, class Key>
std::size_t IndexOf(const std::vector<Row>& rows, const Key& key) {
  return static_cast<std::size_t>(
      std::distance(rows.begin(), std::ranges::lower_bound(rows, key, {}, &Row::key)));
}

Out ProcessesOf(const Snapshot& snapshot) {
  Out rows = Out::array();
  for (const Process& process : snapshot.processes) {
    const unsigned flags = Bit(process.is_stopped, kStopped) |
                           Bit(process.leader_is_dead, kLeaderIsDead) |
                           Bit(process.is_readable, kReadable);
    rows.push_back({process.key.pid, process.key.start_time, process.parent_pid, process.uid,
                    process.command, process.cgroup, flags, process.pid_namespace,
                    process.mount_namespace});
  }
  return rows;
}

Out SegmentsOf(const Snapshot& snapshot) {
  Out rows = Out::array();
  for (const Segment& segment : snapshot.segments) {
    Out attributes = Out::object();
    for (const auto& [name, value] : segment.attributes) attributes[name] = value;
    rows.push_back({segment.key.device, segment.key.inode, static_cast<unsigned>(segment.key.kind),
                    segment.name, OrNull(segment.size), OrNull(segment.allocated),
                    OrNull(segment.born), OrNull(segment.creator_uid), OrNull(segment.seals),
                    std::move(attributes)});
  }
  return rows;
}

Out DescriptorsOf(const Snapshot& snapshot) {
  Out rows = Out::array();
  for (const DescriptorHold& hold : snapshot.descriptors) {
    const unsigned flags =
        Bit(hold.is_close_on_exec, kCloseOnExec) | Bit(hold.is_writable, kWritableDescriptor);
    rows.push_back({IndexOf(snapshot.segments, hold.segment),
                    IndexOf(snapshot.processes, hold.process), hold.descriptor, flags,
                    hold.open_file, hold.thread});
  }
  return rows;
}

Out MappingsOf(const Snapshot& snapshot) {
  Out rows = Out::array();
  for (const MappingHold& hold : snapshot.mappings) {
    const unsigned flags = Bit(hold.is_readable, kReadableMapping) |
                           Bit(hold.is_writable, kWritableMapping) |
                           Bit(hold.is_executable, kExecutable) | Bit(hold.is_private, kPrivate);
    rows.push_back({IndexOf(snapshot.segments, hold.segment),
                    IndexOf(snapshot.processes, hold.process), hold.address, hold.length,
                    hold.offset, flags});
  }
  return rows;
}

Out InFlightOf(const Snapshot& snapshot) {
  Out rows = Out::array();
  for (const InFlightHold& hold : snapshot.in_flight) {
    Out segments = Out::array();
    for (const SegmentKey& key : hold.segments) {
      segments.push_back(IndexOf(snapshot.segments, key));
    }
    rows.push_back({IndexOf(snapshot.processes, hold.receiver), hold.socket_descriptor,
                    hold.socket_inode, hold.descriptors, std::move(segments), hold.thread});
  }
  return rows;
}

Out RegistriesOf(const Snapshot& snapshot) {
  Out rows = Out::array();
  for (const ProcessRegistry& one : snapshot.registries) {
    rows.push_back({IndexOf(snapshot.processes, one.process), one.memory.device, one.memory.inode,
                    static_cast<unsigned>(one.memory.kind), static_cast<unsigned>(one.standing),
                    one.unlisted, one.nonsense});
  }
  return rows;
}

// By the memory's numbers: it may be none of the segments.
Out ClaimsOf(const Snapshot& snapshot) {
  Out rows = Out::array();
  for (const Claim& one : snapshot.claims) {
    const unsigned flags =
        Bit(one.keeps_access, kClaimKeepsAccess) | Bit(one.is_steady, kClaimIsSteady);
    rows.push_back({IndexOf(snapshot.processes, one.process), one.segment.device, one.segment.inode,
                    static_cast<unsigned>(one.segment.kind), static_cast<unsigned>(one.state),
                    flags, one.peer_pid, one.bytes, one.transfers, one.sequence,
                    OrNull(one.lasting)});
  }
  return rows;
}

}  // namespace

Out JsonFrom(const Snapshot& snapshot) {
  const MachineMemory& machine = snapshot.machine;
  const Coverage& coverage = snapshot.coverage;
  return {{"time", {snapshot.taken_at, snapshot.scan_nanos, OrNull(snapshot.since_boot)}},
          {"processes", ProcessesOf(snapshot)},
          {"segments", SegmentsOf(snapshot)},
          {"descriptors", DescriptorsOf(snapshot)},
          {"mappings", MappingsOf(snapshot)},
          {"in_flight", InFlightOf(snapshot)},
          {"machine", {machine.shmem, machine.tmpfs_used, machine.explained}},
          {"coverage",
           {coverage.read, coverage.denied, coverage.gone, coverage.unsized_segments,
            coverage.closed_sockets, coverage.other_mount_namespaces, coverage.reused}},
          {"registries", RegistriesOf(snapshot)},
          {"claims", ClaimsOf(snapshot)}};
}

}  // namespace memtrack
