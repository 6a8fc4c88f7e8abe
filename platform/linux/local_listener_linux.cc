#include <baton/platform/local_listener.h>
#include <sys/socket.h>

#include <cerrno>

#include <baton/platform/local_socket.h>
#include <baton/platform/received_handle.h>
#include <baton/platform/state_point.h>

#include "platform/linux/local_address.h"
#include "platform/posix/syscall.h"

namespace baton::platform {
namespace {

// How many may wait to be accepted; the system's own limit (net.core.somaxconn) may be lower.
constexpr int kBacklog = 128;

}  // namespace

Result<LocalListener> LocalListener::Listen(const std::string& address, unsigned mode) {
  if (mode > 0777) return FailWith(EINVAL);
  BATON_TRY(const LocalAddress at, LocalAddress::From(address));
  LocalListener listener;
  BATON_TRY(Handle created, CreateLocalSocket());
  listener.socket_ = Handle::Foreign(created.Release(), NewHandleSource());
  const Handle& socket = listener.socket_;
  if (at.is_abstract()) {
    BATON_CHECKED(Syscall("bind", [&] { return ::bind(socket.get(), at.get(), at.size()); }));
  } else {
    BATON_TRY(listener.files_, BindFile(socket, address, mode));
  }
  BATON_CHECKED(Syscall("listen", [&] { return ::listen(socket.get(), kBacklog); }));
  StatePoint("listener.listening");
  return listener;
}

LocalListener& LocalListener::operator=(LocalListener&& other) noexcept {
  if (this == &other) return *this;
  Close();
  files_ = std::move(other.files_);
  socket_ = std::move(other.socket_);
  return *this;
}

LocalListener::~LocalListener() {
  Close();
}

// What those have sent who were never accepted lies in the listening socket. A fork leaves it to
// others: some thread closes what it has of that.
void LocalListener::Close() {
  files_ = Files();  // before the socket
  if (!socket_) return;
  if (IsSourceOfThisProcess(socket_.source()) && TurnAwayAll()) socket_.Accept();
  socket_.Reset();
}

// True when there is nobody left, and nobody else can come.
bool LocalListener::TurnAwayAll() {
  if (::shutdown(socket_.get(), SHUT_RDWR) != 0) return false;
  for (;;) {
    const int fd = ::accept4(socket_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      const Handle turned_away = TakeEnd(Handle(fd), socket_.source());
    } else if (errno != EINTR && errno != ECONNABORTED) {
      return errno == EAGAIN || errno == EINVAL;
    }
  }
}

Result<Handle> LocalListener::Accept() {
  if (!MayReceiveFrom(socket_.source())) return FailWith(EMFILE);
  const auto accept = [&] {
    return ::accept4(socket_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  };
  BATON_TRY(const int fd, Syscall("accept4", accept));
  StatePoint("listener.accepted");
  return TakeEnd(Handle(fd), socket_.source());
}

}  // namespace baton::platform
