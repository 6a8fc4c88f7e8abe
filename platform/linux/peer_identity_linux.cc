#include <baton/platform/peer_identity.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "platform/linux/pidfd.h"
#include "platform/posix/syscall.h"

// Since Linux 6.5; the same on every architecture we know of but SPARC and PA-RISC.
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

namespace baton::platform {
namespace {

Result<void> StillHeld(const Handle& socket) {
  pollfd state = {.fd = socket.get(), .events = 0, .revents = 0};
  BATON_CHECKED(Syscall("poll", [&] { return ::poll(&state, 1, 0); }));
  if ((state.revents & POLLHUP) != 0) return Fail(Errc::kPeerDied);
  return {};
}

Result<Handle> OpenByNumber(const Handle& socket, pid_t pid) {
  if (pid <= 0) return Handle();
  const auto opened = Syscall("pidfd_open", [&] { return PidfdOpen(pid); });
  if (!opened) {
    if (opened.error() == std::errc::no_such_process) return Fail(Errc::kPeerDied);
    return Fail(opened.error());
  }
  Handle death(*opened);
  BATON_CHECKED(StillHeld(socket));
  return death;
}

Result<Handle> OpenDeath(const Handle& socket, pid_t pid) {
  int pidfd = kNoHandle;
  socklen_t size = sizeof(pidfd);
  const auto ask = [&] {
    return ::getsockopt(socket.get(), SOL_SOCKET, SO_PEERPIDFD, &pidfd, &size);
  };
  const auto asked = Syscall("getsockopt(SO_PEERPIDFD)", ask);
  if (asked) return Handle(pidfd);
  if (asked.error() == std::errc::no_protocol_option) return OpenByNumber(socket, pid);
  // What the kernel says of a process that is reaped has changed over time.
  const bool is_gone =
      asked.error() == std::errc::no_such_process || asked.error() == std::errc::invalid_argument;
  if (is_gone) return Fail(Errc::kPeerDied);
  return Fail(asked.error());
}

}  // namespace

Result<void> IdentifySenders(const Handle& socket, bool on) {
  const int value = on ? 1 : 0;
  const auto set = [&] {
    return ::setsockopt(socket.get(), SOL_SOCKET, SO_PASSCRED, &value, sizeof(value));
  };
  BATON_CHECKED(Syscall("setsockopt(SO_PASSCRED)", set));
  return {};
}

bool IsLaunched(const PeerIdentity& sender, int pid) {
  if (pid <= 0 || sender.pid != pid) return false;
  return sender.uid == ::getuid() || ::geteuid() == 0;
}

bool IsSameUser(const PeerIdentity& peer) {
  return peer.uid == ::geteuid();
}

Result<PeerProcess> IdentifyPeer(const Handle& socket) {
  ucred credentials = {};
  socklen_t size = sizeof(credentials);
  const auto ask = [&] {
    return ::getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &credentials, &size);
  };
  BATON_CHECKED(Syscall("getsockopt(SO_PEERCRED)", ask));
  BATON_TRY(Handle death, OpenDeath(socket, credentials.pid));
  return PeerProcess{{credentials.pid, credentials.uid, credentials.gid}, std::move(death)};
}

}  // namespace baton::platform
