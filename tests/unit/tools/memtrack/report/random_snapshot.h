// Snapshots of any shape: holds of what is there and of what is not, of memory of any size, Baton's
// and others'.
#pragma once

#include <random>
#include <string>

#include "tools/memtrack/scan/snapshot.h"

namespace memtrack::testing {

inline Snapshot RandomSnapshot(unsigned seed) {
  std::mt19937 random(seed);
  const auto up_to = [&](unsigned most) {
    return std::uniform_int_distribution<unsigned>(0, most)(random);
  };
  const unsigned processes = up_to(8);
  const unsigned segments = up_to(12);
  const auto process = [&] { return ProcessKey{static_cast<int>(up_to(processes)) + 1, 7}; };
  const auto segment = [&] {
    return SegmentKey{1, up_to(segments), static_cast<SegmentKind>(up_to(5))};
  };
  Snapshot snapshot;
  snapshot.taken_at = 1000 + seed;
  snapshot.since_boot = seed;
  for (unsigned i = 0; i < processes; ++i) {
    Process& one = snapshot.processes.emplace_back();
    one.key = process();  // some twice, some never
    one.command = "p" + std::to_string(i);
    one.parent_pid = static_cast<int>(up_to(processes));
    one.is_stopped = up_to(1) == 1;
  }
  for (unsigned i = 0; i < segments; ++i) {
    Segment& one = snapshot.segments.emplace_back();
    one.key = segment();
    one.name = up_to(1) == 1 ? "baton:PImage:" + std::to_string(i) : "pool-" + std::to_string(i);
    if (up_to(3) > 0) one.size = up_to(100000);
    if (up_to(3) > 0) one.allocated = up_to(100000);
    if (up_to(1) == 1) one.born = up_to(1000);
    if (up_to(1) == 1) one.attributes["creator"] = std::to_string(up_to(processes) + 1);
  }
  for (unsigned i = up_to(30); i > 0; --i) {
    DescriptorHold& hold = snapshot.descriptors.emplace_back();
    hold.segment = segment();
    hold.process = process();
    hold.descriptor = static_cast<int>(i);
    hold.open_file = up_to(3);
    hold.is_close_on_exec = up_to(1) == 1;
  }
  for (unsigned i = up_to(30); i > 0; --i) {
    MappingHold& hold = snapshot.mappings.emplace_back();
    hold.segment = segment();
    hold.process = process();
    hold.address = i * 4096;
    hold.length = up_to(100000);
    hold.is_readable = up_to(1) == 1;
    hold.is_private = up_to(4) == 0;
  }
  for (unsigned i = up_to(3); i > 0; --i) {
    InFlightHold& hold = snapshot.in_flight.emplace_back();
    hold.receiver = process();
    hold.socket_inode = i;
    hold.descriptors = up_to(3);
    hold.segments.push_back(segment());
  }
  for (unsigned i = up_to(3); i > 0; --i) {
    ProcessRegistry& registry = snapshot.registries.emplace_back();
    registry.process = process();
    registry.memory = segment();
    registry.standing = static_cast<RegistryStanding>(up_to(3));
    registry.unlisted = up_to(2);
    registry.nonsense = up_to(2);
  }
  for (unsigned i = up_to(20); i > 0; --i) {
    Claim& claim = snapshot.claims.emplace_back();
    claim.process = process();
    claim.segment = segment();
    claim.state = static_cast<baton::platform::RegistryState>(up_to(7));
    claim.keeps_access = up_to(3) == 0;
    claim.peer_pid = static_cast<int>(up_to(processes));
    claim.bytes = up_to(100000);
    claim.transfers = up_to(9);
    claim.sequence = 2 * up_to(9);
    if (up_to(1) == 1) claim.lasting = up_to(1000);
    claim.is_steady = up_to(3) > 0;
  }
  return snapshot;
}

}  // namespace memtrack::testing
