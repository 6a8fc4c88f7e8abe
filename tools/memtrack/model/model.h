// Who holds which shared memory, and who pays for it: a snapshot with the sums drawn. All verdicts
// and views see this and nothing else of a scan.
//
// Bytes are those that memory or swap backs. The charges of all processes and what nobody pays for
// add up to the bytes of all segments, to the byte (docs/decisions/0056).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/memtrack/model/attributes.h"
#include "tools/memtrack/model/claims.h"
#include "tools/memtrack/scan/snapshot.h"

namespace memtrack {

// Who pays for a piece of memory that several processes hold.
enum class Share : std::uint8_t {
  kOwner,         // of Baton's memory its owner; of all other, everybody equally
  kProportional,  // everybody who holds it equally, by descriptor alone or by mapping
  kUnique,        // whoever is the only one who holds it; else nobody
};

// One process's hold on one segment.
struct Holder {
  std::size_t process = 0;  // index into Model::processes
  std::uint32_t descriptors = 0;
  std::uint32_t mappings = 0;          // home and vault of Baton's (places.h) are one
  std::uint32_t private_mappings = 0;  // those of them that copy on write
  std::uint64_t mapped_bytes = 0;      // length of them all; of Baton's, what they show of it
  std::uint64_t farthest_byte = 0;     // of the segment that a mapping claims, plus one
  bool is_writable = false;            // one of the mappings is
  // Baton has taken its page table entries away: it holds the memory, and does not own it.
  bool is_revoked = false;
  // Descriptors of an open file that its parent has as well, and that exec does not close.
  std::uint32_t inherited = 0;
  std::uint32_t open_files = 0;  // different ones behind the descriptors; 0: unknown
  std::uint64_t charged = 0;     // bytes, by Model::share

  bool has_only_descriptors() const { return descriptors > 0 && mappings == 0; }
};

struct SegmentUse {
  Segment segment;
  std::optional<BatonFacts> baton;  // nothing: it is not Baton's
  std::string tag;
  std::uint64_t bytes = 0;
  bool is_estimated = false;              // we may not ask: the length of a mapping, or its size
  std::vector<Holder> holders;            // by process
  std::vector<std::size_t> in_flight_to;  // processes in whose sockets it was seen, ascending
  std::uint64_t uncharged = 0;            // bytes that nobody pays for
  std::vector<ClaimUse> claims;           // what registries say, by process
  // Whose it is, of what is handed over: by the kernel's word, else by its own. Index into
  // Model::processes; nothing: of nobody, or of several.
  std::optional<std::size_t> owner;
  std::optional<Passage> passage;

  // Nanoseconds, at `now` of the clock on the wall, which somebody may have set since; nothing:
  // unknown. Course::AgeOf knows better.
  std::optional<std::int64_t> AgeAt(std::int64_t now) const;

  // A process that lives can touch it: of Baton's memory, one whose page tables have not been
  // emptied.
  bool IsWithinReach() const;
};

struct ProcessUse {
  Process process;
  std::uint64_t charged = 0;       // by Model::share
  std::uint64_t proportional = 0;  // as Share::kProportional would have it
  std::uint64_t unique = 0;        // would be free if it ended now
  std::uint64_t held = 0;          // whole bytes of what it holds by descriptor alone
  std::uint64_t mapped = 0;        // whole bytes of what it maps
  std::uint32_t in_flight = 0;     // descriptors of any kind that lie in its sockets
  std::uint32_t segments = 0;
};

struct TagUse {
  std::string tag;
  std::uint32_t segments = 0;
  std::uint64_t bytes = 0;
  std::uint64_t size = 0;       // as their lengths say; at least `bytes` where those are unknown
  std::uint32_t processes = 0;  // that hold any of them
};

struct Model {
  std::int64_t taken_at = 0;  // nanoseconds since 1970: to be shown, not to be reckoned with
  // The same moment by a clock that nobody sets, since boot: how much later one model is than
  // another. What does not say that (an old recording) has `taken_at` here as well.
  std::int64_t clock = 0;
  // When the machine was booted, by the clock on the wall as it goes now. Nothing: not said.
  std::optional<std::int64_t> booted_at;
  std::int64_t scan_nanos = 0;
  Share share = Share::kOwner;
  std::vector<ProcessUse> processes;  // by key; all that were seen
  std::vector<SegmentUse> segments;   // by key
  std::vector<TagUse> tags;           // by name
  std::vector<InFlightHold> in_flight;
  std::vector<ProcessRegistry> registries;  // by process
  std::vector<ClaimUse> unknown_claims;     // about memory that nobody has seen, by process
  std::uint64_t bytes = 0;                  // of all segments
  std::uint64_t uncharged = 0;              // of those, what nobody pays for
  MachineMemory machine;
  Coverage coverage;
};

// Nothing if it is not there.
const ProcessUse* FindProcess(const Model& model, const ProcessKey& key);
const ProcessUse* FindProcess(const Model& model, int pid);
const ProcessRegistry* FindRegistry(const Model& model, const ProcessKey& process);
const SegmentUse* FindSegment(const Model& model, const SegmentKey& key);

// When a process was started: nanoseconds since boot, in whole ticks.
std::int64_t StartOf(const ProcessKey& process);

// The same memory in two models: numbers of inodes come back, but not with the time of birth.
inline bool IsSameSegment(const Segment& a, const Segment& b) {
  return a.key == b.key && a.born == b.born;
}

}  // namespace memtrack
