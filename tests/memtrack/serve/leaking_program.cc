// Shared memory that stays as it is, and some that gets more and more: one piece each 100 ms. Ends
// when its standard input does; leaks at most kMostLeaked pieces.
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>

namespace {

constexpr std::size_t kMiB = 1 << 20;
constexpr int kMostLeaked = 900;

// Stays until the program ends.
bool Make(const char* name, std::size_t bytes) {
  const int memfd = ::memfd_create(name, MFD_CLOEXEC);
  if (memfd < 0 || ::ftruncate(memfd, static_cast<off_t>(bytes)) != 0) return false;
  void* const address = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, memfd, 0);
  if (address == MAP_FAILED) return false;
  std::memset(address, 7, bytes);
  return true;
}

bool MakeSteady() {
  bool is_made = Make("serve-atlas", 48 * kMiB) && Make("<img src=x onerror=alert(1)>", kMiB) &&
                 Make("serve-\x1b[31m\u202etxt", kMiB);
  for (int i = 0; i < 6; ++i) is_made = is_made && Make("serve-steady", kMiB);
  return is_made;
}

// False: standard input has ended.
bool Pause() {
  pollfd input = {.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  const int ready = ::poll(&input, 1, 100);
  return ready == 0 || (ready < 0 && errno == EINTR);
}

}  // namespace

int main() {
  if (!MakeSteady()) {
    std::perror("leaking_program");
    return 1;
  }
  std::puts("ready");
  std::fflush(stdout);
  for (int leaked = 0; Pause(); ++leaked) {
    if (leaked < kMostLeaked && !Make("serve-leak", kMiB / 4)) return 1;
  }
  return 0;
}
