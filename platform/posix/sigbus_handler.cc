#include "platform/posix/sigbus_handler.h"

#include <atomic>
#include <cerrno>
#include <mutex>

#include "platform/posix/earlier_handler.h"

namespace baton::platform {
namespace {

using Cover = bool (*)(const std::byte*);

std::atomic<Cover> cover_at = nullptr;
EarlierHandler earlier;

void OnSigbus(int signal, siginfo_t* info, void* context) {
  const int error = errno;
  const bool is_covered = CoversFault(*info);
  errno = error;
  if (!is_covered) earlier.PassOn(signal, info, context);
}

}  // namespace

bool CoversFault(const siginfo_t& info) {
  const Cover cover = cover_at.load(std::memory_order_acquire);
  return cover != nullptr && info.si_signo == SIGBUS && info.si_code == BUS_ADRERR &&
         cover(static_cast<const std::byte*>(info.si_addr));
}

Result<void> InstallSigbusHandler(Cover cover) {
  static std::mutex installing;
  const std::lock_guard lock(installing);
  if (cover_at.load(std::memory_order_relaxed) != nullptr) return {};
  BATON_CHECKED(earlier.Replace(SIGBUS, &OnSigbus));
  cover_at.store(cover, std::memory_order_release);
  return {};
}

}  // namespace baton::platform
