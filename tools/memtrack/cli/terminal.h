// What there is to know of the terminal, and of the user who ends us.
#pragma once

#include <cstddef>

namespace memtrack {

// Characters in a line of standard output; 0 when it is no terminal. COLUMNS goes first.
std::size_t TerminalWidth();

// From now on SIGINT and SIGTERM are no end but a wish: WaitFor returns false from then on.
void TakeWishesToEnd();

// False when the user wants an end.
bool WaitFor(double seconds);

}  // namespace memtrack
