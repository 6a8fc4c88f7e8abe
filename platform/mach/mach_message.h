// macOS: is a Mach message that has come one that may be taken apart? The kernel makes its
// descriptors, but their number, kinds and dispositions are the sender's choice.
//
//   mach_msg(MACH_RCV_MSG | MACH_RCV_TRAILER_TYPE(...) | MACH_RCV_TRAILER_ELEMENTS(AUDIT))
//     -> MessageShape of its header and descriptors -> CheckMessage
//     -> each right into its owner, its name in the message set to MACH_PORT_NULL
//     -> mach_msg_destroy for the rest
//
// Notifications (MACH_NOTIFY_DEAD_NAME, SEND_POSSIBLE, NO_SENDERS) come by the same port and from
// anybody who pretends: they count only with the kernel's audit token, and hold a right that
// mach_msg_destroy does not free.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <baton/base/result.h>

namespace baton::platform::mach {

inline constexpr std::uint32_t kComplexBit = 0x80000000;  // MACH_MSGH_BITS_COMPLEX

// mach_msg_descriptor_type_t
enum class DescriptorType : std::uint8_t {
  kPort = 0,
  kOutOfLine = 1,
  kOutOfLinePorts = 2,
  kOutOfLineVolatile = 3,
  kGuardedPort = 4,
};

// mach_msg_type_name_t, as a received message shows it
enum class Disposition : std::uint8_t { kMoveReceive = 16, kMoveSend = 17, kMoveSendOnce = 18 };

struct Descriptor {
  DescriptorType type = DescriptorType::kPort;
  Disposition disposition = Disposition::kMoveSend;  // of a port
  std::uint64_t size = 0;                            // out of line: bytes
  bool deallocates = false;                          // out of line: it is ours to free
};

// What a message says about itself.
struct MessageShape {
  std::uint32_t bits = 0;         // msgh_bits
  std::uint32_t size = 0;         // msgh_size, without the trailer
  std::uint32_t buffer_size = 0;  // of what it was received into
  std::uint32_t sender_pid = 0;   // of the audit trailer: audit_token_to_pid
  std::uint32_t peer_pid = 0;     // whose channel it is
};

inline constexpr std::size_t kMostDescriptors = 256;
inline constexpr std::uint64_t kMostOutOfLineBytes = std::uint64_t{64} << 20;
inline constexpr std::uint32_t kHeaderBytes = 24;  // mach_msg_header_t

// Rights to send and to receive, each moved, and at most one payload out of line that is ours to
// free: nothing else is ever sent. Errors: Rule::kIdentity (somebody else has spoken; such a
// message is destroyed, and ends no channel: anybody may look a port up), kFrameHeader,
// kHandleCount, kHandleKind, kFrameTooLarge.
inline Result<void> CheckMessage(const MessageShape& shape,
                                 std::span<const Descriptor> descriptors) {
  if (shape.sender_pid != shape.peer_pid) return Fail(Rule::kIdentity);
  if (shape.size < kHeaderBytes || shape.size > shape.buffer_size) return Fail(Rule::kFrameHeader);
  const bool is_complex = (shape.bits & kComplexBit) != 0;
  if (is_complex != !descriptors.empty()) return Fail(Rule::kFrameHeader);
  if (descriptors.size() > kMostDescriptors) return Fail(Rule::kHandleCount);
  bool has_payload = false;
  for (const Descriptor& one : descriptors) {
    if (one.type == DescriptorType::kPort) {
      if (one.disposition != Disposition::kMoveSend &&
          one.disposition != Disposition::kMoveReceive) {
        return Fail(Rule::kHandleKind);
      }
      continue;
    }
    if (one.type != DescriptorType::kOutOfLine || !one.deallocates || has_payload) {
      return Fail(Rule::kHandleKind);
    }
    if (one.size > kMostOutOfLineBytes) return Fail(Rule::kFrameTooLarge);
    has_payload = true;
  }
  return {};
}

}  // namespace baton::platform::mach
