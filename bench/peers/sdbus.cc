// D-Bus by sd-bus, one process to the other over a socket pair, without a bus in between.
//   inline   payloads as byte arrays inside the message
//   memfd    payloads in a fresh memfd whose descriptor is passed
#include <fcntl.h>
#include <sys/mman.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include <cstring>

#include <baton/base/check.h>

#include "bench/peers/measure.h"

namespace {

constexpr const char* kPath = "/bench";
constexpr const char* kInterface = "peers.Bench";

int Answer(sd_bus_message* call, std::uint64_t sum) {
  const std::uint64_t words[peers::kAnswerBytes / 8] = {0, sum};
  sd_bus_message* answer = nullptr;
  BATON_CHECK(sd_bus_message_new_method_return(call, &answer) >= 0);
  BATON_CHECK(sd_bus_message_append_array(answer, 'y', words, sizeof(words)) >= 0);
  BATON_CHECK(sd_bus_send(nullptr, answer, nullptr) >= 0);
  sd_bus_message_unref(answer);
  return 1;
}

int OnBytes(sd_bus_message* call, void*, sd_bus_error*) {
  const void* bytes;
  std::size_t size;
  BATON_CHECK(sd_bus_message_read_array(call, 'y', &bytes, &size) >= 0);
  const auto verdict = peers::Judge(bytes, size);
  return verdict.answer ? Answer(call, verdict.sum) : 1;
}

int OnMemory(sd_bus_message* call, void*, sd_bus_error*) {
  int descriptor;
  std::uint64_t size;
  BATON_CHECK(sd_bus_message_read(call, "ht", &descriptor, &size) >= 0);
  void* memory = mmap(nullptr, size, PROT_READ, MAP_SHARED, descriptor, 0);
  BATON_CHECK(memory != MAP_FAILED);
  const auto verdict = peers::Judge(memory, size);
  const int result = Answer(call, verdict.sum);
  munmap(memory, size);
  return result;
}

const sd_bus_vtable* Methods() {
  static const sd_bus_vtable methods[] = {
      SD_BUS_VTABLE_START(0),
      SD_BUS_METHOD("Call", "ay", "ay", OnBytes, SD_BUS_VTABLE_UNPRIVILEGED),
      SD_BUS_METHOD("Flood", "ay", "", OnBytes,
                    SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_METHOD_NO_REPLY),
      SD_BUS_METHOD("Memory", "ht", "ay", OnMemory, SD_BUS_VTABLE_UNPRIVILEGED),
      SD_BUS_VTABLE_END,
  };
  return methods;
}

sd_bus* StartBus(int socket, bool is_server) {
  sd_bus* bus = nullptr;
  BATON_CHECK(sd_bus_new(&bus) >= 0);
  BATON_CHECK(sd_bus_set_fd(bus, socket, socket) >= 0);
  BATON_CHECK(sd_bus_negotiate_fds(bus, 1) >= 0);
  BATON_CHECK(sd_bus_set_anonymous(bus, 1) >= 0);
  if (is_server) {
    sd_id128_t id;
    BATON_CHECK(sd_id128_randomize(&id) >= 0);
    BATON_CHECK(sd_bus_set_server(bus, 1, id) >= 0);
    BATON_CHECK(sd_bus_add_object_vtable(bus, nullptr, kPath, kInterface, Methods(), nullptr) >= 0);
  }
  BATON_CHECK(sd_bus_start(bus) >= 0);
  return bus;
}

class SdBusClient {
 public:
  // Keeps a duplicate of `socket`, because sd-bus closes what it is given.
  SdBusClient(int socket, bool by_memfd)
      : bus_(StartBus(fcntl(socket, F_DUPFD_CLOEXEC, 0), false)), by_memfd_(by_memfd) {}

  void* Loan(std::size_t bytes) {
    DropMemory();
    if (by_memfd_ && bytes > peers::kLargestSmall) return NewMemory(bytes);
    return NewArray("Call", bytes);
  }
  void Send(std::size_t bytes) {
    if (memory_ != nullptr) {
      NewCall("Memory");
      BATON_CHECK(sd_bus_message_append(call_, "ht", descriptor_, std::uint64_t{bytes}) >= 0);
    }
    BATON_CHECK(sd_bus_call(bus_, call_, 0, nullptr, &answer_) >= 0);
    sd_bus_message_unref(call_);
  }
  std::uint64_t Wait() {
    const void* words;
    std::size_t size;
    BATON_CHECK(sd_bus_message_read_array(answer_, 'y', &words, &size) >= 0);
    std::uint64_t sum;
    std::memcpy(&sum, static_cast<const char*>(words) + 8, sizeof(sum));
    sd_bus_message_unref(answer_);
    return sum;
  }

  void Flood(std::size_t messages, std::size_t bytes) {
    constexpr std::size_t kBetweenFlushes = 128;  // sd-bus queues without a limit
    for (std::size_t i = 1; i < messages; ++i) {
      peers::Fill(NewArray("Flood", bytes), bytes, peers::kFlood, i);
      BATON_CHECK(sd_bus_message_set_expect_reply(call_, 0) >= 0);
      BATON_CHECK(sd_bus_send(bus_, call_, nullptr) >= 0);
      sd_bus_message_unref(call_);
      if (i % kBetweenFlushes == 0) BATON_CHECK(sd_bus_flush(bus_) >= 0);
    }
    peers::Fill(Loan(bytes), bytes, peers::kFloodEnd, messages);
    Send(bytes);
    Wait();
  }

 private:
  void NewCall(const char* method) {
    BATON_CHECK(sd_bus_message_new_method_call(bus_, &call_, nullptr, kPath, kInterface, method) >=
                0);
  }
  void* NewArray(const char* method, std::size_t bytes) {
    void* array = nullptr;
    NewCall(method);
    BATON_CHECK(sd_bus_message_append_array_space(call_, 'y', bytes, &array) >= 0);
    return array;
  }
  void* NewMemory(std::size_t bytes) {
    descriptor_ = memfd_create("payload", MFD_CLOEXEC);
    BATON_CHECK(descriptor_ >= 0 && ftruncate(descriptor_, static_cast<off_t>(bytes)) == 0);
    mapped_ = bytes;
    memory_ = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_, 0);
    BATON_CHECK(memory_ != MAP_FAILED);
    return memory_;
  }
  void DropMemory() {
    if (memory_ == nullptr) return;
    munmap(memory_, mapped_);
    close(descriptor_);
    memory_ = nullptr;
  }

  sd_bus* bus_;
  bool by_memfd_;
  sd_bus_message* call_ = nullptr;
  sd_bus_message* answer_ = nullptr;
  int descriptor_ = -1;
  void* memory_ = nullptr;
  std::size_t mapped_ = 0;
};

void Serve(const std::string&) {
  sd_bus* bus = StartBus(peers::ServerSocket(), true);
  peers::ReportReady();
  for (;;) {
    const int done = sd_bus_process(bus, nullptr);
    BATON_CHECK(done >= 0);
    if (done == 0) BATON_CHECK(sd_bus_wait(bus, UINT64_MAX) >= 0);
  }
}

void RunClient(const peers::Run& run) {
  const peers::ServerProcess server(run);
  server.AwaitReady();
  SdBusClient client(server.socket(), run.variant == "memfd");
  peers::Measure(run, client, server.pid());
}

}  // namespace

int main(int argc, char** argv) {
  return peers::PeerMain(argc, argv, {"sdbus", {"inline", "memfd"}, Serve, RunClient});
}
