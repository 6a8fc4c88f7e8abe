// Does a row of numbers grow, or does it only move?
#pragma once

#include <optional>
#include <span>
#include <vector>

namespace memtrack {

struct Sample {
  double minutes = 0;  // ascending
  double value = 0;
};

// The median of the slopes between all pairs, per minute: outliers do not move it. 0 for less than
// two samples.
double TheilSenSlope(std::span<const Sample> samples);

struct GrowthLimits {
  std::size_t least_samples = 5;
  double per_minute = 0;  // grows if it grows by more than this,
  double gain = 0;        // and by at least this from its lowest value to its last
};

struct Growth {
  double per_minute = 0;
  std::size_t since = 0;  // index of the sample with the lowest value, where growth began
};

// Growth that still goes on. Nothing for what has come to rest (a cache that is warm), for a step
// (a window that was resized), and for what goes up and down (churn): the newer half of the
// time has to grow as well as the whole, and at least four of five pairs of samples have to agree.
std::optional<Growth> FindGrowth(std::span<const Sample> samples, const GrowthLimits& limits);

}  // namespace memtrack
