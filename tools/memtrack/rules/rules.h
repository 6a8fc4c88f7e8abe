// The rules: each one looks at the course of things and says what is wrong, and nothing else.
//
// None of them believes a single pass: a descriptor that is handed over while the scan runs is seen
// nowhere, or twice. What each is after, and real cases, are in docs/memtrack.md.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "tools/memtrack/model/model.h"
#include "tools/memtrack/rules/course.h"
#include "tools/memtrack/rules/verdict.h"

namespace memtrack {

// Defaults are what a desktop at rest stays below.
struct RuleOptions {
  std::size_t least_samples = 5;             // for growth
  double segments_per_minute = 6;            // growth beyond this, or
  double bytes_per_minute = 1 << 20;         // this, is a leak
  double least_segments_gained = 4;          // and not before it has come to this, or
  double least_bytes_gained = 1 << 20;       // this
  std::int64_t held_for = 30'000'000'000;    // nanoseconds for which it is all right to hold
  std::uint64_t many = 8;                    // segments that are no accident, or
  std::uint64_t many_bytes = 8 << 20;        // bytes
  std::size_t passes_in_flight = 3;          // that one socket may keep the same descriptors
  std::uint32_t descriptors_of_one = 64;     // for one segment in one process
  std::uint64_t sparse_from = 64 << 20;      // size from which a segment may be called sparse
  std::uint64_t sparse_ratio = 16;           // of its size to what backs it
  std::int64_t ghost_bytes = 1 << 20;        // that may come up without an explanation
  std::map<std::string, double> max_growth;  // tag, or "*" -> segments it may gain in the course
};

std::vector<Verdict> FindGrowingTags(const Course& course, const RuleOptions& options);
std::vector<Verdict> FindOverBudget(const Course& course, const RuleOptions& options);
std::vector<Verdict> FindReceiverOnly(const Course& course, const RuleOptions& options);
std::vector<Verdict> FindOrphaned(const Course& course, const RuleOptions& options);
std::vector<Verdict> FindDescriptorOnly(const Course& course, const RuleOptions& options);
std::vector<Verdict> FindStuckInFlight(const Course& course, const RuleOptions& options);
std::vector<Verdict> FindMultiplied(const Course& course, const RuleOptions& options);
std::vector<Verdict> FindInherited(const Course& course, const RuleOptions& options);
std::vector<Verdict> FindSparse(const Course& course, const RuleOptions& options);
std::vector<Verdict> FindPastEnd(const Course& course, const RuleOptions& options);
std::vector<Verdict> FindUnsealed(const Course& course, const RuleOptions& options);
std::vector<Verdict> FindGhosts(const Course& course, const RuleOptions& options);
std::vector<Verdict> FindDisagreements(const Course& course, const RuleOptions& options);

// All of them: leaks first, then by kind and tag. Nothing for less than two models.
std::vector<Verdict> Judge(std::span<const Model> models, const RuleOptions& options);
std::vector<Verdict> Judge(const Course& course, const RuleOptions& options);

// Whether one of them is more than a risk.
bool HasLeak(const std::vector<Verdict>& verdicts);

}  // namespace memtrack
