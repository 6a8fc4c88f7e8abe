// The page that `?` shows.
#pragma once

#include <span>

namespace memtrack::top {

// Its lines; at most 60 characters each.
std::span<const char* const> HelpLines();

}  // namespace memtrack::top
