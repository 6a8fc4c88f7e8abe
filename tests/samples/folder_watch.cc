#include "tests/samples/folder_watch.h"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <string>

#include "tests/support/failure.h"
#include "tests/support/patience.h"

namespace samples::testing {

FolderWatch::FolderWatch(const std::filesystem::path& folder)
    : events_(::inotify_init1(IN_CLOEXEC)) {
  if (::inotify_add_watch(events_.get(), folder.c_str(), IN_CLOSE_WRITE) < 0) {
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

// proc(5): the children are listed per thread that made them; a program has one such thread here.
void KillChildOf(int pid) {
  const std::string tasks = "/proc/" + std::to_string(pid) + "/task";
  for (const auto& task : std::filesystem::directory_iterator(tasks)) {
    std::ifstream children(task.path() / "children");
    int child = 0;
    if (children >> child && child > 0) ::kill(child, SIGKILL);
  }
}

}  // namespace samples::testing
