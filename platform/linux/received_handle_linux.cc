#include <baton/platform/received_handle.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "platform/linux/memfd.h"
#include "platform/posix/syscall.h"

// Since Linux 6.5.
#ifndef SO_PASSPIDFD
#define SO_PASSPIDFD 76
#endif

namespace baton::platform {
namespace {

// An O_PATH handle is a bad one to most calls, though it is open.
Failure KindOr(std::error_code error) {
  const bool is_no_socket = error == std::errc::not_a_socket ||
                            error == std::errc::bad_file_descriptor ||
                            error == std::errc::not_connected;
  return Fail(is_no_socket ? make_error_code(Rule::kHandleKind) : error);
}

Result<int> SocketOption(const Handle& socket, int option) {
  int value = 0;
  socklen_t size = sizeof(value);
  const auto ask = [&] { return ::getsockopt(socket.get(), SOL_SOCKET, option, &value, &size); };
  if (const auto asked = Syscall("getsockopt", ask); !asked) return KindOr(asked.error());
  return value;
}

Result<void> CheckConnected(const Handle& socket) {
  sockaddr_un address = {};
  socklen_t size = sizeof(address);
  const auto ask = [&] {
    return ::getpeername(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
  };
  if (const auto asked = Syscall("getpeername", ask); !asked) return KindOr(asked.error());
  return {};
}

void SetOption(const Handle& socket, int option, int value) {
  // Not known to every kernel; what is not known cannot have been asked for.
  ::setsockopt(socket.get(), SOL_SOCKET, option, &value, sizeof(value));
}

}  // namespace

Result<void> AdoptReceivedSocket(const Handle& socket) {
  BATON_TRY(const int domain, SocketOption(socket, SO_DOMAIN));
  BATON_TRY(const int type, SocketOption(socket, SO_TYPE));
  BATON_TRY(const int listens, SocketOption(socket, SO_ACCEPTCONN));
  if (domain != AF_UNIX || type != SOCK_STREAM || listens != 0) return Fail(Rule::kHandleKind);
  BATON_CHECKED(CheckConnected(socket));
  const auto unblock = [&] { return ::fcntl(socket.get(), F_SETFL, O_NONBLOCK); };
  BATON_CHECKED(Syscall("fcntl(F_SETFL)", unblock));
  SetOption(socket, SO_PASSCRED, 0);
  SetOption(socket, SO_PASSSEC, 0);
  SetOption(socket, SO_PASSPIDFD, 0);
  SetOption(socket, SO_PEEK_OFF, -1);
  SetOption(socket, SO_RCVLOWAT, 1);
  return {};
}

Result<void> CheckReceivedProcess(const Handle& process) {
  // Only looks. That it is no child of ours is what is to be expected.
  siginfo_t info = {};
  const auto look = [&] {
    return ::waitid(P_PIDFD, static_cast<id_t>(process.get()), &info, WEXITED | WNOHANG | WNOWAIT);
  };
  const auto looked = Syscall("waitid", look);
  if (looked || looked.error() == std::errc::no_child_process) return {};
  return KindOr(looked.error());
}

Result<void> CheckReceivedMemory(const Handle& memory) {
  BATON_CHECKED(SealsOf(memory.get()));
  return {};
}

}  // namespace baton::platform
