#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <string_view>

#include <baton/platform/memory_pressure.h>

namespace baton::platform {
namespace {

// Who has no special right may only have windows of whole 2 seconds (Linux 6.5; before, nobody else
// may have any). The kernel wants the final zero.
constexpr std::string_view kSomeStandStill("some 150000 2000000\0", 20);

// Not by Syscall: without an answer there is none, and nothing else is different.
Handle OpenTrigger() {
  Handle trigger(::open("/proc/pressure/memory", O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!trigger) return {};
  const auto written = ::write(trigger.get(), kSomeStandStill.data(), kSomeStandStill.size());
  if (written < 0) return {};
  return trigger;
}

}  // namespace

MemoryPressure& MemoryPressure::OfMachine() {
  static MemoryPressure the_one;
  return the_one;
}

void MemoryPressure::Watch() {
  std::call_once(once_, [this] {
    trigger_ = OpenTrigger();
    is_known_.store(static_cast<bool>(trigger_), std::memory_order_release);
  });
}

std::uint64_t MemoryPressure::Count() {
  if (!is_known()) return 0;
  pollfd event = {trigger_.get(), POLLPRI, 0};
  const bool has_news =
      ::poll(&event, 1, 0) == 1 && (event.revents & POLLPRI) != 0 && (event.revents & POLLERR) == 0;
  if (has_news) return count_.fetch_add(1, std::memory_order_relaxed) + 1;
  return count_.load(std::memory_order_relaxed);
}

}  // namespace baton::platform
