// The sole owner of one operating system handle (a file descriptor on Linux).
#pragma once

#include <cstdint>
#include <utility>

#include <baton/base/result.h>

namespace baton::platform {

using NativeHandle = int;
inline constexpr NativeHandle kNoHandle = -1;

// Whoever speaks through one socket: what has come from there is told from what others have sent.
using HandleSource = std::uint32_t;
inline constexpr HandleSource kUnknownSource = 1;

// Move-only; closes what it holds. Every handle that Baton makes or receives is close-on-exec.
//
// A foreign one has come from a peer, and nobody has looked at it yet: it may lead to something
// that makes whoever closes it wait, so it is closed by CloseForeign (received_handle.h). It stays
// foreign wherever it is moved or duplicated to, until somebody accepts it.
//
// An end is a socket that others write to, and this process alone reads (TakeEnd, local_socket.h):
// what they have sent, and nobody has received, is let go of with it. So CloseForeign closes it as
// well.
class Handle {
 public:
  Handle() = default;
  explicit Handle(NativeHandle native) : native_(native) {}
  static Handle Foreign(NativeHandle native, HandleSource source = kUnknownSource) {
    return Handle(native, source << 1);
  }
  static Handle End(NativeHandle native, HandleSource source) {
    return Handle(native, source << 1 | kIsEnd);
  }
  Handle(Handle&& other) noexcept
      : native_(std::exchange(other.native_, kNoHandle)), origin_(other.origin_) {}
  Handle& operator=(Handle&& other) noexcept {
    if (this != &other) {
      Reset();
      native_ = std::exchange(other.native_, kNoHandle);
      origin_ = other.origin_;
    }
    return *this;
  }
  ~Handle() { Reset(); }

  NativeHandle get() const { return native_; }
  explicit operator bool() const { return native_ != kNoHandle; }

  bool is_foreign() const { return origin_ != 0 && !is_end(); }
  bool is_end() const { return (origin_ & kIsEnd) != 0; }
  // Who has sent it, or speaks through it. 0 for one that is neither foreign nor an end.
  HandleSource source() const { return origin_ >> 1; }

  // Closing it is only that from here on: it is of a kind that closes at once, or the user's; or it
  // is an end that somebody else has now.
  void Accept() { origin_ = 0; }

  [[nodiscard]] NativeHandle Release() { return std::exchange(native_, kNoHandle); }
  void Reset();

  // A second handle to the same object, foreign if this one is; of an end it is none. Errors: those
  // of the system (too many open files).
  Result<Handle> Duplicate() const;

 private:
  static constexpr std::uint32_t kIsEnd = 1;

  Handle(NativeHandle native, std::uint32_t origin) : native_(native), origin_(origin) {}

  NativeHandle native_ = kNoHandle;
  std::uint32_t origin_ = 0;  // the source, and kIsEnd
};

// Whether two handles lead to one kernel object. Not for foreign ones: whoever serves a file is
// asked about it. Errors: those of the system.
Result<bool> SameObject(const Handle& one, const Handle& other);

}  // namespace baton::platform
