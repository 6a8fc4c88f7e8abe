#include <sys/eventfd.h>
#include <sys/socket.h>

#include <cstring>

#include <baton/base/check.h>
#include <baton/platform/shared_memory.h>

#include "bench/bare/ring_end.h"
#include "bench/peers/bare_systems.h"
#include "bench/peers/measure.h"

namespace peers {
namespace {

using baton::platform::Handle;
using baton::platform::Mapping;
using baton::platform::SharedMemory;
using bench::RingEnd;
using bench::Waiting;

// A message of two words, the first 0: the payload is in the pool, and the second its size.
constexpr std::uint64_t kInPool = 0;

SharedMemory NewMemory(const char* name, std::size_t bytes) {
  auto memory = SharedMemory::Create(name, bytes);
  BATON_CHECK(memory);
  return std::move(*memory);
}

SharedMemory Adopted(Handle handle, std::size_t bytes) {
  auto memory = SharedMemory::Adopt(std::move(handle), bytes);
  BATON_CHECK(memory);
  return std::move(*memory);
}

Handle Duplicate(const SharedMemory& memory) {
  auto handle = memory.handle().Duplicate();
  BATON_CHECK(handle);
  return std::move(*handle);
}

Mapping MapTouched(const SharedMemory& memory) {
  auto mapping = memory.Map();
  BATON_CHECK(mapping);
  const volatile auto* bytes = mapping->bytes().data();
  for (std::size_t at = 0; at < mapping->bytes().size(); at += 4096) (void)bytes[at];
  return std::move(*mapping);
}

// What wakes either side: eventfds, or both ends of a socket pair.
std::pair<Handle, Handle> MakeBells(Waiting waiting) {
  if (waiting == Waiting::kBell)
    return {Handle(eventfd(0, EFD_CLOEXEC)), Handle(eventfd(0, EFD_CLOEXEC))};
  int sockets[2];
  BATON_CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) == 0);
  return {Handle(sockets[0]), Handle(sockets[1])};
}

// A socket's end is read and written; of eventfds each side reads one and writes the other.
bench::Bells BellsOf(Waiting waiting, const Handle& ours, const Handle& theirs) {
  return {.ours = ours.get(), .theirs = waiting == Waiting::kBell ? theirs.get() : ours.get()};
}

class RingClient {
 public:
  RingClient(RingEnd& end, const Mapping& pool) : end_(end), pool_(pool) {}

  void* Loan(std::size_t bytes) {
    if (bytes > kLargestSmall) return pool_.bytes().data();
    return end_.out().Loan(bytes);
  }
  void Send(std::size_t bytes) {
    if (bytes > kLargestSmall) {
      const std::uint64_t words[] = {kInPool, bytes};
      std::memcpy(end_.out().Loan(sizeof(words)), words, sizeof(words));
    }
    end_.out().Send();
  }
  std::uint64_t Wait() {
    std::uint64_t sum;
    std::memcpy(&sum, end_.in().Receive().data() + 8, sizeof(sum));
    return sum;
  }

 private:
  RingEnd& end_;
  const Mapping& pool_;
};

}  // namespace

void ServeRing(Waiting waiting) {
  auto handles = ReceiveHandles(ServerSocket());
  const SharedMemory pool_memory = Adopted(std::move(handles[1]), kLargest);
  const Mapping pool = MapTouched(pool_memory);
  RingEnd end(Adopted(std::move(handles[0]), bench::kRingEndBytes), waiting,
              BellsOf(waiting, handles[2], handles[3]), RingEnd::Which::kSecond);
  ReportReady();
  for (;;) {
    const auto message = end.in().Receive();
    std::uint64_t words[2];
    std::memcpy(words, message.data(), sizeof(words));
    const auto verdict = words[0] == kInPool ? Judge(pool.bytes().data(), words[1])
                                             : Judge(message.data(), message.size());
    if (!verdict.answer) continue;
    std::byte* answer = end.out().Loan(kAnswerBytes);
    std::memcpy(answer + 8, &verdict.sum, sizeof(verdict.sum));
    end.out().Send();
  }
}

void RunRing(const Run& run, Waiting waiting) {
  const ServerProcess server(run);
  SharedMemory rings = NewMemory("peers rings", bench::kRingEndBytes);
  const SharedMemory pool_memory = NewMemory("peers pool", kLargest);
  const Mapping pool = MapTouched(pool_memory);
  const auto [bell, their_bell] = MakeBells(waiting);
  const Handle their_rings = Duplicate(rings);
  const int shared[] = {their_rings.get(), pool_memory.handle().get(), their_bell.get(),
                        bell.get()};
  SendHandles(server.socket(), shared);
  RingEnd end(std::move(rings), waiting, BellsOf(waiting, bell, their_bell),
              RingEnd::Which::kFirst);
  server.AwaitReady();
  RingClient client(end, pool);
  Measure(run, client, server.pid());
}

}  // namespace peers
