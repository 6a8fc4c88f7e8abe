// Bytes per tag over time, as many points as a chart can show.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tools/memtrack/model/model.h"

namespace memtrack {

// What a chart draws, one value of each row for each time.
struct Chart {
  // Nanoseconds since 1970; ascending, even if somebody has set the clock.
  std::vector<std::int64_t> times;
  std::vector<std::string> tags;                  // from bottom to top
  std::vector<std::vector<std::uint64_t>> bytes;  // of each tag
  std::vector<std::uint64_t> other;               // of all other tags together
};

// Bounded, however long it goes on and whatever the memory is called: the newest points stay as
// they came, of the older ones every second one goes whenever there are too many.
class History {
 public:
  static constexpr std::size_t kMostPoints = 600;
  static constexpr std::size_t kNewest = 300;
  static constexpr std::size_t kMostTags = 24;  // of one point; the rest counts as other

  void Add(const Model& model);
  std::size_t size() const { return points_.size(); }

  // The `most` tags that matter: first `important` ones, then those that have been largest. The
  // important ones lie on top, where they lift no other.
  Chart ChartOf(std::size_t most, const std::set<std::string>& important) const;

 private:
  struct Point {
    std::int64_t clock = 0;  // Model::clock
    std::uint64_t total = 0;
    std::vector<std::pair<std::string, std::uint64_t>> tags;  // by name
  };

  std::vector<std::string> Chosen(std::size_t most, const std::set<std::string>& important) const;

  std::vector<Point> points_;
  std::int64_t wall_ = 0;  // from that clock to the one on the wall
};

}  // namespace memtrack
