// How the list of RequiredSyscalls is written down.
#pragma once

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

#include <baton/platform/required_syscalls.h>

// The number and the name, for a designated initializer.
#define BATON_CALL(call) .number = SYS_##call, .name = #call

namespace baton::platform {

using Calls = std::vector<SystemCall>;

// Of an int, whose upper half the kernel does not look at.
inline constexpr std::uint64_t kInt = 0xffffffff;

inline ArgumentCondition Is(unsigned index, std::uint64_t value) {
  return {.index = index, .mask = kInt, .value = value};
}
inline ArgumentCondition Lacks(unsigned index, std::uint64_t bits) {
  return {.index = index, .mask = bits, .value = 0};
}
inline ArgumentCondition Has(unsigned index, std::uint64_t bits) {
  return {.index = index, .mask = bits, .value = bits};
}
inline ArgumentCondition IsOwnProcess(unsigned index) {
  return {.index = index, .mask = kInt, .kind = ArgumentCondition::Value::kOwnProcess};
}

inline Calls OwnedBy(SyscallOwner owner, Calls calls) {
  for (SystemCall& call : calls) call.owner = owner;
  return calls;
}

inline SystemCall FileCommand(std::uint64_t command, const char* name, const char* purpose) {
  return {BATON_CALL(fcntl), .conditions = {Is(1, command)}, .condition_text = name,
          .purpose = purpose};
}

inline SystemCall SocketOption(int number, const char* call, std::uint64_t option, const char* name,
                               const char* purpose) {
  return {.number = number,
          .name = call,
          .conditions = {Is(1, SOL_SOCKET), Is(2, option)},
          .condition_text = name,
          .purpose = purpose};
}

inline void Append(Calls& all, Calls more) {
  all.insert(all.end(), std::move_iterator(more.begin()), std::move_iterator(more.end()));
}

// What every role does: required_by_all_linux.cc.
Calls CallsOfAll();

}  // namespace baton::platform
