// One thing that is wrong, with what was seen and what to do about it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tools/memtrack/scan/snapshot.h"

namespace memtrack {

enum class Finding : std::uint8_t {
  kGrowth,          // a tag gets more and more
  kSharedGrowth,    // the same, and the same two processes hold every new piece
  kOverBudget,      // a tag has gained more than --max-growth allows
  kReceiverOnly,    // only the receiver holds it; the process that made it lives and has let go
  kOrphaned,        // the process that made it is gone, others still hold it
  kDescriptorOnly,  // open for long, and mapped by nobody
  kInFlight,        // lies in a socket and is not taken
  kMultiplied,      // one process opens one piece of memory again and again
  kInherited,       // a program got it from whoever started it, by exec
  kSparse,          // far larger than what it uses
  kPastEnd,         // mapped beyond its end: touching that is SIGBUS
  kUnsealed,        // another user's, who can shrink it under the mapping: SIGBUS
  kGhosts,          // the machine has more than all that was seen
  kDisagreement,    // what a process says of its memory is not what the kernel says
};

enum class Severity : std::uint8_t {
  kRisk,  // will hurt some day, or could be meant
  kLeak,  // memory that does not come back
};

// A number behind a verdict.
struct Evidence {
  std::string name;  // for programs: "segments_per_minute"; for ever
  double value = 0;
};

struct Verdict {
  Finding finding = Finding::kGrowth;
  Severity severity = Severity::kLeak;
  std::string tag;                    // empty: concerns no tag
  std::vector<SegmentKey> segments;   // some of those concerned, at most kMostExamples
  std::vector<ProcessKey> processes;  // that hold it, or have to do with it
  std::vector<Evidence> evidence;
  std::string text;    // one sentence with the numbers in it
  std::string advice;  // one sentence: where to look, how to free it
};

inline constexpr std::size_t kMostExamples = 8;

// "growth", "shared-growth", ...: for programs, for ever.
std::string_view WordOf(Finding finding);
std::string_view WordOf(Severity severity);

// Whether two verdicts, of different times, are about the same thing.
bool IsSameMatter(const Verdict& a, const Verdict& b);

}  // namespace memtrack
