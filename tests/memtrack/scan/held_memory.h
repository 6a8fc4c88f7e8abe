// Makes shared memory of every sort, as programs do it. Everything fails the test when it cannot
// be.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string>
#include <vector>

#include <baton/platform/handle.h>
#include "tests/support/failure.h"

namespace memtrack_test {

inline constexpr std::size_t kPage = 4096;

inline void Expect(bool holds, const std::string& what, const char* file = __builtin_FILE(),
                   int line = __builtin_LINE()) {
  if (!holds) baton::testing::FailHere(file, line, what + ": " + std::strerror(errno));
}

// Of `pages` pages, of which the first is written to.
inline baton::platform::Handle MakeMemfd(const char* name, std::size_t pages = 1,
                                         unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING) {
  baton::platform::Handle memfd(::memfd_create(name, flags));
  Expect(static_cast<bool>(memfd), "memfd_create");
  Expect(::ftruncate(memfd.get(), static_cast<off_t>(pages * kPage)) == 0, "ftruncate");
  if (pages > 0) Expect(::pwrite(memfd.get(), "x", 1, 0) == 1, "pwrite");
  return memfd;
}

// Unmapped when the process ends.
inline void* MapPages(const baton::platform::Handle& file, std::size_t pages = 1,
                      int access = PROT_READ | PROT_WRITE, int flags = MAP_SHARED) {
  void* const address = ::mmap(nullptr, pages * kPage, access, flags, file.get(), 0);
  Expect(address != MAP_FAILED, "mmap");
  return address;
}

// One message of a byte, with these descriptors.
inline void SendDescriptors(const baton::platform::Handle& socket, char byte,
                            const std::vector<int>& descriptors) {
  iovec vector = {&byte, 1};
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(16 * sizeof(int))> control = {};
  msghdr message = {};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  if (!descriptors.empty()) {
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(descriptors.size() * sizeof(int));
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(descriptors.size() * sizeof(int));
    std::memcpy(CMSG_DATA(header), descriptors.data(), descriptors.size() * sizeof(int));
  }
  Expect(::sendmsg(socket.get(), &message, MSG_NOSIGNAL) == 1, "sendmsg");
}

struct Received {
  char byte = 0;
  std::vector<baton::platform::Handle> handles;
};

// The next message; waits for it.
inline Received ReceiveDescriptors(const baton::platform::Handle& socket) {
  Received received;
  iovec vector = {&received.byte, 1};
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(16 * sizeof(int))> control = {};
  msghdr message = {};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  Expect(::recvmsg(socket.get(), &message, MSG_CMSG_CLOEXEC) == 1, "recvmsg");
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int descriptor = -1;
      std::memcpy(&descriptor, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
      received.handles.emplace_back(descriptor);
    }
  }
  return received;
}

}  // namespace memtrack_test
