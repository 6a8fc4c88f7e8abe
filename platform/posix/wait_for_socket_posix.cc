#include <baton/platform/wait_for_socket.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "platform/posix/syscall.h"

namespace baton::platform {
namespace {

timespec TimeUntil(std::chrono::steady_clock::time_point until) {
  const auto left = std::max(until - std::chrono::steady_clock::now(),
                             std::chrono::steady_clock::duration::zero());
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
  return {static_cast<time_t>(seconds.count()),
          static_cast<long>(std::chrono::nanoseconds(left - seconds).count())};
}

}  // namespace

SocketEvents WaitForSocket(const Handle& socket, const SocketWants& wants,
                           std::chrono::steady_clock::time_point until) {
  short wanted = 0;
  if (wants.readable) wanted |= POLLIN;
  if (wants.writable) wanted |= POLLOUT;
  // A negative descriptor is none.
  std::array<pollfd, 2> watched = {{{socket.get(), wanted, 0}, {wants.also, POLLIN, 0}}};
  const auto wait = [&] {
    const timespec time = TimeUntil(until);
    return ::ppoll(watched.data(), watched.size(), &time, nullptr);
  };
  if (!Syscall("ppoll", wait)) return {};
  return {.hung_up = (watched[0].revents & (POLLHUP | POLLERR)) != 0,
          .also = watched[1].revents != 0};
}

}  // namespace baton::platform
