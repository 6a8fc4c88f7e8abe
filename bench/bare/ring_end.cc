#include "bench/bare/ring_end.h"

#include <sys/epoll.h>

#include <utility>

#include <baton/base/check.h>

namespace bench {
namespace {

using baton::platform::Handle;

baton::platform::Mapping MappingOf(const baton::platform::SharedMemory& memory) {
  auto mapping = memory.Map();
  BATON_CHECK(mapping);
  return std::move(*mapping);
}

Handle EpollFor(int watched) {
  if (watched < 0) return Handle();
  Handle epoll(epoll_create1(EPOLL_CLOEXEC));
  epoll_event event = {};
  event.events = EPOLLIN;
  BATON_CHECK(epoll_ctl(epoll.get(), EPOLL_CTL_ADD, watched, &event) == 0);
  return epoll;
}

RingWaiter WaiterWith(Waiting waiting, Bells bells, const Handle& epoll) {
  bells.epoll = epoll.get();
  return {waiting, bells};
}

std::span<std::byte> Half(const baton::platform::Mapping& mapping, bool first) {
  return mapping.bytes().subspan(first ? 0 : kRingBytes, kRingBytes);
}

}  // namespace

RingEnd::RingEnd(baton::platform::SharedMemory memory, Waiting waiting, Bells bells, Which which)
    : memory_(std::move(memory)),
      mapping_(MappingOf(memory_)),
      epoll_(EpollFor(waiting == Waiting::kEpoll ? bells.ours : -1)),
      out_(Half(mapping_, which == Which::kFirst), WaiterWith(waiting, bells, epoll_)),
      in_(Half(mapping_, which == Which::kSecond), WaiterWith(waiting, bells, epoll_)) {}

}  // namespace bench
