#include "platform/linux/inherited.h"

#include <fcntl.h>

#include <charconv>
#include <cstdlib>
#include <mutex>
#include <string_view>
#include <vector>

#include <baton/platform/process.h>

#include "platform/posix/syscall.h"

namespace baton::platform {
namespace {

int AnnouncedCount() {
  const char* const value = std::getenv(kInheritedVariable);
  if (value == nullptr) return 0;
  const std::string_view text = value;
  int count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const bool is_number = error == std::errc() && end == text.data() + text.size();
  return is_number && count > 0 && count <= kMaxInherited ? count : 0;
}

// What this process found at its start and nobody has taken yet. The variable may be left over from
// somebody else: only descriptors that are open count.
class Inherited {
 public:
  Inherited() : handles_(static_cast<std::size_t>(AnnouncedCount())) {
    ::unsetenv(kInheritedVariable);
    int fd = kFirstInherited;
    for (Handle& handle : handles_) {
      if (Syscall("fcntl(F_SETFD)", [&] { return ::fcntl(fd, F_SETFD, FD_CLOEXEC); })) {
        handle = Handle(fd);
      }
      ++fd;
    }
  }

  Result<Handle> Take(int index) {
    const std::lock_guard lock(mutex_);
    if (index < 0 || static_cast<std::size_t>(index) >= handles_.size()) {
      return Fail(Errc::kNoEndpoint);
    }
    Handle& handle = handles_[static_cast<std::size_t>(index)];
    if (!handle) return Fail(Errc::kNoEndpoint);
    return std::move(handle);
  }

 private:
  std::mutex mutex_;
  std::vector<Handle> handles_;
};

}  // namespace

Result<Handle> TakeInherited(int index) {
  static Inherited inherited;
  return inherited.Take(index);
}

}  // namespace baton::platform
