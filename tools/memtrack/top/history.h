// The memory of each tag over the last samples.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tools/memtrack/model/model.h"

namespace memtrack::top {

class TagHistory {
 public:
  static constexpr std::size_t kSamples = 60;

  // The next sample; models come in the order of their times.
  void Add(const Model& model);

  // Bytes, oldest first; 0 where there was no such tag.
  std::vector<double> BytesOf(std::string_view tag) const;
  // Bytes per minute over these samples: the median slope, which a single step does not move.
  double GrowthOf(std::string_view tag) const;

 private:
  struct Course {
    std::deque<double> bytes;  // as many as minutes_
    double growth = 0;
  };
  double SlopeOf(const std::deque<double>& bytes) const;

  std::deque<double> minutes_;
  std::map<std::string, Course, std::less<>> courses_;  // without those that are 0 throughout
};

}  // namespace memtrack::top
