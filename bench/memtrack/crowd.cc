// crowd PROCESSES DESCRIPTORS MAPPINGS SEGMENTS: a synthetic machine for memtrack to look at.
//
// Starts that many processes, each with so many descriptors and mappings, of them SEGMENTS memfds
// that are both held and mapped; the rest is what a desktop's programs have: sockets, events, pipes
// and files, libraries and anonymous memory. Prints "ready" when all are there, and ends them all
// when its standard input ends.
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

struct Load {
  int descriptors = 0;
  int mappings = 0;
  int segments = 0;
};

[[noreturn]] void Stop(const char* why) {
  std::perror(why);
  std::exit(2);
}

int Checked(int result, const char* what) {
  if (result < 0) Stop(what);
  return result;
}

void CheckMapped(const void* address) {
  if (address == MAP_FAILED) Stop("crowd: mmap");
}

void HoldSegments(int count) {
  constexpr std::size_t kSize = 4096;
  for (int i = 0; i < count; ++i) {
    const int memfd = Checked(memfd_create("baton:crowd", MFD_CLOEXEC | MFD_ALLOW_SEALING),
                              "crowd: memfd_create");
    Checked(ftruncate(memfd, kSize), "crowd: ftruncate");
    CheckMapped(mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_SHARED, memfd, 0));
  }
}

// Two ends of Unix sockets for each event, each pipe's two ends and each file.
void HoldDescriptors(int count) {
  int pair[2];
  while (count > 0) {
    Checked(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), "crowd: socketpair");
    Checked(eventfd(0, EFD_CLOEXEC), "crowd: eventfd");
    Checked(pipe2(pair, O_CLOEXEC), "crowd: pipe2");
    Checked(open("/dev/null", O_RDWR | O_CLOEXEC), "crowd: open");
    count -= 6;
  }
}

// Seven of ten are pieces of a file, as libraries are; neighbours never look like one mapping.
void HoldMappings(int count) {
  const int file = Checked(open("/proc/self/exe", O_RDONLY | O_CLOEXEC), "crowd: open");
  constexpr std::size_t kPage = 4096;
  for (int i = 0; i < count; ++i) {
    const int access = i % 2 == 0 ? PROT_READ : PROT_READ | PROT_EXEC;
    const bool is_file = i % 10 < 7;
    CheckMapped(is_file ? mmap(nullptr, kPage, access, MAP_PRIVATE, file, (i % 3) * kPage)
                        : mmap(nullptr, kPage, i % 2 == 0 ? PROT_READ : PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  }
}

[[noreturn]] void Live(const Load& load, int ready) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  HoldSegments(load.segments);
  HoldDescriptors(load.descriptors - load.segments);
  HoldMappings(load.mappings - load.segments);
  if (write(ready, "", 1) != 1) Stop("crowd: write");
  for (;;) pause();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: crowd PROCESSES DESCRIPTORS MAPPINGS SEGMENTS\n");
    return 2;
  }
  const int processes = std::atoi(argv[1]);
  const Load load = {std::atoi(argv[2]), std::atoi(argv[3]), std::atoi(argv[4])};
  rlimit limit = {};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);

  int ready[2];
  Checked(pipe2(ready, O_CLOEXEC), "crowd: pipe2");
  std::vector<pid_t> children;
  for (int i = 0; i < processes; ++i) {
    const pid_t child = Checked(fork(), "crowd: fork");
    if (child == 0) Live(load, ready[1]);
    children.push_back(child);
  }
  close(ready[1]);
  char byte = 0;
  for (int i = 0; i < processes; ++i) {
    if (read(ready[0], &byte, 1) != 1) Stop("crowd: a process has failed");
  }
  std::puts("ready");
  std::fflush(stdout);
  while (read(STDIN_FILENO, &byte, 1) > 0) {
  }
  for (const pid_t child : children) kill(child, SIGKILL);
  for (const pid_t child : children) waitpid(child, nullptr, 0);
}
