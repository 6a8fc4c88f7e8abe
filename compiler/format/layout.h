// One statement of the language, laid out in lines.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "compiler/format/pieces.h"

namespace batonc {

inline constexpr std::size_t kMaxColumns = 100;  // characters

// `pieces` begin and end with what stands on these lines; there is at least one. The lines begin
// with `indent` spaces, those that continue another one with four more. Ends in a line break.
//
// What fits stays on one line; what does not is broken after commas, after the `(` of a message,
// and before `returns` and `fails`. Attributes in front keep a line of their own if they had one.
std::string Layout(std::span<const Piece> pieces, std::size_t indent);

// True if all of it would stand on one line, a comment at its end not counted.
bool FitsOnOneLine(std::span<const Piece> pieces, std::size_t indent);

}  // namespace batonc
