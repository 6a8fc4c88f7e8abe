#include <baton/platform/local_listener.h>
#include <sys/socket.h>

#include <baton/platform/state_point.h>

#include "platform/linux/local_address.h"
#include "platform/linux/syscall.h"

namespace baton::platform {
namespace {

// How many may wait to be accepted; the system's own limit (net.core.somaxconn) may be lower.
constexpr int kBacklog = 128;

}  // namespace

Result<LocalListener> LocalListener::Listen(const std::string& address, unsigned mode) {
  if (mode > 0777) return FailWith(EINVAL);
  BATON_TRY(const LocalAddress at, LocalAddress::From(address));
  LocalListener listener;
  BATON_TRY(listener.socket_, CreateLocalSocket());
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
  files_ = std::move(other.files_);  // before the socket, as at the end
  socket_ = std::move(other.socket_);
  return *this;
}

Result<Handle> LocalListener::Accept() {
  const auto accept = [&] {
    return ::accept4(socket_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  };
  BATON_TRY(const int fd, Syscall("accept4", accept));
  StatePoint("listener.accepted");
  return Handle(fd);
}

}  // namespace baton::platform
