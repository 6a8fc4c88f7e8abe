// Messages of this process as text, one line each: what BATON_LOG writes to standard error, for a
// program that wants the lines itself. docs/looking-inside.md shows what they look like.
#pragma once

#include <functional>
#include <string_view>

#include <baton/base/result.h>

namespace baton {

// Hands a line for every message that `patterns` selects, and for the begin and end of its channel,
// to `take_line`, in place of what the environment asked for (BATON_LOG) or an earlier call did.
// Patterns are those of BATON_LOG: `PROTOCOL[:MESSAGE]` with `*` for anything, separated by commas,
// `-PATTERN` to leave out. A null `take_line` ends it, whatever the patterns.
//
// A line is at most 2048 bytes of UTF-8 without a line end and without anything that a terminal
// would obey, whatever a peer has sent. It holds what messages say: passwords and all.
//
// `take_line` runs on the thread that sends or receives, perhaps on several at once, before the
// handler of a received message. It must neither throw nor send to, close or drop the actor of
// which it is told; what it sends to others makes no lines. It may run once more, on another
// thread, while a call that replaces it returns.
//
// Any thread. Errors: Errc::kInvalidValue for patterns that make no sense; nothing has changed
// then.
Result<void> SetMessageLog(std::string_view patterns,
                           std::function<void(std::string_view line)> take_line);

}  // namespace baton
