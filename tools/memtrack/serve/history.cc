#include "tools/memtrack/serve/history.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace memtrack {
namespace {

std::uint64_t BytesOf(const std::vector<std::pair<std::string, std::uint64_t>>& tags,
                      const std::string& tag) {
  const auto at = std::ranges::lower_bound(
      tags, tag, {}, [](const auto& one) -> const auto& { return one.first; });
  return at != tags.end() && at->first == tag ? at->second : 0;
}

}  // namespace

void History::Add(const Model& model) {
  Point& point = points_.emplace_back();
  point.clock = model.clock;
  wall_ = model.taken_at - model.clock;
  point.total = model.bytes;
  for (const TagUse& tag : model.tags) point.tags.emplace_back(tag.tag, tag.bytes);
  if (point.tags.size() > kMostTags) {
    std::ranges::nth_element(point.tags, point.tags.begin() + kMostTags,
                             [](const auto& a, const auto& b) { return a.second > b.second; });
    point.tags.resize(kMostTags);
  }
  std::ranges::sort(point.tags);
  if (points_.size() <= kMostPoints) return;
  std::vector<Point> kept;
  const std::size_t newest = points_.size() - kNewest;
  for (std::size_t i = 0; i < points_.size(); ++i) {
    if (i >= newest || i % 2 == 0) kept.push_back(std::move(points_[i]));
  }
  points_ = std::move(kept);
}

std::vector<std::string> History::Chosen(std::size_t most,
                                         const std::set<std::string>& important) const {
  std::map<std::string, std::uint64_t> peaks;
  for (const Point& point : points_) {
    for (const auto& [tag, bytes] : point.tags) {
      std::uint64_t& peak = peaks[tag];
      peak = std::max(peak, bytes);
    }
  }
  std::vector<std::tuple<bool, std::uint64_t, std::string>> ranks;
  for (const auto& [tag, peak] : peaks) ranks.emplace_back(important.contains(tag), peak, tag);
  std::ranges::sort(ranks, std::greater());
  if (ranks.size() > most) ranks.resize(most);
  // From bottom to top: what does not matter, largest first; then what does.
  std::ranges::stable_sort(ranks, {}, [](const auto& rank) { return std::get<0>(rank); });
  std::vector<std::string> tags;
  for (auto& rank : ranks) tags.push_back(std::move(std::get<2>(rank)));
  return tags;
}

Chart History::ChartOf(std::size_t most, const std::set<std::string>& important) const {
  Chart chart;
  chart.tags = Chosen(most, important);
  chart.bytes.resize(chart.tags.size());
  for (const Point& point : points_) {
    chart.times.push_back(point.clock + wall_);
    std::uint64_t rest = point.total;
    for (std::size_t i = 0; i < chart.tags.size(); ++i) {
      const std::uint64_t bytes = BytesOf(point.tags, chart.tags[i]);
      chart.bytes[i].push_back(bytes);
      rest -= std::min(rest, bytes);
    }
    chart.other.push_back(rest);
  }
  return chart;
}

}  // namespace memtrack
