#include "tests/support/watchdog.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

#include "tests/support/failure.h"

namespace baton::testing {
namespace {

namespace files = std::filesystem;

std::string ContentOf(const files::path& path) {
  std::ifstream file(path);
  std::string content{std::istreambuf_iterator<char>(file), {}};
  while (content.ends_with('\n')) content.pop_back();
  return content;
}

// In which call of the kernel's each thread is (proc(5), `wchan` and `syscall`), or "running", and
// the same of the processes that they have started.
void PrintThreads(const files::path& process) {
  std::error_code gone;  // meanwhile: then there is nothing more to say of it
  files::directory_iterator tasks(process / "task", gone);
  for (; !gone && tasks != files::directory_iterator(); tasks.increment(gone)) {
    const auto& task = *tasks;
    std::fprintf(stderr, "watchdog: process %s, thread %s: %s [%s]\n",
                 ContentOf(process / "comm").c_str(), task.path().filename().c_str(),
                 ContentOf(task.path() / "wchan").c_str(),
                 ContentOf(task.path() / "syscall").c_str());
    std::ifstream children(task.path() / "children");
    for (std::string child; children >> child;) PrintThreads(files::path("/proc") / child);
  }
}

}  // namespace

Watchdog::Watchdog(std::chrono::milliseconds patience)
    : test_(Catch::getResultCapture().getCurrentTestName()),
      thread_([this, patience] { Guard(patience); }) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return has_started_; });
}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Watchdog::Guard(std::chrono::milliseconds patience) {
  using std::chrono::steady_clock;
  using std::chrono::system_clock;
  const auto deadline = steady_clock::now() + patience;
  std::unique_lock lock(mutex_);
  has_started_ = true;
  changed_.notify_all();
  // The system clock's wait is one that this TSan understands; the steady one's it does not. That
  // clock may be set meanwhile, so this looks again each second.
  while (!ended_ && steady_clock::now() < deadline) {
    changed_.wait_until(
        lock, system_clock::now() + std::min<steady_clock::duration>(deadline - steady_clock::now(),
                                                                     std::chrono::seconds(1)));
  }
  if (ended_) return;

  std::fprintf(stderr, "watchdog: '%s' has not ended after %lld ms\n", test_.c_str(),
               static_cast<long long>(patience.count()));
  PrintRecordedFailures();
  PrintThreads("/proc/self");
  std::fflush(nullptr);
  std::_Exit(kWatchdogExitCode);
}

}  // namespace baton::testing
