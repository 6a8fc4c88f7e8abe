#include <unistd.h>

#include <algorithm>

#include <baton/platform/processor.h>

namespace baton::platform {

int OnlineProcessors() {
  static const auto count = static_cast<int>(std::max(::sysconf(_SC_NPROCESSORS_ONLN), 1L));
  return count;
}

namespace {

// The C library opens a file of /sys to answer that, which a sandbox will not allow any more.
[[maybe_unused]] const int asked_at_start = OnlineProcessors();

}  // namespace

void Relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("isb" ::: "memory");
#endif
}

}  // namespace baton::platform
