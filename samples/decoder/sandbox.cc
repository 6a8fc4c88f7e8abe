#include "samples/decoder/sandbox.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <span>

#include <baton/platform/handle.h>

#include "samples/decoder/last_error.h"
#include "sandbox_sanitizers.h"

namespace samples {
namespace {

using baton::Fail;
using baton::Result;

using Filter = std::unique_ptr<void, decltype(&seccomp_release)>;

constexpr int kAlways[] = {
    // The channel.
    SCMP_SYS(read), SCMP_SYS(pread64), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev),
    SCMP_SYS(recvmsg), SCMP_SYS(sendmsg), SCMP_SYS(recvfrom), SCMP_SYS(sendto), SCMP_SYS(shutdown),
    SCMP_SYS(getsockopt), SCMP_SYS(close), SCMP_SYS(dup3),
    // Waiting.
    SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_ctl), SCMP_SYS(poll),
    SCMP_SYS(ppoll), SCMP_SYS(timerfd_settime), SCMP_SYS(clock_gettime), SCMP_SYS(clock_nanosleep),
    SCMP_SYS(futex), SCMP_SYS(sched_yield), SCMP_SYS(restart_syscall),
    // Memory. mmap and mprotect are below.
    SCMP_SYS(memfd_create), SCMP_SYS(ftruncate), SCMP_SYS(fallocate), SCMP_SYS(fstat),
    SCMP_SYS(fsetxattr), SCMP_SYS(fstatfs), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
    SCMP_SYS(brk),
    // Oneself.
    SCMP_SYS(getpid), SCMP_SYS(getppid), SCMP_SYS(pidfd_open), SCMP_SYS(gettid),
    SCMP_SYS(getrandom), SCMP_SYS(sysinfo), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigtimedwait), SCMP_SYS(waitid), SCMP_SYS(exit),
    SCMP_SYS(exit_group)};

constexpr int kForSanitizers[] = {SCMP_SYS(open),
                                  SCMP_SYS(openat),
                                  SCMP_SYS(readlink),
                                  SCMP_SYS(readlinkat),
                                  SCMP_SYS(lseek),
                                  SCMP_SYS(sigaltstack),
                                  SCMP_SYS(prctl),
                                  SCMP_SYS(getrlimit),
                                  SCMP_SYS(setrlimit),
                                  SCMP_SYS(prlimit64),
                                  SCMP_SYS(clone),
                                  SCMP_SYS(clone3),
                                  SCMP_SYS(wait4),
                                  SCMP_SYS(ptrace),
                                  SCMP_SYS(getdents),
                                  SCMP_SYS(getdents64),
                                  SCMP_SYS(sched_getaffinity),
                                  SCMP_SYS(sysinfo),
                                  SCMP_SYS(getppid),
                                  SCMP_SYS(set_robust_list),
                                  SCMP_SYS(rseq),
                                  SCMP_SYS(getuid),
                                  SCMP_SYS(personality),
                                  SCMP_SYS(arch_prctl),
                                  SCMP_SYS(access),
                                  SCMP_SYS(getrusage),
                                  SCMP_SYS(mincore),
                                  SCMP_SYS(pipe),
                                  SCMP_SYS(pipe2)};

constexpr scmp_datum_t kFileCommands[] = {F_GETFD,         F_SETFD,     F_GETFL,     F_SETFL,
                                          F_DUPFD_CLOEXEC, F_ADD_SEALS, F_GET_SEALS, F_GETPIPE_SZ};

// libseccomp answers with a negative errno.
Result<void> Checked(int answer) {
  if (answer < 0) return Fail(std::error_code(-answer, std::system_category()));
  return {};
}

// Only calls whose argument number `index`, looked at through `mask`, is `value`.
scmp_arg_cmp When(unsigned index, scmp_datum_t mask, scmp_datum_t value) {
  return {.arg = index, .op = SCMP_CMP_MASKED_EQ, .datum_a = mask, .datum_b = value};
}
scmp_arg_cmp When(unsigned index, scmp_datum_t value) {
  return When(index, ~scmp_datum_t{0}, value);
}

template <class... Conditions>
Result<void> Allow(const Filter& filter, int call, Conditions... conditions) {
  return Checked(
      seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, sizeof...(conditions), conditions...));
}

Result<void> AllowAll(const Filter& filter, std::span<const int> calls) {
  for (const int call : calls) {
    BATON_CHECKED(Allow(filter, call));
  }
  return {};
}

Result<void> AllowByArgument(const Filter& filter) {
  for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mprotect)}) {
    BATON_CHECKED(Allow(filter, call, When(2, PROT_EXEC, 0)));
  }
  for (const scmp_datum_t command : kFileCommands) {
    BATON_CHECKED(Allow(filter, SCMP_SYS(fcntl), When(1, command)));
  }
  // How glibc asks for the size of an open file (its path is then empty, which a filter cannot
  // see), how Asio makes a socket non-blocking, and how is seen that the peer has read, or has sent
  // what nobody reads any more.
  BATON_CHECKED(Allow(filter, SCMP_SYS(newfstatat), When(3, AT_EMPTY_PATH, AT_EMPTY_PATH)));
  BATON_CHECKED(Allow(filter, SCMP_SYS(ioctl), When(1, FIONBIO)));
  BATON_CHECKED(Allow(filter, SCMP_SYS(ioctl), When(1, SIOCOUTQ)));
  BATON_CHECKED(Allow(filter, SCMP_SYS(ioctl), When(1, FIONREAD)));
  // Who speaks is asked of the kernel until the parent has introduced itself; received handles are
  // told not to linger when they are closed, and an end of a channel skips nothing.
  BATON_CHECKED(Allow(filter, SCMP_SYS(setsockopt), When(1, SOL_SOCKET), When(2, SO_PASSCRED)));
  BATON_CHECKED(Allow(filter, SCMP_SYS(setsockopt), When(1, SOL_SOCKET), When(2, SO_LINGER)));
  BATON_CHECKED(Allow(filter, SCMP_SYS(setsockopt), When(1, SOL_SOCKET), When(2, SO_OOBINLINE)));
  // Where memory has a name for a moment (BATON_MEMORY=posix) this process makes none: it hears so,
  // and borrows it of its parent. shm_open's own flags; who opens anything else dies as ever.
  constexpr scmp_datum_t kNewMemory = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  if constexpr (!kBuiltWithSanitizer) {
    BATON_CHECKED(Checked(seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EACCES), SCMP_SYS(openat),
                                           1, When(2, kNewMemory))));
  }
  // No threads: what its parent would send by mistake, and may not close at once, stays open.
  if constexpr (!kBuiltWithSanitizer) {
    BATON_CHECKED(
        Checked(seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 0)));
    BATON_CHECKED(
        Checked(seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0)));
  }
  // How many files it may open is looked at, and not changed.
  BATON_CHECKED(Allow(filter, SCMP_SYS(prlimit64), When(0, 0), When(2, 0)));
  // abort() signals oneself.
  const auto self = static_cast<scmp_datum_t>(getpid());
  return Allow(filter, SCMP_SYS(tgkill), When(0, self));
}

// Not before the filter is there: until then a failure should find its way to people.
Result<void> LetGoOfTerminal(const baton::platform::Handle& nowhere) {
  constexpr int kLast = kBuiltWithSanitizer ? STDOUT_FILENO : STDERR_FILENO;
  for (int stream = STDIN_FILENO; stream <= kLast; ++stream) {
    if (::dup3(nowhere.get(), stream, 0) < 0) return Fail(LastError());
  }
  return {};
}

// A handle above the standard streams, even where those are closed.
Result<baton::platform::Handle> OpenNowhere() {
  const baton::platform::Handle nowhere(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!nowhere) return Fail(LastError());
  baton::platform::Handle moved(::fcntl(nowhere.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  if (!moved) return Fail(LastError());
  return moved;
}

}  // namespace

Result<void> EnterSandbox() {
  BATON_TRY(const auto nowhere, OpenNowhere());
  const Filter filter(seccomp_init(SCMP_ACT_KILL_PROCESS), seccomp_release);
  if (filter == nullptr) return Fail(std::make_error_code(std::errc::not_enough_memory));
  BATON_CHECKED(
      Checked(seccomp_attr_set(filter.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS)));
  BATON_CHECKED(Checked(seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1)));
  BATON_CHECKED(AllowAll(filter, kAlways));
  BATON_CHECKED(AllowByArgument(filter));
  if constexpr (kBuiltWithSanitizer) BATON_CHECKED(AllowAll(filter, kForSanitizers));
  BATON_CHECKED(Checked(seccomp_load(filter.get())));
  return LetGoOfTerminal(nowhere);
}

}  // namespace samples
