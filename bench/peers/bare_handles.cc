#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include <baton/base/check.h>

#include "bench/peers/bare_systems.h"

namespace peers {
namespace {

constexpr std::size_t kMostHandles = 4;

struct Control {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kMostHandles * sizeof(int))> bytes = {};
};

}  // namespace

void SendWithHandles(int socket, std::span<const std::byte> bytes, std::span<const int> handles) {
  BATON_CHECK(handles.size() <= kMostHandles);
  iovec data = {const_cast<std::byte*>(bytes.data()), bytes.size()};
  Control control;
  msghdr message = {};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  if (!handles.empty()) {
    message.msg_control = control.bytes.data();
    message.msg_controllen = CMSG_SPACE(handles.size_bytes());
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(handles.size_bytes());
    std::memcpy(CMSG_DATA(header), handles.data(), handles.size_bytes());
  }
  BATON_CHECK(sendmsg(socket, &message, 0) == static_cast<ssize_t>(bytes.size()));
}

std::size_t ReceiveWithHandles(int socket, std::span<std::byte> into,
                               std::vector<baton::platform::Handle>& handles) {
  iovec data = {into.data(), into.size()};
  Control control;
  msghdr message = {};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes.data();
  message.msg_controllen = control.bytes.size();
  const ssize_t size = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  if (size <= 0) _exit(3);
  if (const cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr) {
    const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int handle;
      std::memcpy(&handle, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
      handles.emplace_back(handle);
    }
  }
  return static_cast<std::size_t>(size);
}

void SendHandles(int socket, std::span<const int> handles) {
  constexpr std::byte kNothing[] = {std::byte{0}};
  SendWithHandles(socket, kNothing, handles);
}

std::vector<baton::platform::Handle> ReceiveHandles(int socket) {
  std::byte nothing[1];
  std::vector<baton::platform::Handle> handles;
  ReceiveWithHandles(socket, nothing, handles);
  return handles;
}

}  // namespace peers
