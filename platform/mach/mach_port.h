// macOS: a right to a Mach port, and the one owner of it. Not built yet (docs/porting.md).
//
// No system header is included: this is read by people, and compiled by a test on Linux.
#pragma once

#include <cstdint>
#include <utility>

#include <baton/base/result.h>

namespace baton::platform::mach {

using PortName = std::uint32_t;                      // mach_port_t
inline constexpr PortName kNoPort = 0;               // MACH_PORT_NULL
inline constexpr PortName kDeadPort = ~PortName{0};  // MACH_PORT_DEAD: a name, and no right

// Owns one send right, as Handle owns a descriptor.
class SendRight {
 public:
  SendRight() = default;
  explicit SendRight(PortName name) : name_(name) {}
  SendRight(SendRight&& other) noexcept : name_(std::exchange(other.name_, kNoPort)) {}
  SendRight& operator=(SendRight&& other) noexcept {
    std::swap(name_, other.name_);
    return *this;
  }
  // mach_port_deallocate(mach_task_self(), name). Never for a receive right: that one is destroyed
  // by mach_port_mod_refs(MACH_PORT_RIGHT_RECEIVE, -1).
  ~SendRight();

  PortName name() const { return name_; }
  explicit operator bool() const { return name_ != kNoPort && name_ != kDeadPort; }
  [[nodiscard]] PortName Release() { return std::exchange(name_, kNoPort); }

  // mach_port_mod_refs(MACH_PORT_RIGHT_SEND, +1): the same name once more, not another one.
  Result<SendRight> Duplicate() const;

 private:
  PortName name_ = kNoPort;
};

}  // namespace baton::platform::mach
