// A TCP socket that does not close for minutes: it lingers, and its other side takes nothing. Whose
// handle is the last one waits.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <utility>
#include <vector>

#include <baton/platform/handle.h>

namespace baton::testing {

class Lingering {
 public:
  Lingering() {
    const platform::Handle listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(::bind(listener.get(), any, length) == 0);
    REQUIRE(::listen(listener.get(), 1) == 0);
    REQUIRE(::getsockname(listener.get(), any, &length) == 0);
    socket_ = platform::Handle(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(::connect(socket_.get(), any, length) == 0);
    other_side_ = platform::Handle(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    REQUIRE(other_side_);
    constexpr linger kMinutes = {1, 600};
    REQUIRE(::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &kMinutes, sizeof(kMinutes)) == 0);
    const std::vector<char> bytes(1 << 16);
    while (::send(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT) > 0) {
    }
  }
  ~Lingering() { LetGo(); }

  const platform::Handle& socket() const { return socket_; }
  // The one handle that this has of it.
  platform::Handle Take() { return std::move(socket_); }

  // Whoever waits goes on, and whoever closes it from here on does not wait.
  void LetGo() { other_side_.Reset(); }

 private:
  platform::Handle socket_;
  platform::Handle other_side_;
};

// For those who send the last handle that there is: it is on its way then.
inline void SendTheLast(const platform::Handle& socket, Lingering& lingering, int flags = 0) {
  char byte = 0;
  iovec content = {&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message = {};
  message.msg_iov = &content;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof(control);
  cmsghdr* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  const platform::Handle last = lingering.Take();
  const int native = last.get();
  std::memcpy(CMSG_DATA(header), &native, sizeof(native));
  REQUIRE(::sendmsg(socket.get(), &message, MSG_NOSIGNAL | flags) == 1);
}

}  // namespace baton::testing
