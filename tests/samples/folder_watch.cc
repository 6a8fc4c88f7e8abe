#include "tests/samples/folder_watch.h"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <fstream>
#include <string>
#include <system_error>

#include "tests/support/failure.h"
#include "tests/support/patience.h"

namespace samples::testing {

FolderWatch::FolderWatch(const std::filesystem::path& folder)
    : events_(::inotify_init1(IN_CLOEXEC)) {
  if (::inotify_add_watch(events_.get(), folder.c_str(), IN_MOVED_TO) < 0) {
    baton::testing::FailHere(__FILE__, __LINE__, "the folder cannot be watched");
  }
}

bool FolderWatch::AwaitFiles(std::size_t count) const {
  constexpr auto kPatience = static_cast<int>(baton::testing::kPatience.count());
  std::size_t seen = 0;
  while (seen < count) {
    pollfd ready = {.fd = events_.get(), .events = POLLIN, .revents = 0};
    if (::poll(&ready, 1, kPatience) != 1) return false;
    alignas(inotify_event) std::array<char, 4096> events;
    const ssize_t size = ::read(events_.get(), events.data(), events.size());
    for (ssize_t at = 0; at < size; ++seen) {
      const auto* event = reinterpret_cast<const inotify_event*>(events.data() + at);
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
    }
  }
  return true;
}

// proc(5): children are listed per thread that made them.
std::vector<int> ChildrenOf(int pid) {
  std::vector<int> found;
  const std::string tasks = "/proc/" + std::to_string(pid) + "/task";
  std::error_code error;  // a process that has ended has no children
  for (const auto& task : std::filesystem::directory_iterator(tasks, error)) {
    std::ifstream children(task.path() / "children");
    for (int child = 0; children >> child;) found.push_back(child);
  }
  return found;
}

std::size_t KillChildrenOf(int pid) {
  const auto children = ChildrenOf(pid);
  return static_cast<std::size_t>(
      std::ranges::count_if(children, [](int child) { return ::kill(child, SIGKILL) == 0; }));
}

}  // namespace samples::testing
