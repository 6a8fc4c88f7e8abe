// What the user has chosen: where to look, in which order, at which row. Plain data, changed by
// keys alone; what is shown follows from it, from Data and from the size of the window.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/memtrack/scan/snapshot.h"

namespace memtrack::top {

enum class Screen : std::uint8_t { kTags, kProcesses, kSegments, kHolders, kVerdicts };
inline constexpr std::size_t kScreens = 5;

// One screen, and what it is about: of what one went down from, at most one is there.
struct Place {
  Screen screen = Screen::kTags;
  std::string tag;                    // of kSegments: only of this tag; empty: any
  std::optional<ProcessKey> process;  // of kSegments: only what it holds
  std::optional<SegmentKey> segment;  // of kHolders: whose
  std::string filter;                 // only rows with a name that has this in it
  // The row that is marked, by what it stands for: it keeps its mark when the order changes.
  // Empty until the user has moved: the first one.
  std::string selected;
  std::size_t selected_row = 0;  // where it was; takes its place when it is gone
  std::size_t first_row = 0;     // that is seen
};

struct Order {
  std::size_t column = 0;
  bool is_reversed = false;
};

struct State {
  State();

  std::vector<Place> places;  // from the top one down to the one that is shown; never empty
  std::array<Order, kScreens> orders;
  bool is_typing = false;  // a filter
  bool shows_help = false;
  bool is_paused = false;
  bool wants_end = false;
  int wants_step = 0;  // through a recording: -1 back, 1 on; whoever takes it sets it to 0

  Place& place() { return places.back(); }
  const Place& place() const { return places.back(); }
  Order& order() { return orders[static_cast<std::size_t>(place().screen)]; }
  const Order& order() const { return orders[static_cast<std::size_t>(place().screen)]; }
};

}  // namespace memtrack::top
