// From what there is and what is wanted to what is seen. No clock, no terminal, no memory of what
// was drawn before.
#pragma once

#include <cstddef>

#include "tools/memtrack/top/data.h"
#include "tools/memtrack/top/picture.h"
#include "tools/memtrack/top/state.h"

namespace memtrack::top {

Picture Draw(const State& state, const Data& data, const Canvas& canvas);

// How many rows of the list there is room for.
std::size_t RowsSeen(const State& state, const Data& data, const Canvas& canvas);

// The first row to show: `first` if `selected` is then among the `seen` ones, else the nearest one
// for which it is; none is left empty while there are rows before.
std::size_t FirstRowSeen(std::size_t first, std::size_t selected, std::size_t seen,
                         std::size_t rows);

}  // namespace memtrack::top
