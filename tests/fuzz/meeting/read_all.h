// What waits in the socket of somebody who was met.
#pragma once

#include <cstddef>
#include <span>
#include <system_error>
#include <vector>

#include <baton/base/check.h>
#include <baton/platform/local_socket.h>

#include "tests/fuzz/await_closed.h"

namespace baton::fuzz {

// Nobody says more than that.
inline constexpr std::size_t kMostWords = 4096;

// To the last byte, whatever handles come with them.
inline std::vector<std::byte> ReadAll(const platform::Handle& socket) {
  std::vector<std::byte> bytes(2 * kMostWords);
  std::size_t size = 0;
  int refusals = 0;
  for (;;) {
    std::vector<platform::Handle> handles;
    const auto received = platform::ReceiveSome(socket, std::span(bytes).subspan(size), handles);
    if (!received && received.error() == std::errc::too_many_files_open) {
      BATON_CHECK(++refusals < 1000);
      AwaitClosed();  // those that came before: a thread closes them
      continue;
    }
    if (!received || *received == 0) break;
    size += *received;
    BATON_CHECK(size <= kMostWords);
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace baton::fuzz
