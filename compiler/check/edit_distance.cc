#include "compiler/check/edit_distance.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace batonc {
namespace {

std::string Lower(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

// A different case is half a mistake; so that `String` means `string` before `Sting`.
std::size_t DoubledDistance(std::string_view a, std::string_view b, std::size_t limit) {
  return EditDistance(a, b, limit) + EditDistance(Lower(a), Lower(b), limit);
}

}  // namespace

std::size_t EditDistance(std::string_view a, std::string_view b, std::size_t limit) {
  const std::size_t lengths = a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
  if (lengths > limit) return limit + 1;
  std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({replaced, last[j] + 1, row[j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    if (*std::ranges::min_element(row) > limit) return limit + 1;
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return std::min(last[b.size()], limit + 1);
}

std::optional<std::string> NearestName(std::string_view name,
                                       const std::vector<std::string>& candidates) {
  constexpr std::size_t kLongestName = 64;  // longer ones are not typed by hand
  if (name.size() > kLongestName) return std::nullopt;
  const std::size_t limit = std::max<std::size_t>(1, name.size() / 3);
  std::size_t best = 2 * limit + 1;
  const std::string* nearest = nullptr;
  for (const std::string& candidate : candidates) {
    const bool only_case = candidate.size() == name.size() && Lower(candidate) == Lower(name);
    const std::size_t distance = only_case ? 1 : DoubledDistance(name, candidate, limit);
    if (distance > best || distance > 2 * limit) continue;
    nearest = distance < best ? &candidate : nullptr;
    best = distance;
  }
  return nearest == nullptr ? std::nullopt : std::optional(*nearest);
}

}  // namespace batonc
