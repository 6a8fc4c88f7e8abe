#include "tools/memtrack/rules/trend.h"

#include <algorithm>

namespace memtrack {
namespace {

// Pairs that rise, less those that fall, of all pairs: from -1 to 1. Equal ones count as neither.
double Agreement(std::span<const Sample> samples) {
  double sum = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    for (std::size_t j = i + 1; j < samples.size(); ++j) {
      if (samples[j].value > samples[i].value) ++sum;
      if (samples[j].value < samples[i].value) --sum;
    }
  }
  const double count = static_cast<double>(samples.size());
  return samples.size() < 2 ? 0 : sum / (count * (count - 1) / 2);
}

// By time: samples need not be equally far from each other.
std::span<const Sample> NewerHalf(std::span<const Sample> samples) {
  const double middle = (samples.front().minutes + samples.back().minutes) / 2;
  const auto begin = std::ranges::lower_bound(samples, middle, {}, &Sample::minutes);
  const auto newer = samples.subspan(static_cast<std::size_t>(begin - samples.begin()));
  return newer.size() < 2 ? samples.last(2) : newer;
}

}  // namespace

double TheilSenSlope(std::span<const Sample> samples) {
  std::vector<double> slopes;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    for (std::size_t j = i + 1; j < samples.size(); ++j) {
      const double minutes = samples[j].minutes - samples[i].minutes;
      if (minutes > 0) slopes.push_back((samples[j].value - samples[i].value) / minutes);
    }
  }
  if (slopes.empty()) return 0;
  const std::size_t middle = slopes.size() / 2;
  std::ranges::nth_element(slopes, slopes.begin() + static_cast<std::ptrdiff_t>(middle));
  const double upper = slopes[middle];
  if (slopes.size() % 2 == 1) return upper;
  const auto end = slopes.begin() + static_cast<std::ptrdiff_t>(middle);
  return (upper + *std::max_element(slopes.begin(), end)) / 2;
}

std::optional<Growth> FindGrowth(std::span<const Sample> samples, const GrowthLimits& limits) {
  constexpr double kLeastAgreement = 0.6;  // four rise where one falls
  if (samples.size() < std::max<std::size_t>(limits.least_samples, 2)) return std::nullopt;
  // The last of the lowest: from there on it grew.
  std::size_t since = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (samples[i].value <= samples[since].value) since = i;
  }
  const double gain = samples.back().value - samples[since].value;
  if (gain < limits.gain || gain <= 0) return std::nullopt;
  const auto newer = NewerHalf(samples);
  const double slope = TheilSenSlope(samples);
  if (slope <= limits.per_minute || TheilSenSlope(newer) <= limits.per_minute) return std::nullopt;
  if (Agreement(samples) < kLeastAgreement || Agreement(newer) < kLeastAgreement) {
    return std::nullopt;
  }
  return Growth{slope, since};
}

}  // namespace memtrack
