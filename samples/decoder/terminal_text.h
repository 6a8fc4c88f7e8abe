// Text from strangers, made fit for a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace samples {

// `text` with everything that a terminal could obey, or that is not UTF-8, as \xNN. File names may
// contain anything.
std::string Printable(std::string_view text);

// How wide a terminal shows `text`, which must be Printable: two columns for the letters of East
// Asia and for pictographs, one for all else. Roughly: a mark on top of a letter is counted too.
std::size_t ColumnsOf(std::string_view text);

// As much of the beginning of `text`, which must be Printable, as fits.
std::string_view CutToColumns(std::string_view text, std::size_t columns);

}  // namespace samples
