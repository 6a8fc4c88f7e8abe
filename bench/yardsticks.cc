#include "bench/yardsticks.h"

#include <sys/socket.h>

#include <cstdint>
#include <cstring>
#include <string>

#include <baton/base/check.h>

namespace bench {
namespace {

using baton::platform::Handle;
using baton::platform::SharedMemory;

// The first word of a message says whether it wants an answer of the same size.
enum Wish : std::uint64_t { kNoAnswer, kAnswer };

constexpr std::size_t kLargest = kLargestRingMessage;

std::pair<Handle, Handle> BlockingSockets() {
  int sockets[2];
  BATON_CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) == 0);
  return {Handle(sockets[0]), Handle(sockets[1])};
}

const char* RoleFor(Waiting waiting) {
  switch (waiting) {
    case Waiting::kSpinInTurn: return "ring-spin";
    case Waiting::kFutex: return "ring-futex";
    case Waiting::kEpoll: return "ring-epoll";
    case Waiting::kSpin:
    case Waiting::kBell:
    case Waiting::kSpinThenFutex: break;
  }
  BATON_CHECK(!"a way of waiting without a role");
  return nullptr;
}

baton::platform::Process LaunchChild(const std::string& role, Placement placement,
                                     std::span<const baton::platform::NativeHandle> inherited) {
  auto child = baton::platform::Process::Launch(ChildThat(role, placement), inherited);
  BATON_CHECK(child);
  PinToOurCpu();
  return std::move(*child);
}

Handle Inherited(int index) {
  auto handle = baton::platform::TakeInherited(index);
  BATON_CHECK(handle);
  return std::move(*handle);
}

void Write(std::byte* into, std::span<const std::byte> message, Wish wish) {
  std::memcpy(into, message.data(), message.size());
  std::memcpy(into, &wish, sizeof(wish));
}

Wish WishOf(std::span<const std::byte> message) {
  Wish wish;
  std::memcpy(&wish, message.data(), sizeof(wish));
  return wish;
}

}  // namespace

struct RingPair::Shared {
  static Shared Create() {
    auto memory = SharedMemory::Create("bench rings", kRingEndBytes);
    BATON_CHECK(memory);
    auto handle = memory->handle().Duplicate();
    BATON_CHECK(handle);
    auto [ours, theirs] = BlockingSockets();
    return {std::move(*memory), std::move(*handle), std::move(ours), std::move(theirs)};
  }

  SharedMemory memory;
  Handle their_memory;
  Handle bell;
  Handle their_bell;
};

RingPair::RingPair(Waiting waiting, Placement placement)
    : RingPair(Shared::Create(), waiting, placement) {}

RingPair::RingPair(Shared shared, Waiting waiting, Placement placement)
    : bell_(std::move(shared.bell)),
      end_(std::move(shared.memory), waiting, {.ours = bell_.get(), .theirs = bell_.get()},
           RingEnd::Which::kFirst),
      message_(kLargest, std::byte{1}) {
  const int inherited[] = {shared.their_memory.get(), shared.their_bell.get()};
  child_ = LaunchChild(RoleFor(waiting), placement, inherited);
}

void RingPair::Send(std::size_t size, bool answered) {
  BATON_CHECK(size >= sizeof(Wish) && size <= kLargest);
  Write(end_.out().Loan(size), std::span(message_).first(size), answered ? kAnswer : kNoAnswer);
  end_.out().Send();
}

void RingPair::RoundTrip(std::size_t size) {
  Send(size, true);
  BATON_CHECK(end_.in().Receive().size() == size);
}

void RingPair::OneWay(int messages, std::size_t size) {
  for (int left = messages - 1; left >= 0; --left) Send(size, left == 0);
  BATON_CHECK(end_.in().Receive().size() == size);
}

StreamPair::StreamPair(Placement placement) : StreamPair(BlockingSockets(), placement) {}

StreamPair::StreamPair(std::pair<Handle, Handle> sockets, Placement placement)
    : socket_(std::move(sockets.first)), stream_(socket_.get(), socket_.get(), kLargest) {
  const int inherited[] = {sockets.second.get()};
  child_ = LaunchChild("stream", placement, inherited);
  std::memset(stream_.Loan(), 1, kLargest);
}

void StreamPair::Send(std::size_t size, bool answered) {
  BATON_CHECK(size >= sizeof(Wish) && size <= kLargest);
  const Wish wish = answered ? kAnswer : kNoAnswer;
  std::memcpy(stream_.Loan(), &wish, sizeof(wish));
  stream_.Send(size);
}

void StreamPair::RoundTrip(std::size_t size) {
  Send(size, true);
  BATON_CHECK(stream_.Receive().size() == size);
}

void StreamPair::OneWay(int messages, std::size_t size) {
  for (int left = messages - 1; left >= 0; --left) Send(size, left == 0);
  BATON_CHECK(stream_.Receive().size() == size);
}

void AnswerOnRing(Waiting waiting) {
  auto memory = SharedMemory::Adopt(Inherited(0), kRingEndBytes);
  BATON_CHECK(memory);
  const Handle bell = Inherited(1);
  RingEnd end(std::move(*memory), waiting, {.ours = bell.get(), .theirs = bell.get()},
              RingEnd::Which::kSecond);
  std::vector<std::byte> copy(kLargest);
  for (;;) {
    const auto message = end.in().Receive();
    if (WishOf(message) == kAnswer) {
      Write(end.out().Loan(message.size()), message, kAnswer);
      end.out().Send();
    } else {
      std::memcpy(copy.data(), message.data(), message.size());
    }
  }
}

void AnswerOnStream() {
  const Handle socket = Inherited(0);
  BareStream stream(socket.get(), socket.get(), kLargest);
  for (;;) {
    const auto message = stream.Receive();
    if (WishOf(message) != kAnswer) continue;
    std::memcpy(stream.Loan(), message.data(), message.size());
    stream.Send(message.size());
  }
}

}  // namespace bench
