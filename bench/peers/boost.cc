// Boost.Interprocess.
//   mq    message_queue both ways; payloads are copied into the queue and out of it
//   shm   managed_shared_memory for payloads, message_queue for where they lie: what one builds by
//         hand, without copies
#include <unistd.h>

#include <algorithm>
#include <boost/interprocess/ipc/message_queue.hpp>
#include <boost/interprocess/managed_shared_memory.hpp>
#include <optional>
#include <vector>

#include <baton/base/check.h>

#include "bench/peers/measure.h"

namespace {

namespace ipc = boost::interprocess;
using Memory = ipc::managed_shared_memory;
using Queue = ipc::message_queue;

constexpr std::size_t kSlots = 1024;
constexpr std::size_t kPayloadSlots = 2;  // of 32 MiB each
constexpr std::size_t kMemoryBytes = 80 * peers::kMiB;

// Word 0 is not a Wish but 0: the payload is in the other queue, or at this place in the memory.
struct Elsewhere {
  std::uint64_t zero = 0;
  std::uint64_t place = 0;
  std::uint64_t bytes = 0;
};

// Names are the system's, so they carry the number of the client's process.
std::string NameOf(const char* what, int client) {
  return "baton_peers_" + std::to_string(client) + "_" + what;
}

void RemoveNames(int client) {
  for (const char* queue : {"small", "payloads", "answers"})
    Queue::remove(NameOf(queue, client).c_str());
  ipc::shared_memory_object::remove(NameOf("memory", client).c_str());
}

class BoostClient {
 public:
  explicit BoostClient(bool in_place)
      : small_(ipc::create_only, NameOf("small", getpid()).c_str(), kSlots, peers::kLargestSmall),
        payloads_(ipc::create_only, NameOf("payloads", getpid()).c_str(), kPayloadSlots,
                  in_place ? 1 : peers::kLargest),
        answers_(ipc::create_only, NameOf("answers", getpid()).c_str(), kSlots,
                 peers::kAnswerBytes) {
    if (in_place)
      memory_.emplace(ipc::create_only, NameOf("memory", getpid()).c_str(), kMemoryBytes);
  }

  void* Loan(std::size_t bytes) {
    if (!memory_ || bytes <= peers::kLargestSmall) {
      buffer_.resize(std::max(buffer_.size(), bytes));
      return buffer_.data();
    }
    if (loaned_ != nullptr) memory_->deallocate(loaned_);
    return loaned_ = memory_->allocate_aligned(bytes, peers::kCacheLine);
  }
  void Send(std::size_t bytes) {
    if (bytes <= peers::kLargestSmall) return small_.send(buffer_.data(), bytes, 0);
    Elsewhere elsewhere = {.bytes = bytes};
    if (memory_)
      elsewhere.place = static_cast<std::uint64_t>(memory_->get_handle_from_address(loaned_));
    small_.send(&elsewhere, sizeof(elsewhere), 0);
    if (!memory_) payloads_.send(buffer_.data(), bytes, 0);
  }
  std::uint64_t Wait() {
    std::uint64_t answer[peers::kAnswerBytes / 8];
    Queue::size_type size;
    unsigned priority;
    answers_.receive(answer, sizeof(answer), size, priority);
    return answer[1];
  }

 private:
  Queue small_;  // its own queue: one with slots of 32 MiB could hold two messages
  Queue payloads_;
  Queue answers_;
  std::optional<Memory> memory_;
  std::vector<char> buffer_;
  void* loaned_ = nullptr;
};

void Serve(const std::string& variant) {
  char made;
  BATON_CHECK(read(peers::ServerSocket(), &made, 1) == 1);
  const int client = getppid();
  Queue small(ipc::open_only, NameOf("small", client).c_str());
  Queue payloads(ipc::open_only, NameOf("payloads", client).c_str());
  Queue answers(ipc::open_only, NameOf("answers", client).c_str());
  std::optional<Memory> memory;
  if (variant == "shm") memory.emplace(ipc::open_only, NameOf("memory", client).c_str());
  std::vector<std::uint64_t> buffer(memory ? peers::kLargestSmall / 8 : peers::kLargest / 8);
  peers::ReportReady();
  for (;;) {
    Queue::size_type size;
    unsigned priority;
    small.receive(buffer.data(), peers::kLargestSmall, size, priority);
    const void* message = buffer.data();
    if (buffer[0] == 0 && memory) {
      message = memory->get_address_from_handle(static_cast<Memory::handle_t>(buffer[1]));
      size = buffer[2];
    } else if (buffer[0] == 0) {
      payloads.receive(buffer.data(), peers::kLargest, size, priority);
    }
    const auto verdict = peers::Judge(message, size);
    if (!verdict.answer) continue;
    const std::uint64_t answer[peers::kAnswerBytes / 8] = {0, verdict.sum};
    answers.send(answer, sizeof(answer), 0);
  }
}

void RunClient(const peers::Run& run) {
  const peers::ServerProcess server(run);
  {
    BoostClient client(run.variant == "shm");
    BATON_CHECK(write(server.socket(), "M", 1) == 1);
    server.AwaitReady();
    peers::Measure(run, client, server.pid());
  }
  RemoveNames(getpid());
}

}  // namespace

int main(int argc, char** argv) {
  return peers::PeerMain(argc, argv, {"boost", {"mq", "shm"}, Serve, RunClient});
}
