// Who makes memory, of which tag, and who holds it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/memtrack/rules/course.h"

namespace memtrack {

struct FlowLink {
  std::string creator;  // "weston (812)", "not known"
  std::string tag;
  std::string holder;  // the same as creator, or "nobody"
  // Of a piece that several hold, each of its links has an equal part: all links add up to all
  // bytes.
  std::uint64_t bytes = 0;
  std::uint32_t segments = 0;
};

inline constexpr std::size_t kMostFlowCreators = 8;
inline constexpr std::size_t kMostFlowHolders = 10;
inline constexpr const char* kOtherTags = "other";
inline constexpr const char* kOtherProcesses = "other processes";

// Largest first. All but `tags` are one, and so are all but the largest creators and holders.
std::vector<FlowLink> FlowOf(const Course& course, const std::vector<std::string>& tags);

// "weston (812)", "process 777, ended"; "not known".
std::string CreatorLabel(const Course& course, const SegmentUse& use);

}  // namespace memtrack
