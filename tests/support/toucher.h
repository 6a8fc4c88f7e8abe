// Asks the kernel to read or write one byte of ours, and gives its answer: 0, or EFAULT. Lets a
// test look at a forbidden page without dying.
#pragma once

#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <cstddef>
#include <utility>

#include <baton/platform/local_socket.h>
#include "tests/support/must.h"

namespace baton::testing {

class Toucher {
 public:
  int TryRead(const std::byte* address) {
    return ::send(ends_.first.get(), address, 1, 0) == 1 ? Drain() : errno;
  }

  int TryWrite(std::byte* address) {
    const std::byte sent{0x5a};
    REQUIRE(::send(ends_.first.get(), &sent, 1, 0) == 1);
    if (::recv(ends_.second.get(), address, 1, 0) == 1) return 0;
    const int error = errno;
    Drain();
    return error;
  }

 private:
  int Drain() {
    std::byte taken{};
    REQUIRE(::recv(ends_.second.get(), &taken, 1, 0) == 1);
    return 0;
  }

  std::pair<platform::Handle, platform::Handle> ends_ = Must(platform::CreateSocketPair());
};

}  // namespace baton::testing
