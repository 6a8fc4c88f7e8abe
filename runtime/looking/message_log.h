// Sights -> lines: `[ 1234.567890] 4711 parent@1 -> PEcho::Echo #1 {text: "hi"} (56 bytes)`.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include <baton/wire/rows.h>

#include "runtime/looking/message_patterns.h"
#include "runtime/looking/sight.h"

namespace baton::internal {

// Bytes of a line: less than PIPE_BUF with its end, so that lines of several processes that share a
// pipe stay whole.
inline constexpr std::size_t kMaxLogLine = 2048;

// The values as `{name: value, ...}`, through one pointer each; stops soon after kMaxLogLine bytes.
std::string PrintValues(const wire::Table& table, std::span<const void* const> values);

// Safe to be printed, at most kMaxLogLine bytes, without a line end. `process`: its id.
std::string LineOf(const MessageSight& sight, Moment when, std::uint64_t process);
// `event`: "open", "closed: why".
std::string LineOf(const ChannelName& channel, std::string_view event, Moment when,
                   std::uint64_t process);

// Immutable; any thread.
class MessageLog {
 public:
  using TakeLine = std::function<void(std::string_view line)>;

  MessageLog(MessagePatterns patterns, TakeLine take_line)
      : patterns_(std::move(patterns)), take_line_(std::move(take_line)) {}

  bool Wants(std::string_view message) const { return patterns_.Select(message); }
  void Tell(const MessageSight& sight, Moment when) const;
  // Only for protocols of which a message might be wanted.
  void Tell(const ChannelName& channel, std::string_view event, Moment when) const;

  // True while this thread is inside of some `take_line`: what that does is not to be seen.
  static bool IsTelling();

 private:
  void HandOver(std::string_view line) const noexcept;

  MessagePatterns patterns_;
  TakeLine take_line_;
};

}  // namespace baton::internal
