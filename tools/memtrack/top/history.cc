#include "tools/memtrack/top/history.h"

#include <algorithm>

#include "tools/memtrack/rules/trend.h"

namespace memtrack::top {
namespace {

bool IsNothing(double bytes) {
  return bytes == 0;
}

}  // namespace

void TagHistory::Add(const Model& model) {
  minutes_.push_back(static_cast<double>(model.clock) / 60e9);
  for (auto& [tag, course] : courses_) course.bytes.push_back(0);
  for (const TagUse& tag : model.tags) {
    Course& course = courses_[tag.tag];
    course.bytes.resize(minutes_.size());
    course.bytes.back() = static_cast<double>(tag.bytes);
  }
  const bool is_full = minutes_.size() > kSamples;
  if (is_full) minutes_.pop_front();
  for (auto& [tag, course] : courses_) {
    if (is_full) course.bytes.pop_front();
    course.growth = SlopeOf(course.bytes);
  }
  std::erase_if(courses_,
                [](const auto& one) { return std::ranges::all_of(one.second.bytes, IsNothing); });
}

double TagHistory::SlopeOf(const std::deque<double>& bytes) const {
  const bool moves = std::ranges::adjacent_find(bytes, std::ranges::not_equal_to()) != bytes.end();
  if (!moves) return 0;  // most tags, most of the time
  std::vector<Sample> samples;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    samples.push_back({minutes_[i] - minutes_.front(), bytes[i]});
  }
  return TheilSenSlope(samples);
}

std::vector<double> TagHistory::BytesOf(std::string_view tag) const {
  const auto at = courses_.find(tag);
  if (at == courses_.end()) return {};
  return {at->second.bytes.begin(), at->second.bytes.end()};
}

double TagHistory::GrowthOf(std::string_view tag) const {
  const auto at = courses_.find(tag);
  return at == courses_.end() ? 0 : at->second.growth;
}

}  // namespace memtrack::top
