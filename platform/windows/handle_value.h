// Windows: which numbers may be handles, before the system is asked. A message between processes
// carries a handle as 32 bits.
#pragma once

#include <cstdint>
#include <optional>

namespace baton::platform::windows {

using HandleValue = std::intptr_t;  // HANDLE

// Pseudo handles are small negative numbers: the current process (-1, INVALID_HANDLE_VALUE as
// well), thread (-2), session, and the tokens down to -12, of whoever uses them. DuplicateHandle by
// a privileged process would make a real handle of its own process, thread or token out of one
// (CVE-2025-2783, CVE-2025-2857).
//
// Real handles are positive multiples of 4, so none of those; the two lowest bits are the program's
// to use, and none of ours.
constexpr bool MayBeHandle(HandleValue value) {
  return value > 0 && value % 4 == 0;
}

// Of a message: extended with its sign, as the system extends 32 bit handles, and then looked at.
// Nothing for what must not come near DuplicateHandle.
constexpr std::optional<HandleValue> FromMessage(std::uint32_t bits) {
  const auto value = static_cast<HandleValue>(static_cast<std::int32_t>(bits));
  if (!MayBeHandle(value)) return std::nullopt;
  return value;
}

// Whose handle a number in a message is. The more privileged side moves all handles, in both
// directions; so only that side may say that one is the receiver's already.
enum class HandleOwner : std::uint8_t { kSender = 0, kRecipient = 1 };

constexpr bool IsOwnerBelieved(HandleOwner owner, bool sender_is_trusted) {
  return owner == HandleOwner::kSender || sender_is_trusted;
}

}  // namespace baton::platform::windows
