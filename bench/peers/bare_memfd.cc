#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <vector>

#include <baton/base/check.h>

#include "bench/peers/bare_systems.h"
#include "bench/peers/measure.h"

namespace peers {
namespace {

using baton::platform::Handle;

using Packet = std::array<std::uint64_t, kLargestSmall / 8>;

class MemfdClient {
 public:
  explicit MemfdClient(int packets) : packets_(packets) {}
  ~MemfdClient() { Drop(); }

  void* Loan(std::size_t bytes) {
    Drop();
    if (bytes <= kLargestSmall) return small_.data();
    memfd_ = Handle(memfd_create("payload", MFD_CLOEXEC));
    BATON_CHECK(memfd_ && ftruncate(memfd_.get(), static_cast<off_t>(bytes)) == 0);
    mapped_ = bytes;
    memory_ = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, memfd_.get(), 0);
    BATON_CHECK(memory_ != MAP_FAILED);
    return memory_;
  }
  void Send(std::size_t bytes) {
    if (bytes <= kLargestSmall)
      return SendWithHandles(packets_, std::as_bytes(std::span(small_)).first(bytes), {});
    const std::uint64_t size[] = {bytes};
    const int handles[] = {memfd_.get()};
    SendWithHandles(packets_, std::as_bytes(std::span(size)), handles);
  }
  std::uint64_t Wait() {
    Packet answer;
    std::vector<Handle> none;
    ReceiveWithHandles(packets_, std::as_writable_bytes(std::span(answer)), none);
    return answer[1];
  }

 private:
  void Drop() {
    if (memory_ == nullptr) return;
    munmap(memory_, mapped_);
    memfd_.Reset();
    memory_ = nullptr;
  }

  int packets_;
  Packet small_ = {};
  Handle memfd_;
  void* memory_ = nullptr;
  std::size_t mapped_ = 0;
};

Verdict JudgeMemfd(const Handle& memfd, std::size_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ, MAP_SHARED, memfd.get(), 0);
  BATON_CHECK(memory != MAP_FAILED);
  const auto verdict = Judge(memory, bytes);
  munmap(memory, bytes);
  return verdict;
}

}  // namespace

void ServeMemfd() {
  const auto packets = ReceiveHandles(ServerSocket());
  ReportReady();
  Packet message;
  for (;;) {
    std::vector<Handle> handles;
    const std::size_t size =
        ReceiveWithHandles(packets[0].get(), std::as_writable_bytes(std::span(message)), handles);
    const auto verdict =
        handles.empty() ? Judge(message.data(), size) : JudgeMemfd(handles[0], message[0]);
    if (!verdict.answer) continue;
    const std::uint64_t answer[kAnswerBytes / 8] = {0, verdict.sum};
    SendWithHandles(packets[0].get(), std::as_bytes(std::span(answer)), {});
  }
}

void RunMemfd(const Run& run) {
  const ServerProcess server(run);
  int ends[2];
  BATON_CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
  const Handle packets(ends[0]);
  Handle theirs(ends[1]);
  SendHandles(server.socket(), std::span(ends).last(1));
  theirs.Reset();
  server.AwaitReady();
  MemfdClient client(packets.get());
  Measure(run, client, server.pid());
}

}  // namespace peers
