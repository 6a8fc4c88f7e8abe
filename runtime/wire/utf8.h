// Is this text UTF-8?
#pragma once

#include <string_view>

namespace baton::wire {

// True for well-formed UTF-8 as of Unicode 15, table 3-7: no overlong forms, no surrogates, nothing
// above U+10FFFF. Zero bytes are characters like any other. Time: linear, 8 bytes of ASCII a step.
bool IsUtf8(std::string_view text);

}  // namespace baton::wire
