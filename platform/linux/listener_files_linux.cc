// The socket file of a listener and its lock.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include <baton/platform/local_listener.h>
#include <baton/platform/state_point.h>

#include "platform/linux/local_address.h"
#include "platform/posix/syscall.h"

namespace baton::platform {
namespace {

constexpr int kTriesToLock = 16;
constexpr unsigned kPermissions = 0777;

std::string LockOf(const std::string& path) {
  return path + ".lock";
}

Result<struct stat> StatusOf(const std::string& path) {
  struct stat status = {};
  BATON_CHECKED(Syscall("lstat", [&] { return ::lstat(path.c_str(), &status); }));
  return status;
}

bool IsFile(const Handle& file, const std::string& path) {
  struct stat held = {};
  struct stat named = {};
  return ::fstat(file.get(), &held) == 0 && ::lstat(path.c_str(), &named) == 0 &&
         held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

// A lock that is held belongs to a live listener. The last one removes its lock's file: a lock on a
// file that has no name any more is worth nothing.
Result<Handle> Lock(const std::string& path) {
  for (int tries = 0; tries < kTriesToLock; ++tries) {
    const auto open = [&] {
      return ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    };
    BATON_TRY(const int fd, Syscall("open", open));
    Handle lock(fd);
    struct stat status = {};
    BATON_CHECKED(Syscall("fstat", [&] { return ::fstat(lock.get(), &status); }));
    if (!S_ISREG(status.st_mode)) return FailWith(EEXIST);
    const auto taken = Syscall("flock", [&] { return ::flock(lock.get(), LOCK_EX | LOCK_NB); });
    if (!taken && taken.error() == std::errc::operation_would_block) return FailWith(EADDRINUSE);
    BATON_CHECKED(taken);
    StatePoint("listener.locked");
    if (IsFile(lock, path)) return lock;
  }
  return FailWith(EADDRINUSE);
}

// With the lock held nobody of ours listens; a program that knows no lock may all the same.
Result<void> RemoveStale(const std::string& path) {
  const auto found = StatusOf(path);
  if (!found && found.error() == std::errc::no_such_file_or_directory) return {};
  BATON_CHECKED(found);
  if (!S_ISSOCK(found->st_mode)) return FailWith(ENOTSOCK);
  const auto connected = ConnectLocal(path);
  if (connected) return FailWith(EADDRINUSE);
  const std::error_code error = connected.error();
  if (error == std::errc::no_such_file_or_directory) return {};
  const bool is_live = error == std::errc::operation_would_block ||
                       error == std::errc::wrong_protocol_type ||
                       error == std::errc::permission_denied;
  if (is_live) return FailWith(EADDRINUSE);
  if (error != std::errc::connection_refused) return Fail(error);
  BATON_CHECKED(Syscall("unlink", [&] { return ::unlink(path.c_str()); }));
  return {};
}

Result<std::string> Absolute(const std::string& path) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(path, error);
  if (error) return Fail(error);
  return absolute.string();
}

}  // namespace

// The file that bind makes has the permissions of the socket, less the umask: too few at most, and
// nobody can connect before listen. O_NOFOLLOW for chmod, in case the folder is not ours alone.
Result<LocalListener::Files> LocalListener::BindFile(const Handle& socket, const std::string& path,
                                                     unsigned mode) {
  BATON_TRY(const LocalAddress at, LocalAddress::From(path));
  BATON_TRY(std::string absolute, Absolute(path));
  BATON_TRY(Handle lock, Lock(LockOf(absolute)));
  Files files(std::move(absolute), std::move(lock));
  BATON_CHECKED(RemoveStale(path));
  BATON_CHECKED(Syscall("fchmod", [&] { return ::fchmod(socket.get(), mode); }));
  BATON_CHECKED(Syscall("bind", [&] { return ::bind(socket.get(), at.get(), at.size()); }));
  StatePoint("listener.bound");
  BATON_CHECKED(files.Adopt(mode));
  return files;
}

LocalListener::Files::Files(std::string path, Handle lock)
    : path_(std::move(path)), lock_(std::move(lock)), maker_(::getpid()) {}

LocalListener::Files::Files(Files&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      lock_(std::move(other.lock_)),
      maker_(other.maker_),
      device_(other.device_),
      inode_(other.inode_) {}

LocalListener::Files& LocalListener::Files::operator=(Files&& other) noexcept {
  if (this != &other) {
    Remove();
    path_ = std::exchange(other.path_, {});
    lock_ = std::move(other.lock_);
    maker_ = other.maker_;
    device_ = other.device_;
    inode_ = other.inode_;
  }
  return *this;
}

LocalListener::Files::~Files() {
  Remove();
}

Result<void> LocalListener::Files::Adopt(unsigned mode) {
  const auto status = StatusOf(path_);
  if (!status) {
    ::unlink(path_.c_str());  // bound a moment ago, and the lock is ours
    return Fail(status.error());
  }
  device_ = status->st_dev;
  inode_ = status->st_ino;
  if ((status->st_mode & kPermissions) == mode) return {};
  const auto change = [&] {
    return ::fchmodat(AT_FDCWD, path_.c_str(), mode, AT_SYMLINK_NOFOLLOW);
  };
  BATON_CHECKED(Syscall("fchmodat", change));
  return {};
}

void LocalListener::Files::Remove() {
  if (path_.empty() || ::getpid() != maker_) return;
  struct stat found = {};
  if (inode_ != 0 && ::lstat(path_.c_str(), &found) == 0 && S_ISSOCK(found.st_mode) &&
      found.st_dev == device_ && found.st_ino == inode_) {
    ::unlink(path_.c_str());
    StatePoint("listener.unlinked");
  }
  // Ours is empty; with something in it, it is a file of somebody's that bears this name.
  struct stat lock = {};
  if (IsFile(lock_, LockOf(path_)) && ::fstat(lock_.get(), &lock) == 0 && lock.st_size == 0) {
    ::unlink(LockOf(path_).c_str());
  }
  lock_.Reset();
  path_.clear();
}

}  // namespace baton::platform
