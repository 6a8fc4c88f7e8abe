// The rows of a screen: those that are asked for, in the order that is asked for.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tools/memtrack/top/data.h"
#include "tools/memtrack/top/fields.h"
#include "tools/memtrack/top/state.h"

namespace memtrack::top {

// Points into Data.
struct Listing {
  std::vector<Subject> rows;
  std::size_t all = 0;  // rows without the filter
};

Listing ListingOf(const State& state, const Data& data);

// The row that is marked; 0 when there is none.
std::size_t SelectedRow(const Listing& listing, const Place& place);

// "Tags > weston-keymap > memfd 25".
std::string WhereText(const State& state, const Data& data);

}  // namespace memtrack::top
