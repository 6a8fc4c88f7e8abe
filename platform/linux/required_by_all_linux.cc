#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "platform/linux/syscall_row.h"

namespace baton::platform {
namespace {

constexpr int kPopulateRead = 22;  // MADV_POPULATE_READ, which older headers lack

Calls Channel() {
  return {
      {BATON_CALL(sendmsg), .purpose = "frames, handles and doorbells leave"},
      {BATON_CALL(recvmsg), .purpose = "they come"},
      {BATON_CALL(close), .purpose = "handles end"},
#ifdef SYS_poll
      {BATON_CALL(poll), .purpose = "is the other end still there?"},
#endif
      {BATON_CALL(ppoll), .purpose = "waiting for the answer to a sync message"},
      {BATON_CALL(sched_yield), .purpose = "waiting for a ring"},
      {BATON_CALL(getrandom), .purpose = "ids of memory, tokens"},
      {BATON_CALL(sysinfo), .purpose = "has the machine as much memory as is asked for?"},
      {BATON_CALL(getpid), .purpose = "logs and traces"},
      {BATON_CALL(getppid), .purpose = "is whoever speaks the parent?"},
      {BATON_CALL(getuid), .purpose = "is whoever speaks of our user?"},
      {BATON_CALL(geteuid), .purpose = "is whoever speaks of our user?"},
      {BATON_CALL(ioctl), .conditions = {Is(1, SIOCOUTQ)}, .condition_text = "SIOCOUTQ",
       .purpose = "has the peer read what was sent?"},
      {BATON_CALL(ioctl), .conditions = {Is(1, FIONREAD)}, .condition_text = "FIONREAD",
       .purpose = "does anything lie unread in a socket that is closed?"},
      {BATON_CALL(shutdown), .conditions = {Is(1, SHUT_RDWR)}, .condition_text = "SHUT_RDWR",
       .purpose = "nothing more comes into a socket that is closed"},
      {BATON_CALL(rt_sigtimedwait),
       .purpose = "a fault is reported where nobody reads: SIGPIPE is taken back"},
      {BATON_CALL(gettid), .purpose = "logs and traces; abort"},
      {BATON_CALL(write), .purpose = "logs and traces, the reason of an abort; content that is "
                                     "about to be frozen; Asio wakes another thread"},
      {BATON_CALL(prctl), .conditions = {Is(0, PR_GET_NAME)}, .condition_text = "PR_GET_NAME",
       .purpose = "a trace names its threads"},
  };
}

// Endpoints are made and travel, and so does the process that they lead to.
Calls Endpoints() {
  constexpr char kTest[] = "is a received socket one of ours?";
  constexpr char kReset[] = "what the giver asked of a socket is taken back";
  return {
      {BATON_CALL(socketpair), .conditions = {Is(0, AF_UNIX)}, .condition_text = "AF_UNIX",
       .purpose = "a channel for others"},
      {BATON_CALL(pidfd_open),
       .purpose = "whoever gets an endpoint is to see this process end; this one sees its peer's"},
      {BATON_CALL(waitid), .conditions = {Is(0, P_PIDFD), Is(3, WEXITED | WNOHANG | WNOWAIT)},
       .condition_text = "P_PIDFD, WEXITED, WNOHANG, WNOWAIT",
       .purpose = "is a received handle a process?"},
      SocketOption(SYS_getsockopt, "getsockopt", SO_DOMAIN, "SO_DOMAIN", kTest),
      SocketOption(SYS_getsockopt, "getsockopt", SO_TYPE, "SO_TYPE", kTest),
      SocketOption(SYS_getsockopt, "getsockopt", SO_ACCEPTCONN, "SO_ACCEPTCONN", kTest),
      {BATON_CALL(getpeername), .purpose = kTest},
      SocketOption(SYS_setsockopt, "setsockopt", SO_LINGER, "SO_LINGER",
                   "closing a received socket does not wait"),
      SocketOption(SYS_setsockopt, "setsockopt", SO_OOBINLINE, "SO_OOBINLINE",
                   "no byte of a channel is skipped, and no handle with it"),
      SocketOption(SYS_setsockopt, "setsockopt", SO_PASSCRED, "SO_PASSCRED", kReset),
      SocketOption(SYS_setsockopt, "setsockopt", SO_PASSSEC, "SO_PASSSEC", kReset),
      SocketOption(SYS_setsockopt, "setsockopt", 76, "SO_PASSPIDFD", kReset),
      SocketOption(SYS_setsockopt, "setsockopt", SO_PEEK_OFF, "SO_PEEK_OFF", kReset),
      SocketOption(SYS_setsockopt, "setsockopt", SO_RCVLOWAT, "SO_RCVLOWAT", kReset),
      FileCommand(F_DUPFD_CLOEXEC, "F_DUPFD_CLOEXEC", "a handle is sent and kept"),
      FileCommand(F_SETFD, "F_SETFD", "inherited handles are kept from other programs"),
      FileCommand(F_SETFL, "F_SETFL", "a received socket does not block"),
  };
}

// Memory that others have made: checked, mapped, taken away and given back.
Calls Mapping() {
  return {
      FileCommand(F_GETFL, "F_GETFL", "may received memory be written?"),
      FileCommand(F_GETPIPE_SZ, "F_GETPIPE_SZ", "does what was received close at once?"),
      FileCommand(F_GET_SEALS, "F_GET_SEALS", "can received memory shrink?"),
      FileCommand(F_ADD_SEALS, "F_ADD_SEALS", "the size of memory is fixed, its content frozen"),
      {BATON_CALL(fstat), .purpose = "kind and size of what was received"},
      {BATON_CALL(newfstatat), .conditions = {Has(3, AT_EMPTY_PATH)},
       .condition_text = "AT_EMPTY_PATH", .purpose = "the same: some glibc make fstat of it"},
      {BATON_CALL(fstatfs), .purpose = "kind of what was received"},
      {BATON_CALL(prlimit64), .conditions = {Is(0, 0), {.index = 2, .mask = ~std::uint64_t{0}}},
       .condition_text = "of itself, to look",
       .purpose = "is what was received one of the last files?"},
      {BATON_CALL(mmap), .conditions = {Lacks(2, PROT_EXEC)}, .condition_text = "not PROT_EXEC",
       .purpose = "memory; malloc"},
      {BATON_CALL(munmap), .purpose = "memory; malloc"},
      {BATON_CALL(mprotect), .conditions = {Lacks(2, PROT_EXEC)}, .condition_text = "not PROT_EXEC",
       .purpose = "memory that was sent is out of reach; malloc"},
      {BATON_CALL(madvise), .conditions = {Is(2, MADV_DONTFORK)}, .condition_text = "MADV_DONTFORK",
       .purpose = "a fork does not get memory"},
      {BATON_CALL(madvise), .conditions = {Is(2, MADV_HUGEPAGE)}, .condition_text = "MADV_HUGEPAGE",
       .purpose = "large memory in large pages"},
      {BATON_CALL(madvise), .conditions = {Is(2, MADV_NORMAL)}, .condition_text = "MADV_NORMAL",
       .purpose = "is a range still there, after its memory could not be moved?"},
      {BATON_CALL(madvise), .conditions = {Is(2, kPopulateRead)},
       .condition_text = "MADV_POPULATE_READ", .purpose = "is it of the memory?"},
      {BATON_CALL(pread64), .purpose = "a large message in memory that cannot be frozen"},
      {BATON_CALL(mremap), .purpose = "memory that was sent is moved out of reach; realloc"},
  };
}

Calls Loops() {
  return {
#ifdef SYS_epoll_wait
      {BATON_CALL(epoll_wait), .purpose = "waiting"},
#else
      {BATON_CALL(epoll_pwait), .purpose = "waiting"},
#endif
      {BATON_CALL(epoll_ctl), .purpose = "what to wait for"},
      {BATON_CALL(timerfd_settime), .purpose = "deadlines"},
      {BATON_CALL(read), .purpose = "a loop that was woken by another thread"},
      {BATON_CALL(ioctl), .conditions = {Is(1, FIONBIO)}, .condition_text = "FIONBIO",
       .purpose = "what is waited for does not block"},
  };
}

Calls Library() {
  return {
      {BATON_CALL(futex), .purpose = "locks"},
      {BATON_CALL(brk), .purpose = "malloc"},
      {BATON_CALL(madvise), .conditions = {Is(2, MADV_DONTNEED)}, .condition_text = "MADV_DONTNEED",
       .purpose = "malloc and ended threads give memory back"},
      {BATON_CALL(sched_getaffinity), .conditions = {Is(0, 0)}, .condition_text = "of itself",
       .purpose = "malloc counts processors when many threads have memory of their own"},
      {BATON_CALL(clock_gettime), .purpose = "the time, where the vDSO does not know it"},
      {BATON_CALL(restart_syscall), .purpose = "a wait goes on after SIGCONT"},
      {BATON_CALL(rt_sigreturn), .purpose = "a signal's handler ends"},
      {BATON_CALL(rt_sigprocmask), .purpose = "abort; a thread begins or ends"},
      {BATON_CALL(rt_sigaction), .purpose = "abort"},
      {BATON_CALL(tgkill), .conditions = {IsOwnProcess(0)}, .condition_text = "of itself",
       .purpose = "abort"},
      {BATON_CALL(exit), .purpose = "a thread ends"},
      {BATON_CALL(exit_group), .purpose = "the process ends"},
  };
}

}  // namespace

Calls CallsOfAll() {
  Calls all = Channel();
  Append(all, Endpoints());
  Append(all, Mapping());
  Append(all, OwnedBy(SyscallOwner::kAsio, Loops()));
  Append(all, OwnedBy(SyscallOwner::kLibrary, Library()));
  return all;
}

}  // namespace baton::platform
