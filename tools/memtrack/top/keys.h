// What a key does.
#pragma once

#include <cstdint>

#include "tools/memtrack/top/data.h"
#include "tools/memtrack/top/picture.h"
#include "tools/memtrack/top/state.h"

namespace memtrack::top {

enum class Key : std::uint8_t {
  kCharacter,
  kUp,
  kDown,
  kPageUp,
  kPageDown,
  kHome,
  kEnd,
  kLeft,
  kRight,
  kEnter,
  kEscape,
  kBackspace,
  kTab,
};

struct KeyPress {
  Key key = Key::kCharacter;
  char32_t character = 0;  // of kCharacter
};

// The state after `key` was pressed while `data` was on the screen. Keys without a meaning change
// nothing. help.h lists them.
State After(State state, const KeyPress& key, const Data& data, const Canvas& canvas);

}  // namespace memtrack::top
