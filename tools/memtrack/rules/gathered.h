// Segments that one verdict is about, added up.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tools/memtrack/model/saturating.h"
#include "tools/memtrack/rules/course.h"
#include "tools/memtrack/rules/verdict.h"

namespace memtrack {

struct Gathered {
  std::uint64_t segments = 0;
  std::uint64_t bytes = 0;
  std::int64_t oldest = 0;  // nanoseconds
  std::vector<SegmentKey> examples;

  void Add(const Course& course, const SegmentUse& use) {
    ++segments;
    AddTo(bytes, use.bytes);
    oldest = std::max(oldest, course.AgeOf(use));
    if (examples.size() < kMostExamples) examples.push_back(use.segment.key);
  }
};

// By tag, and by the processes concerned, in an order that the rule gives a meaning to.
using GatheredByTag = std::map<std::pair<std::string, std::vector<ProcessKey>>, Gathered>;

inline Verdict VerdictAbout(Finding finding, const GatheredByTag::value_type& entry) {
  Verdict verdict;
  verdict.finding = finding;
  verdict.tag = entry.first.first;
  verdict.processes = entry.first.second;
  verdict.segments = entry.second.examples;
  verdict.evidence = {{"segments", static_cast<double>(entry.second.segments)},
                      {"bytes", static_cast<double>(entry.second.bytes)},
                      {"oldest_seconds", static_cast<double>(entry.second.oldest) / 1e9}};
  return verdict;
}

}  // namespace memtrack
