#include <fcntl.h>
#include <sys/mman.h>

#include <atomic>
#include <string>

#include "platform/linux/memfd.h"
#include "platform/posix/syscall.h"

namespace baton::platform {
namespace {

constexpr std::size_t kMaxNameBytes = 200;

// linux/memfd.h since Linux 6.3; Debian 12's headers do not have it yet.
constexpr unsigned kNoExecSeal = 0x0008;

}  // namespace

Result<Handle> CreateMemfd(std::string_view name) {
  static std::atomic<unsigned> no_exec_seal{kNoExecSeal};
  const std::string cut(name.substr(0, kMaxNameBytes));
  const unsigned wish = no_exec_seal.load(std::memory_order_relaxed);
  const auto create = [&](unsigned extra) {
    return Syscall("memfd_create", [&] {
      return ::memfd_create(cut.c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING | extra);
    });
  };
  auto fd = create(wish);
  if (!fd && wish != 0 && fd.error() == std::errc::invalid_argument) {
    fd = create(0);
    if (fd) no_exec_seal.store(0, std::memory_order_relaxed);
  }
  if (!fd) return Fail(fd.error());
  return Handle(*fd);
}

Result<int> SealsOf(int fd) {
  const auto seals = Syscall("fcntl(F_GET_SEALS)", [&] { return ::fcntl(fd, F_GET_SEALS); });
  const bool knows_none = !seals && (seals.error() == std::errc::invalid_argument ||
                                     seals.error() == std::errc::bad_file_descriptor);
  if (knows_none) return Fail(Rule::kHandleKind);
  return seals;
}

}  // namespace baton::platform
