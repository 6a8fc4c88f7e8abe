#include "tools/memtrack/cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <initializer_list>

namespace memtrack {
namespace {

volatile std::sig_atomic_t wants_end = 0;

}  // namespace

std::size_t TerminalWidth() {
  if (::isatty(STDOUT_FILENO) == 0) return 0;
  const char* columns = std::getenv("COLUMNS");  // NOLINT(concurrency-mt-unsafe): one thread
  const long wish = columns == nullptr ? 0 : std::strtol(columns, nullptr, 10);
  if (wish > 0 && wish < 100'000) return static_cast<std::size_t>(wish);
  winsize size = {};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

void TakeWishesToEnd() {
  struct sigaction action = {};
  action.sa_handler = [](int) { wants_end = 1; };
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // twice is an order
  for (const int signal : {SIGINT, SIGTERM}) (void)::sigaction(signal, &action, nullptr);
}

bool WaitFor(double seconds) {
  timespec rest = {};
  rest.tv_sec = static_cast<std::time_t>(seconds);
  rest.tv_nsec = static_cast<long>((seconds - std::floor(seconds)) * 1e9);
  while (wants_end == 0 && ::nanosleep(&rest, &rest) != 0 && errno == EINTR) {
  }
  return wants_end == 0;
}

}  // namespace memtrack
