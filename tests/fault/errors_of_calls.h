// What each system call of the platform layer, and of memtrack's scan, may plausibly fail with, by
// the names that are given to Syscall there: as their manual pages say, less what only a bug of
// ours could cause.
#pragma once

#include <cerrno>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace baton::testing {

using Errors = std::vector<int>;

// Empty for a call that is not in here: write it down.
inline const Errors& ErrorsOf(std::string_view call) {
  static const Errors kNewDescriptor = {EMFILE, ENFILE, ENOMEM};
  static const Errors kNewSocket = {EMFILE, ENFILE, ENOMEM, ENOBUFS, EACCES};
  static const Errors kAboutDescriptor = {EIO, EBADF, ENOMEM};
  static const Errors kNewMapping = {ENOMEM, EAGAIN, EPERM, ENFILE};
  static const Errors kAboutFile = {EACCES, ENOENT, EIO, ENOMEM, ELOOP};
  static const Errors kSpawn = {ENOMEM, EAGAIN};
  static const Errors kUnknown = {};
  static const std::map<std::string, Errors, std::less<>> kAll = {
      {"accept4", {EINTR, EAGAIN, ECONNABORTED, EMFILE, ENFILE, ENOBUFS, ENOMEM, EPERM, EPROTO}},
      {"bind", {EADDRINUSE, EACCES, ENOMEM, EROFS, ENOTDIR}},
      {"clone", {EAGAIN, ENOMEM, EPERM}},
      {"connect", {EINTR, EAGAIN, ECONNREFUSED, ENOENT, EACCES, EPERM, ENOMEM, EPROTOTYPE}},
      {"fallocate", {EINTR, ENOSPC, ENOMEM, EIO, EOPNOTSUPP}},
      {"fchmod", {EPERM, EROFS, EIO}},
      {"fchmodat", {EPERM, EROFS, EIO, ENOENT, EOPNOTSUPP}},
      {"fcntl(F_ADD_SEALS)", {EPERM, EBUSY, EINVAL}},
      {"fcntl(F_DUPFD_CLOEXEC)", kNewDescriptor},
      {"fcntl(F_GETFL)", kAboutDescriptor},
      {"fcntl(F_GET_SEALS)", {EINVAL, EBADF}},
      {"fcntl(F_SETFD)", kAboutDescriptor},
      {"fcntl(F_SETFL)", kAboutDescriptor},
      {"flock", {EINTR, EWOULDBLOCK, ENOLCK, EIO}},
      {"fstat", kAboutDescriptor},
      {"fstatfs", {EINTR, EIO, ENOSYS, ENOMEM}},
      {"ftruncate", {EINTR, ENOSPC, EPERM, EFBIG, EIO}},
      {"futex", {EINTR, EAGAIN, ETIMEDOUT, ENOMEM}},
      {"getdents64", {ENOENT, ENOMEM, EIO}},
      {"getpeername", {ENOTCONN, ENOBUFS}},
      {"getrandom", {EINTR, EAGAIN, ENOSYS}},
      {"getrlimit", {EFAULT}},
      {"getsockopt", {ENOTCONN, ENOPROTOOPT, ENOMEM}},
      {"getsockopt(SO_PEEK_OFF)", {ENOPROTOOPT, EOPNOTSUPP}},
      {"getsockopt(SO_PEERCRED)", {ENOTCONN, ENOMEM}},
      {"getsockopt(SO_PEERPIDFD)", {ENOPROTOOPT, ESRCH, EINVAL, EMFILE, ENFILE, ENOMEM}},
      {"ioctl(PROCMAP_QUERY)", {ENOTTY, ENOENT, ESRCH, EPERM, ENOMEM}},
      {"kcmp", {EPERM, ESRCH, ENOSYS, EBADF}},
      {"ioctl(SIOCOUTQ)", {EINVAL, ENOTTY}},
      {"listen", {EADDRINUSE, EINVAL}},
      {"lseek", {EINVAL}},
      {"lstat", kAboutFile},
      {"madvise(MADV_DONTFORK)", {ENOMEM, EAGAIN}},
      {"memfd_create", {EMFILE, ENFILE, ENOMEM, EPERM, EACCES, EINVAL}},
      {"mmap", kNewMapping},
      {"mmap(cover)", kNewMapping},
      {"mmap(ranges)", kNewMapping},
      {"mmap(reserve)", kNewMapping},
      {"mprotect", {ENOMEM, EACCES}},
      {"mprotect(vault)", {ENOMEM, EACCES}},
      {"mremap", {ENOMEM, EAGAIN, EINVAL, EFAULT}},
      {"open", {EINTR, EACCES, EMFILE, ENFILE, ENOENT, ENOSPC, EROFS, ELOOP}},
      {"openat", {EINTR, EACCES, EPERM, EMFILE, ENFILE, ENOMEM, ENOENT, ESRCH, ELOOP}},
      {"pidfd_getfd", {EPERM, EMFILE, ENFILE, ENOMEM, ESRCH, EBADF}},
      {"pidfd_open", {EMFILE, ENFILE, ENOMEM, ESRCH, ENODEV}},
      {"pidfd_send_signal", {EPERM}},
      {"poll", {EINTR, ENOMEM}},
      {"posix_fallocate", {EINTR, ENOSPC, ENOMEM, EIO, EOPNOTSUPP}},
      {"posix_spawn", {EAGAIN, ENOMEM, ENOENT, EACCES, E2BIG}},
      {"posix_spawn_file_actions_addclosefrom_np", kSpawn},
      {"posix_spawn_file_actions_adddup2", kSpawn},
      {"posix_spawn_file_actions_init", kSpawn},
      {"posix_spawnattr_init", kSpawn},
      {"ppoll", {EINTR, ENOMEM}},
      {"pread", {EINTR, ESRCH, EACCES, ENOMEM, EIO}},
      {"read", {EINTR, EIO, EISDIR}},
      {"readlinkat", {EACCES, ENOENT, ESRCH, ENAMETOOLONG, ENOMEM}},
      {"recv", {EINTR, EAGAIN, ENOBUFS, ENOMEM}},
      {"recvmsg", {EINTR, EAGAIN, ECONNRESET, ENOMEM, ENOBUFS, EMFILE}},
      {"send", {EINTR, EAGAIN, EPERM, ENOBUFS, ENOMEM, ECONNREFUSED}},
      {"sendmsg", {EINTR, EAGAIN, EPIPE, ECONNRESET, ENOMEM, ENOBUFS, ETOOMANYREFS, EMFILE, EPERM}},
      {"setsockopt(SO_PASSCRED)", {ENOPROTOOPT, ENOMEM}},
      {"setrlimit", {EPERM}},
      {"sigaction", {EFAULT, EPERM}},
      {"sigaltstack", {ENOMEM, EPERM}},
      {"shm_open", {EINTR, EACCES, EMFILE, ENFILE, ENOENT, ENOSPC, ENOMEM, EEXIST}},
      {"shm_unlink", kAboutFile},
      {"socket", kNewSocket},
      {"socketpair", kNewSocket},
      {"statfs", {EINTR, EACCES, ENOENT, ENOMEM, EIO}},
      {"statx", {EACCES, EPERM, ENOENT, ESRCH, ENOMEM, EIO}},
      {"sysinfo", {EFAULT}},
      {"unlink", kAboutFile},
      {"waitid", {EINTR, ECHILD, EAGAIN}},
      {"write", {EINTR, ENOSPC, ENOMEM, EIO}},
  };
  const auto found = kAll.find(call);
  return found == kAll.end() ? kUnknown : found->second;
}

}  // namespace baton::testing
