// An address as the socket calls want it.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <string>

#include <baton/base/result.h>
#include <baton/platform/handle.h>

namespace baton::platform {

class LocalAddress {
 public:
  // Errors: see local_listener.h.
  static Result<LocalAddress> From(const std::string& address);

  bool is_abstract() const { return address_.sun_path[0] == '\0'; }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address_); }
  socklen_t size() const { return size_; }

 private:
  LocalAddress() = default;

  sockaddr_un address_ = {};
  socklen_t size_ = 0;
};

// A non-blocking, close-on-exec stream socket that has no address yet.
Result<Handle> CreateLocalSocket();

}  // namespace baton::platform
