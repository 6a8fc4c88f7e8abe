// The columns of each screen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>

#include "tools/memtrack/top/data.h"
#include "tools/memtrack/top/state.h"
#include "tools/memtrack/view/table.h"

namespace memtrack::top {

// Somebody who has a piece of memory, or (`holder` is null) in whose socket it lies.
struct Having {
  const ProcessUse* process = nullptr;
  const Holder* holder = nullptr;
};

// What a row stands for. Points into Data.
using Subject =
    std::variant<const TagUse*, const ProcessUse*, const SegmentUse*, Having, const Verdict*>;

// Tells it from all others of its screen, at any time.
std::string IdOf(const Subject& subject);

enum class FieldKind : std::uint8_t {
  kNumber,  // never cut, to the right
  kName,    // cut at its end when there is no room
  kTrend,   // bars, oldest first: cut at its beginning
};

struct Field {
  const char* title;
  FieldKind kind;
  // Where there is no room for all columns those with the highest rank go first; 0 stays.
  unsigned rank;
  // A cell to show and to sort by. Its subject is of the screen's kind. The text of kTrend is
  // empty: see Sparkline().
  Cell (*cell)(const Data& data, const Subject& subject);
};

std::span<const Field> FieldsOf(Screen screen);

// The one that decides about the order at first.
std::size_t FirstOrderOf(Screen screen);

}  // namespace memtrack::top
