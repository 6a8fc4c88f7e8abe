#include <linux/sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include <cerrno>

#include <baton/platform/memory_backend.h>

#include "platform/linux/syscall_row.h"

namespace baton::platform {
namespace {

Calls NewLoops() {
  return {
      {BATON_CALL(epoll_create1), .purpose = "a new io_context"},
      {BATON_CALL(eventfd2), .purpose = "a new io_context"},
      {BATON_CALL(timerfd_create), .purpose = "a new io_context"},
  };
}

Calls NewMemory() {
  constexpr std::uint64_t kNoExecSeal = 8;
  return {
      {BATON_CALL(memfd_create),
       .conditions = {{.index = 1,
                       .mask = kInt & ~kNoExecSeal,
                       .value = MFD_CLOEXEC | MFD_ALLOW_SEALING}},
       .condition_text = "MFD_CLOEXEC, MFD_ALLOW_SEALING; with or without MFD_NOEXEC_SEAL",
       .purpose = "a Shmem, a ring, a large message"},
      {BATON_CALL(ftruncate), .purpose = "its size"},
      {BATON_CALL(fallocate), .conditions = {Is(1, 0)}, .condition_text = "mode 0",
       .purpose = "its backing"},
      {BATON_CALL(fsetxattr), .purpose = "what memtrack is told about it; Baton does without"},
  };
}

// Of BATON_MEMORY=posix, for those who may open files; others borrow theirs.
Calls NewPosixMemory() {
  constexpr char kName[] = "memory has a name for a moment";
  constexpr char kLeftover[] = "names that dead processes' memory had";
  return {
      {BATON_CALL(openat), .purpose = kName},
#ifdef SYS_unlink
      {BATON_CALL(unlink), .purpose = kName},
#endif
      {BATON_CALL(newfstatat), .purpose = kLeftover},
      {BATON_CALL(getdents64), .purpose = kLeftover},
      {BATON_CALL(unlinkat), .purpose = kLeftover},
      FileCommand(F_SETLEASE, "F_SETLEASE", kLeftover),
  };
}

Calls NoNewMemory() {
  return {{BATON_CALL(memfd_create), .refuse_with = EPERM,
           .purpose = "how Baton learns that it may make no memory"},
          {BATON_CALL(fallocate), .conditions = {Is(1, 0)}, .condition_text = "mode 0",
           .purpose = "the backing of what it borrows"}};
}

Calls NoFiles() {
  return {{BATON_CALL(openat), .refuse_with = EACCES, .owner = SyscallOwner::kLibrary,
           .purpose = "malloc counts processors in /sys and /proc, and looks into /proc/sys/vm "
                      "when a thread has freed much; it does without"}};
}

SystemCall NoClone3() {
  return {BATON_CALL(clone3), .refuse_with = ENOSYS,
          .purpose = "a filter cannot see whether it makes a thread; glibc takes clone then"};
}

Calls NoThreads() {
  return {NoClone3(),
          {BATON_CALL(clone), .refuse_with = EPERM,
           .purpose = "how Baton learns that it may start no thread"}};
}

Calls Threads() {
  constexpr std::uint64_t kThread =
      CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;
  return {
      NoClone3(),
      {BATON_CALL(clone), .conditions = {Has(0, kThread)},
       .condition_text = "CLONE_THREAD and what belongs to it", .purpose = "a new thread"},
      {BATON_CALL(set_robust_list), .purpose = "a new thread"},
      {BATON_CALL(rseq), .purpose = "a new thread"},
  };
}

Calls Connecting() {
  return {
      {BATON_CALL(socket), .conditions = {Is(0, AF_UNIX)}, .condition_text = "AF_UNIX",
       .purpose = "a connection"},
      {BATON_CALL(connect), .purpose = "to a listener"},
      SocketOption(SYS_getsockopt, "getsockopt", SO_PEERCRED, "SO_PEERCRED", "who is it?"),
      SocketOption(SYS_getsockopt, "getsockopt", 77, "SO_PEERPIDFD", "when does it end?"),
  };
}

Calls Listening() {
  constexpr char kFile[] = "a socket's file; not for abstract names";
  return {
      {BATON_CALL(bind), .purpose = "a name"},
      {BATON_CALL(listen), .purpose = "a name"},
      {BATON_CALL(accept4), .purpose = "somebody connects"},
      {BATON_CALL(openat), .purpose = kFile},
      {BATON_CALL(newfstatat), .purpose = kFile},
      {BATON_CALL(flock), .purpose = kFile},
      {BATON_CALL(fchmod), .purpose = kFile},
      {BATON_CALL(fchmodat), .purpose = kFile},
      {BATON_CALL(getcwd), .purpose = kFile},
#ifdef SYS_unlink
      {BATON_CALL(unlink), .purpose = kFile},
#else
      {BATON_CALL(unlinkat), .purpose = kFile},
#endif
  };
}

Calls Launching() {
  constexpr char kNew[] = "a new process, up to its exec";
  return {
      {BATON_CALL(clone), .purpose = kNew},
      {BATON_CALL(clone3), .purpose = kNew},
      {BATON_CALL(execve), .purpose = kNew},
      {BATON_CALL(openat), .purpose = "is memory short on this machine? /proc/pressure/memory"},
#ifdef SYS_dup2
      {BATON_CALL(dup2), .purpose = kNew},
#endif
      {BATON_CALL(dup3), .purpose = kNew},
      {BATON_CALL(close_range), .purpose = kNew},
      {BATON_CALL(prctl), .conditions = {Is(0, PR_SET_PDEATHSIG)},
       .condition_text = "PR_SET_PDEATHSIG", .purpose = kNew},
      {BATON_CALL(set_robust_list), .purpose = "the thread of a supervisor"},
      {BATON_CALL(rseq), .purpose = "the thread of a supervisor"},
      {BATON_CALL(pidfd_send_signal), .purpose = "a child's end"},
      {BATON_CALL(waitid), .purpose = "a child's end"},
      {BATON_CALL(kill), .purpose = "a child that can be given no handle"},
      {BATON_CALL(wait4), .purpose = "a child that can be given no handle"},
  };
}

}  // namespace

std::vector<SystemCall> RequiredSyscalls(SandboxRole role, const SandboxNeeds& needs) {
  Calls all = CallsOfAll();
  if (needs.makes_loops) Append(all, OwnedBy(SyscallOwner::kAsio, NewLoops()));
  Append(all, needs.makes_memory ? NewMemory() : NoNewMemory());
  // A filter that answers one call in two ways is a contradiction: a launcher's clone needs no
  // conditions, and its children open files.
  const bool launches = role == SandboxRole::kLauncher;
  if (!launches) {
    Append(all, OwnedBy(SyscallOwner::kLibrary, needs.starts_threads ? Threads() : NoThreads()));
  }
  if (role == SandboxRole::kClient || role == SandboxRole::kListener) Append(all, Connecting());
  if (role == SandboxRole::kListener) Append(all, Listening());
  if (launches) Append(all, Launching());
  const bool is_posix = CurrentMemoryBackend() == MemoryBackend::kPosixShm;
  const bool opens_files = role == SandboxRole::kListener || launches;
  if (is_posix && opens_files && needs.makes_memory) Append(all, NewPosixMemory());
  if (role != SandboxRole::kListener && !launches) Append(all, NoFiles());
  return all;
}

}  // namespace baton::platform
