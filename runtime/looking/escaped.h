// Text that a peer may have had a hand in -> text that a terminal only prints.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace baton::internal {

// As much of `text` as fits into `most` bytes (at least 3), which are valid UTF-8. Controls of
// ASCII and of Unicode (C1), line ends, marks that change the direction of writing, and bytes that
// are no UTF-8 become `\x1b`, byte by byte. Ends in `...` when something was left out, never inside
// of a letter. Everything else, quotes and backslashes too, stays as it is.
std::string Escaped(std::string_view text, std::size_t most);

}  // namespace baton::internal
