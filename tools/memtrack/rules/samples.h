// The course of things as rows of numbers, one number for each model.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "tools/memtrack/model/model.h"
#include "tools/memtrack/model/saturating.h"
#include "tools/memtrack/rules/trend.h"

namespace memtrack {

// A row of zeros, with the times: minutes since the first model.
inline std::vector<Sample> EmptySamples(std::span<const Model> models) {
  std::vector<Sample> samples;
  samples.reserve(models.size());
  for (const Model& model : models) {
    const std::int64_t nanos = Difference(model.clock, models.front().clock);
    samples.push_back({static_cast<double>(nanos) / 60e9, 0});
  }
  return samples;
}

struct Samples {
  std::vector<Sample> counts;
  std::vector<Sample> bytes;
};

// How many segments of each sort there are, and how many bytes they have, model by model.
template <class Key>
class SamplesBy {
 public:
  explicit SamplesBy(std::span<const Model> models) : empty_(EmptySamples(models)) {}

  // `model` is its index.
  void Add(const Key& key, std::size_t model, double segments, double bytes) {
    const auto [at, is_new] = all_.try_emplace(key);
    if (is_new) at->second = {empty_, empty_};
    at->second.counts[model].value += segments;
    at->second.bytes[model].value += bytes;
  }

  const std::map<Key, Samples>& all() const { return all_; }

 private:
  std::vector<Sample> empty_;
  std::map<Key, Samples> all_;
};

}  // namespace memtrack
