#include "tests/support/memory_observer.h"

#include <catch2/catch.hpp>
#include <sstream>
#include <utility>

#include "tools/memtrack/scan/scanner.h"

namespace baton::testing {
namespace {

constexpr std::string_view kOurs = "baton:";

// Segment -> what it is called, for those that are ours.
std::map<memtrack::SegmentKey, std::string> OurSegments(const memtrack::Snapshot& snapshot) {
  std::map<memtrack::SegmentKey, std::string> ours;
  for (const memtrack::Segment& segment : snapshot.segments) {
    if (!segment.name.starts_with(kOurs)) continue;
    ours[segment.key] = segment.name + ", inode " + std::to_string(segment.key.inode);
  }
  return ours;
}

std::string Describe(const memtrack::Snapshot& snapshot, const memtrack::ProcessKey& key) {
  for (const memtrack::Process& process : snapshot.processes) {
    if (process.key != key) continue;
    return "process " + std::to_string(key.pid) + " (" + process.command + ")";
  }
  return "process " + std::to_string(key.pid);
}

}  // namespace

std::map<int, HeldMemory> BatonMemoryHeldBy(const std::vector<int>& processes) {
  memtrack::ScanOptions options;
  options.processes = processes;
  options.includes_self = true;
  options.compares_open_files = false;
  options.looks_into_sockets = false;  // what tests do with sockets is not to be touched
  options.threads = 1;
  auto scanner = memtrack::Scanner::Create(std::move(options));
  if (!scanner) {
    FAIL_CHECK("the observer cannot look: " << scanner.error().message());
    return {};
  }
  const auto scanned = scanner->Scan();
  if (!scanned) {
    FAIL_CHECK("the observer sees nothing: " << scanned.error().message());
    return {};
  }

  const memtrack::Snapshot& snapshot = *scanned;
  const auto ours = OurSegments(snapshot);
  std::map<int, HeldMemory> held;
  for (const memtrack::Process& process : snapshot.processes) held[process.key.pid];
  const auto note = [&](const auto& hold, const std::string& how) {
    const auto found = ours.find(hold.segment);
    if (found == ours.end()) return;
    ++held[hold.process.pid][found->second + ": " + Describe(snapshot, hold.process) + ", " + how];
  };
  for (const auto& hold : snapshot.descriptors) {
    note(hold, "descriptor " + std::to_string(hold.descriptor));
  }
  for (const auto& hold : snapshot.mappings) note(hold, "mapping");
  return held;
}

}  // namespace baton::testing
