#include <unistd.h>

#include <algorithm>

#include <baton/platform/processor.h>

namespace baton::platform {

int OnlineProcessors() {
  return static_cast<int>(std::max(::sysconf(_SC_NPROCESSORS_ONLN), 1L));
}

void Relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("isb" ::: "memory");
#endif
}

}  // namespace baton::platform
