#include <sys/random.h>

#include <baton/platform/entropy.h>

#include "platform/posix/syscall.h"

namespace baton::platform {

Result<void> FillRandom(std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    const auto fill = [&] { return ::getrandom(bytes.data(), bytes.size(), 0); };
    BATON_TRY(const ssize_t filled, Syscall("getrandom", fill));
    bytes = bytes.subspan(static_cast<std::size_t>(filled));
  }
  return {};
}

}  // namespace baton::platform
