#include <sched.h>

#include <baton/platform/processor.h>

namespace baton::platform {

int UsableProcessors() {
  cpu_set_t processors;
  CPU_ZERO(&processors);
  // Fails on machines with more processors than the set holds: those have more than one.
  if (::sched_getaffinity(0, sizeof(processors), &processors) != 0) return 2;
  return CPU_COUNT(&processors);
}

void Relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("isb" ::: "memory");
#endif
}

}  // namespace baton::platform
