#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include <baton/base/check.h>

#include "bench/bare/bare_stream.h"
#include "bench/peers/bare_systems.h"
#include "bench/peers/measure.h"

namespace peers {
namespace {

using baton::platform::Handle;
using bench::BareStream;

constexpr std::size_t kLargestPacket = 64 * kKiB;

class StreamClient {
 public:
  explicit StreamClient(BareStream stream) : stream_(std::move(stream)) {}

  void* Loan(std::size_t) { return stream_.Loan(); }
  void Send(std::size_t bytes) { stream_.Send(bytes); }
  std::uint64_t Wait() {
    std::uint64_t sum;
    std::memcpy(&sum, stream_.Receive().data() + 8, sizeof(sum));
    return sum;
  }

 private:
  BareStream stream_;
};

void Answer(BareStream stream) {
  ReportReady();
  for (;;) {
    const auto message = stream.Receive();
    const auto verdict = Judge(message.data(), message.size());
    if (!verdict.answer) continue;
    std::memcpy(stream.Loan() + 8, &verdict.sum, sizeof(verdict.sum));
    stream.Send(kAnswerBytes);
  }
}

std::pair<Handle, Handle> MakePackets() {
  int sockets[2];
  BATON_CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) == 0);
  return {Handle(sockets[0]), Handle(sockets[1])};
}

// The end to read from and the end to write to.
std::pair<Handle, Handle> MakePipe() {
  int ends[2];
  BATON_CHECK(pipe2(ends, O_CLOEXEC) == 0);
  BATON_CHECK(fcntl(ends[1], F_SETPIPE_SZ, kMiB) >= 0);
  return {Handle(ends[0]), Handle(ends[1])};
}

}  // namespace

void ServeStream(const std::string& variant) {
  const int socket = ServerSocket();
  if (variant == "seqpacket") {
    const auto packets = ReceiveHandles(socket);
    return Answer(BareStream(packets[0].get(), packets[0].get(), kLargestPacket, true));
  }
  if (variant == "pipe") {
    const auto ends = ReceiveHandles(socket);
    return Answer(BareStream(ends[0].get(), ends[1].get(), kLargest));
  }
  Answer(BareStream(socket, socket, kLargest));
}

void RunStream(const Run& run) {
  const ServerProcess server(run);
  const int socket = server.socket();
  const auto measure = [&](BareStream stream, std::size_t largest) {
    server.AwaitReady();
    StreamClient client(std::move(stream));
    Measure(run, client, server.pid(), largest);
  };
  if (run.variant == "seqpacket") {
    auto [ours, theirs] = MakePackets();
    SendHandles(socket, std::array{theirs.get()});
    theirs.Reset();
    measure(BareStream(ours.get(), ours.get(), kLargestPacket, true), kLargestPacket);
  } else if (run.variant == "pipe") {
    const auto [their_input, our_output] = MakePipe();
    const auto [our_input, their_output] = MakePipe();
    SendHandles(socket, std::array{their_input.get(), their_output.get()});
    measure(BareStream(our_input.get(), our_output.get(), kLargest), kLargest);
  } else {
    measure(BareStream(socket, socket, kLargest), kLargest);
  }
}

}  // namespace peers
