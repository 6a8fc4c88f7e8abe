// The sole owner of one operating system handle (a file descriptor on Linux).
#pragma once

#include <utility>

#include <baton/base/result.h>

namespace baton::platform {

using NativeHandle = int;
inline constexpr NativeHandle kNoHandle = -1;

// Move-only; closes what it holds. Every handle that Baton makes or receives is close-on-exec.
class Handle {
 public:
  Handle() = default;
  explicit Handle(NativeHandle native) : native_(native) {}
  Handle(Handle&& other) noexcept : native_(std::exchange(other.native_, kNoHandle)) {}
  Handle& operator=(Handle&& other) noexcept {
    if (this != &other) {
      Reset();
      native_ = std::exchange(other.native_, kNoHandle);
    }
    return *this;
  }
  ~Handle() { Reset(); }

  NativeHandle get() const { return native_; }
  explicit operator bool() const { return native_ != kNoHandle; }

  [[nodiscard]] NativeHandle Release() { return std::exchange(native_, kNoHandle); }
  void Reset();

  // A second handle to the same object. Errors: those of the system (too many open files).
  Result<Handle> Duplicate() const;

 private:
  NativeHandle native_ = kNoHandle;
};

// Whether two handles lead to one kernel object. Errors: those of the system.
Result<bool> SameObject(const Handle& one, const Handle& other);

}  // namespace baton::platform
