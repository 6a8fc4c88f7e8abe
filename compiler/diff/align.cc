#include "compiler/diff/align.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace batonc {
namespace {

using Places = std::unordered_map<std::string_view, std::size_t>;

Places PlacesOf(const std::vector<std::string>& names) {
  Places places;
  for (std::size_t i = 0; i < names.size(); ++i) places.emplace(names[i], i);
  return places;
}

}  // namespace

Alignment Align(const std::vector<std::string>& older, const std::vector<std::string>& newer) {
  Alignment result;
  const Places in_older = PlacesOf(older);
  const Places in_newer = PlacesOf(newer);
  const auto is_renamed = [&](std::size_t i) {
    return i < older.size() && i < newer.size() && !in_newer.contains(older[i]) &&
           !in_older.contains(newer[i]);
  };
  for (std::size_t i = 0; i < older.size(); ++i) {
    if (const auto found = in_newer.find(older[i]); found != in_newer.end()) {
      result.kept.emplace_back(i, found->second);
    } else if (is_renamed(i)) {
      result.kept.emplace_back(i, i);
    } else {
      result.gone.push_back(i);
    }
  }
  // Numbers that merely shifted are explained by what is gone or inserted.
  const auto by_new = [](const auto& a, const auto& b) { return a.second < b.second; };
  if (!std::is_sorted(result.kept.begin(), result.kept.end(), by_new)) {
    std::ranges::copy_if(result.kept, std::back_inserter(result.moved),
                         [](const auto& pair) { return pair.first != pair.second; });
  }
  const auto last = std::ranges::max_element(result.kept, by_new);
  const std::size_t end = last == result.kept.end() ? 0 : last->second + 1;
  for (std::size_t i = 0; i < newer.size(); ++i) {
    if (in_older.contains(newer[i]) || is_renamed(i)) continue;
    (i < end ? result.inserted : result.appended).push_back(i);
  }
  return result;
}

}  // namespace batonc
