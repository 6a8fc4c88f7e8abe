// Snapshots for tests, without a machine.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tools/memtrack/model/build_model.h"
#include "tools/memtrack/scan/snapshot.h"

namespace memtrack::testing {

// 19:34:50Z of some day.
inline constexpr std::int64_t kBegin = 1'795'980'890'000'000'000;
inline constexpr std::int64_t kSecond = 1'000'000'000;
inline constexpr std::int64_t kUptime = 1000 * kSecond;  // then

class MadeUp {
 public:
  explicit MadeUp(double seconds = 0) {
    snapshot_.taken_at = kBegin + static_cast<std::int64_t>(seconds * 1e9);
    snapshot_.since_boot = kUptime + static_cast<std::int64_t>(seconds * 1e9);
    snapshot_.scan_nanos = 4'000'000;
  }

  // The process `pid`, which started at tick `pid`.
  Process& Runs(int pid, const std::string& command, int parent = 1) {
    Process& process = snapshot_.processes.emplace_back();
    process.key = KeyOf(pid);
    process.parent_pid = parent;
    process.command = command;
    ++snapshot_.coverage.read;
    return process;
  }

  // Somebody sets the clock on the wall.
  void SetsClock(std::int64_t later) { snapshot_.taken_at += later; }

  // Born 100 seconds before the story begins.
  Segment& Has(std::uint64_t inode, const std::string& name, std::uint64_t bytes) {
    Segment& segment = snapshot_.segments.emplace_back();
    segment.key = SegmentOf(inode);
    segment.name = name;
    segment.size = bytes;
    segment.allocated = bytes;
    segment.born = kBegin - 100 * kSecond;
    segment.creator_uid = 0;
    snapshot_.machine.shmem += bytes;
    snapshot_.machine.explained += bytes;
    return segment;
  }

  // As Baton's runtime labels what it makes: tests/process/labels_test.cc insists on it.
  Segment& HasBatons(std::uint64_t inode, const std::string& protocol, std::uint64_t bytes,
                     int creator) {
    Segment& segment = Has(inode, "baton:" + protocol + ":4f12ab0c77d1e900", bytes);
    segment.attributes = {{"creator", std::to_string(creator)},
                          {"id", "4f12ab0c77d1e900c1d2aa8731e05b6f"},
                          {"kind", "shmem"},
                          {"protocol", protocol}};
    return segment;
  }

  DescriptorHold& Opens(int pid, std::uint64_t inode) {
    DescriptorHold& hold = snapshot_.descriptors.emplace_back();
    hold.segment = SegmentOf(inode);
    hold.process = KeyOf(pid);
    hold.descriptor = static_cast<int>(snapshot_.descriptors.size()) + 2;
    hold.is_close_on_exec = true;
    hold.is_writable = true;
    return hold;
  }

  MappingHold& Maps(int pid, std::uint64_t inode, std::uint64_t length = 4096) {
    MappingHold& hold = snapshot_.mappings.emplace_back();
    hold.segment = SegmentOf(inode);
    hold.process = KeyOf(pid);
    hold.address = 0x7f0000000000 + snapshot_.mappings.size() * 0x100000;
    hold.length = length;
    hold.is_readable = hold.is_writable = true;
    return hold;
  }

  // As Baton has it after it has handed memory over: the lower range is empty, the pages are above.
  void MapsRevoked(int pid, std::uint64_t inode) {
    MappingHold& home = Maps(pid, inode);
    home.is_readable = home.is_writable = false;
    const std::uint64_t vault = home.address + home.length;
    Maps(pid, inode).address = vault;
  }

  // By its registry, which is believed.
  Claim& Says(int pid, std::uint64_t inode, baton::platform::RegistryState state) {
    const bool has_one = std::ranges::any_of(
        snapshot_.registries, [&](const auto& one) { return one.process == KeyOf(pid); });
    if (!has_one) snapshot_.registries.emplace_back().process = KeyOf(pid);
    Claim& claim = snapshot_.claims.emplace_back();
    claim.process = KeyOf(pid);
    claim.segment = SegmentOf(inode);
    claim.state = state;
    claim.sequence = 2;
    claim.is_steady = true;
    return claim;
  }

  InFlightHold& Sends(int receiver, std::uint64_t socket, std::vector<std::uint64_t> inodes) {
    InFlightHold& hold = snapshot_.in_flight.emplace_back();
    hold.receiver = KeyOf(receiver);
    hold.socket_descriptor = 7;
    hold.socket_inode = socket;
    hold.descriptors = static_cast<std::uint32_t>(inodes.size());
    for (const std::uint64_t inode : inodes) hold.segments.push_back(SegmentOf(inode));
    return hold;
  }

  Snapshot& snapshot() { return snapshot_; }
  Model model(Share share = Share::kOwner) const { return BuildModel(snapshot_, share); }

  static ProcessKey KeyOf(int pid) { return {pid, static_cast<std::uint64_t>(pid)}; }
  static SegmentKey SegmentOf(std::uint64_t inode) { return {1, inode, SegmentKind::kMemfd}; }

 private:
  Snapshot snapshot_;
};

}  // namespace memtrack::testing
