// How numbers and processes read in sentences.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tools/memtrack/model/model.h"

namespace memtrack {

// "weston (812)"; safe for a terminal.
std::string Named(const Process& process);
// The same; "process 812" if the model does not have it.
std::string Named(const Model& model, const ProcessKey& key);

// "weston (812)", "weston (812) and foot (900)", "weston (812), foot (900) and 3 more".
std::string NamedAll(const Model& model, const std::vector<ProcessKey>& keys);

// The first characters of UTF-8 text; all of it where it has no more. Pieces that are no UTF-8 are
// not told from characters.
std::string_view FirstCharacters(std::string_view text, std::size_t count);

// "512 B", "4.0 KiB", "12.5 MiB"; with a sign where asked for.
std::string Human(std::uint64_t bytes);
std::string HumanChange(std::int64_t bytes);

// "1 segment", "7 segments".
std::string Counted(std::uint64_t count, std::string_view what);

// "850 ms", "12 s", "3 min", "5 h", "9 d".
std::string Lasting(std::int64_t nanos);

// "19:34:57Z"; nanoseconds since 1970, in UTC.
std::string ClockTime(std::int64_t nanos);

// Safe for a terminal: what is not to be printed, or no UTF-8, is shown as an escape. Names come
// from whoever made the memory.
std::string Displayable(std::string_view text);

}  // namespace memtrack
