// Values as text, by their tables: for logs and debuggers. Needs no iostream.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <baton/wire/rows.h>

namespace baton::wire {

// The value of `type` at `value`, on one line: `{name: "frame", size: {width: 4, height: 3}, ...}`.
// Numbers as such, enums by name, text in quotes, bytes as hex, shared memory by its size and id;
// what an empty optional holds is `none`. Of long text, bytes and arrays only the beginning, with
// the length behind it; never more than about 4,000 characters in all. Unprintable characters are
// escaped, so that a peer's text cannot forge a line of a log.
std::string Print(const Type& type, const void* value);

// The enumerator whose value is `number`, "" when there is none. (Print shows flags as `kA|kB`.)
std::string_view NameOf(const Enumeration& enumeration, std::int64_t number);

}  // namespace baton::wire
