#include <cstddef>
#include <cstring>

#include <baton/platform/local_listener.h>
#include <baton/platform/local_socket.h>
#include <baton/platform/state_point.h>

#include "platform/linux/local_address.h"
#include "platform/posix/syscall.h"

namespace baton::platform {

Result<LocalAddress> LocalAddress::From(const std::string& address) {
  static_assert(sizeof(sockaddr_un::sun_path) > kMaxLocalAddress);
  const bool is_abstract = address.starts_with('@');
  if (address.size() > kMaxLocalAddress) return FailWith(ENAMETOOLONG);
  if (address.size() < (is_abstract ? 2 : 1) || address.find('\0') != std::string::npos) {
    return FailWith(EINVAL);
  }
  LocalAddress result;
  result.address_.sun_family = AF_UNIX;
  std::memcpy(result.address_.sun_path, address.data(), address.size());
  if (is_abstract) result.address_.sun_path[0] = '\0';
  // A path ends with a 0; of an abstract name every byte counts.
  const std::size_t length = address.size() + (is_abstract ? 0 : 1);
  result.size_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
  return result;
}

Result<Handle> CreateLocalSocket() {
  const auto create = [] {
    return ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  };
  BATON_TRY(const int fd, Syscall("socket", create));
  return Handle(fd);
}

Result<Handle> ConnectLocal(const std::string& address) {
  BATON_TRY(const LocalAddress to, LocalAddress::From(address));
  BATON_TRY(Handle socket, CreateLocalSocket());
  BATON_CHECKED(Syscall("connect", [&] { return ::connect(socket.get(), to.get(), to.size()); }));
  StatePoint("listener.connected");
  return TakeEnd(std::move(socket));
}

}  // namespace baton::platform
