// A file whose content comes from a server (FUSE), which says no to everything but being opened and
// closed, and remembers what it was asked. Mounted nowhere, so that nobody else can hang on it. One
// that holds up whoever closes it does not answer to that: each close of each handle of it, also of
// the test's own, waits until the server ends.
//
// The server is a process of its own: whoever waits for it is free when that ends, and it ends with
// the test. A thread of the test's could not answer while the test's process ends.
#pragma once

#include <fcntl.h>
#include <linux/fuse.h>
#include <linux/mount.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include <baton/platform/handle.h>

namespace baton::testing {

class SlowFile {
 public:
  enum class Closing { kAnswered, kHeldUp };

  // Nothing where this is not permitted, or not known: `why` says what.
  static std::optional<SlowFile> Mount(std::string& why, Closing closing = Closing::kAnswered) {
    const auto cannot = [&](const char* what) {
      why = std::string(what) + ": " + std::strerror(errno);
      return std::nullopt;
    };
    const platform::Handle server(::open("/dev/fuse", O_RDWR | O_CLOEXEC));
    if (!server) return cannot("/dev/fuse");
    const platform::Handle context(Call(SYS_fsopen, "fuse", FSOPEN_CLOEXEC));
    if (!context) return cannot("fsopen");
    const std::string number = std::to_string(server.get());
    const std::pair<const char*, const char*> options[] = {
        {"fd", number.c_str()}, {"rootmode", "100644"}, {"user_id", "0"}, {"group_id", "0"}};
    for (const auto& [name, value] : options) {
      if (Call(SYS_fsconfig, context.get(), FSCONFIG_SET_STRING, name, value, 0) != 0) {
        return cannot("fsconfig");
      }
    }
    if (Call(SYS_fsconfig, context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) {
      return cannot("fsconfig");
    }
    platform::Handle mount(Call(SYS_fsmount, context.get(), FSMOUNT_CLOEXEC, 0));
    if (!mount) return cannot("fsmount");
    void* const shared =
        ::mmap(nullptr, sizeof(Asked), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) return cannot("mmap");
    auto* const asked = new (shared) Asked();
    const int pid = ::fork();
    if (pid < 0) return cannot("fork");
    if (pid == 0) Serve(server.get(), *asked, closing);
    return SlowFile(std::move(mount), pid, asked);
  }
  SlowFile(SlowFile&& other) noexcept
      : mount_(std::move(other.mount_)),
        pid_(std::exchange(other.pid_, 0)),
        asked_(std::exchange(other.asked_, nullptr)) {}
  SlowFile& operator=(SlowFile&&) = delete;
  ~SlowFile() {
    if (asked_ == nullptr) return;
    EndServer();
    ::munmap(asked_, sizeof(Asked));
  }

  // Whoever waits goes on.
  void EndServer() {
    if (pid_ == 0) return;
    (void)::kill(pid_, SIGKILL);
    (void)::waitpid(std::exchange(pid_, 0), nullptr, 0);
  }

  platform::Handle Open(int how) const {
    const std::string path = "/proc/self/fd/" + std::to_string(mount_.get());
    return platform::Handle(::open(path.c_str(), how | O_CLOEXEC));
  }

  // How often the server was asked for anything beside being opened and closed.
  int asked() const { return asked_->others.load(); }
  // How many wait, or have waited, because they close it.
  int held_up() const { return asked_->closes.load(); }

 private:
  struct Asked {
    std::atomic<int> others{0};
    std::atomic<int> closes{0};  // and not answered
  };

  SlowFile(platform::Handle mount, int pid, Asked* asked)
      : mount_(std::move(mount)), pid_(pid), asked_(asked) {}

  template <class... Arguments>
  static int Call(long number, Arguments... arguments) {
    return static_cast<int>(::syscall(number, arguments...));
  }

  // The process of the server: system calls alone, as it has been forked.
  [[noreturn]] static void Serve(int server, Asked& asked, Closing closing) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)::syscall(SYS_close_range, 0, server - 1, 0);
    (void)::syscall(SYS_close_range, server + 1, ~0U, 0);
    for (;;) Answer(server, asked, closing);
  }

  static void Answer(int server, Asked& asked, Closing closing) {
    alignas(fuse_in_header) static std::array<char, 1 << 17> request;
    const ssize_t size = ::read(server, request.data(), request.size());
    if (size < 0 && errno != EINTR && errno != ENOENT) ::_exit(0);
    fuse_in_header header = {};
    if (size < static_cast<ssize_t>(sizeof(header))) return;
    std::memcpy(&header, request.data(), sizeof(header));
    switch (header.opcode) {
      case FUSE_INIT: {
        fuse_init_out ours = {};
        ours.major = FUSE_KERNEL_VERSION;
        ours.minor = FUSE_KERNEL_MINOR_VERSION;
        ours.max_write = 4096;
        return Reply(server, header.unique, 0, &ours, sizeof(ours));
      }
      case FUSE_OPEN: {
        const fuse_open_out opened = {};
        return Reply(server, header.unique, 0, &opened, sizeof(opened));
      }
      case FUSE_FLUSH:
        if (closing == Closing::kHeldUp) return (void)++asked.closes;
        [[fallthrough]];
      case FUSE_RELEASE: return Reply(server, header.unique, 0, nullptr, 0);
      case FUSE_INTERRUPT:
      case FUSE_FORGET:
      case FUSE_BATCH_FORGET: return;  // want no answer
      default: ++asked.others; return Reply(server, header.unique, -EIO, nullptr, 0);
    }
  }

  static void Reply(int server, std::uint64_t to, int error, const void* body, std::size_t size) {
    std::array<char, 256> bytes = {};
    fuse_out_header header = {};
    header.len = static_cast<std::uint32_t>(sizeof(header) + size);
    header.error = error;
    header.unique = to;
    std::memcpy(bytes.data(), &header, sizeof(header));
    if (size > 0) std::memcpy(bytes.data() + sizeof(header), body, size);
    (void)!::write(server, bytes.data(), header.len);
  }

  platform::Handle mount_;
  int pid_;
  Asked* asked_;  // in memory that the server shares
};

}  // namespace baton::testing
