#include <baton/platform/process_state.h>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <string>
#include <string_view>

#include "platform/posix/syscall.h"

namespace baton::platform {
namespace {

// The beginning of a small file of the kernel's; empty when it cannot be read.
std::string ReadBeginning(const std::string& path) {
  const auto open = [&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC); };
  const auto opened = Syscall("open", open);
  if (!opened) return {};
  const Handle file(*opened);
  std::array<char, 512> text = {};
  const auto read = Syscall("read", [&] { return ::read(file.get(), text.data(), text.size()); });
  return read ? std::string(text.data(), static_cast<std::size_t>(*read)) : std::string();
}

// Of the process behind a pidfd, in the pid namespace of /proc; 0 when that has none for it.
int NumberOf(const Handle& process) {
  constexpr std::string_view kField = "\nPid:\t";
  const std::string info = ReadBeginning("/proc/self/fdinfo/" + std::to_string(process.get()));
  const auto at = info.find(kField);
  if (at == std::string::npos) return 0;
  int pid = 0;
  std::from_chars(info.data() + at + kField.size(), info.data() + info.size(), pid);
  return pid > 0 ? pid : 0;
}

bool HasEnded(const Handle& process) {
  pollfd death = {.fd = process.get(), .events = POLLIN, .revents = 0};
  const auto ended = Syscall("poll", [&] { return ::poll(&death, 1, 0); });
  return !ended || *ended != 0;
}

// proc(5): the letter behind the name, which stands in brackets and may hold any.
ProcessState StateIn(std::string_view stat) {
  const auto name_end = stat.rfind(')');
  if (name_end == std::string_view::npos || name_end + 2 >= stat.size()) {
    return ProcessState::kUnknown;
  }
  switch (stat[name_end + 2]) {
    case 'R':
    case 'S':
    case 'D':
    case 'I': return ProcessState::kRunning;
    case 'T': return ProcessState::kStopped;
    case 't': return ProcessState::kTraced;
    default: return ProcessState::kUnknown;
  }
}

}  // namespace

ProcessState StateOf(const Handle& process) {
  if (!process) return ProcessState::kUnknown;
  const int pid = NumberOf(process);
  if (pid == 0) return ProcessState::kUnknown;
  const ProcessState state = StateIn(ReadBeginning("/proc/" + std::to_string(pid) + "/stat"));
  // Only while it has not ended is the number surely its own.
  return HasEnded(process) ? ProcessState::kUnknown : state;
}

}  // namespace baton::platform
