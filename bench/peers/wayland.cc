// libwayland with a protocol of our own over a socket pair. Small messages are requests with an
// array. Payloads lie in a memfd that is passed and mapped once and then referred to by offset, as
// Wayland itself does with wl_shm_pool.
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wayland-client.h>
#include <wayland-server.h>

#include <cerrno>
#include <cstring>

#include <baton/base/check.h>

#include "bench/peers/measure.h"
#include "wayland-bench-client.h"
#include "wayland-bench-server.h"

namespace {

// --- server ---

const char* pool_begin = nullptr;

void Answer(wl_resource* resource, peers::Verdict verdict) {
  if (!verdict.answer) return;
  std::uint64_t words[peers::kAnswerBytes / 8] = {0, verdict.sum};
  wl_array array = {sizeof(words), sizeof(words), words};
  peers_bench_send_answer(resource, &array);
}

void OnMessage(wl_client*, wl_resource* resource, wl_array* bytes) {
  Answer(resource, peers::Judge(bytes->data, bytes->size));
}

void OnPool(wl_client*, wl_resource*, std::int32_t memory, std::uint32_t size) {
  void* pool = mmap(nullptr, size, PROT_READ, MAP_SHARED | MAP_POPULATE, memory, 0);
  BATON_CHECK(pool != MAP_FAILED);
  close(memory);
  pool_begin = static_cast<const char*>(pool);
}

void OnUse(wl_client*, wl_resource* resource, std::uint32_t offset, std::uint32_t size) {
  Answer(resource, peers::Judge(pool_begin + offset, size));
}

constexpr struct peers_bench_interface kRequests = {OnMessage, OnPool, OnUse};

void OnBind(wl_client* client, void*, std::uint32_t version, std::uint32_t id) {
  wl_resource* resource =
      wl_resource_create(client, &peers_bench_interface, static_cast<int>(version), id);
  wl_resource_set_implementation(resource, &kRequests, nullptr, nullptr);
}

void Serve(const std::string&) {
  wl_display* display = wl_display_create();
  wl_global_create(display, &peers_bench_interface, 1, nullptr, OnBind);
  BATON_CHECK(wl_client_create(display, peers::ServerSocket()) != nullptr);
  peers::ReportReady();
  wl_display_run(display);
}

// --- client ---

class WaylandClient {
 public:
  // Keeps a duplicate of `socket`, because libwayland closes what it is given.
  explicit WaylandClient(int socket)
      : display_(wl_display_connect_to_fd(fcntl(socket, F_DUPFD_CLOEXEC, 0))) {
    BATON_CHECK(display_ != nullptr);
    static constexpr wl_registry_listener kRegistry = {OnGlobal, [](auto...) {}};
    wl_registry_add_listener(wl_display_get_registry(display_), &kRegistry, this);
    BATON_CHECK(wl_display_roundtrip(display_) >= 0 && bench_ != nullptr);
    static constexpr peers_bench_listener kEvents = {OnAnswer};
    peers_bench_add_listener(bench_, &kEvents, this);
    SharePool();
  }

  void* Loan(std::size_t bytes) { return bytes <= peers::kLargestSmall ? small_ : pool_; }

  void Send(std::size_t bytes) {
    constexpr std::size_t kHeader = 16, kFull = 3500;  // its buffer has 4096 bytes
    if (bytes > peers::kLargestSmall)
      return peers_bench_use(bench_, 0, static_cast<std::uint32_t>(bytes));
    if (buffered_ + bytes + kHeader > kFull) Flush();
    buffered_ += bytes + kHeader;
    wl_array array = {bytes, bytes, small_};
    peers_bench_message(bench_, &array);
  }

  std::uint64_t Wait() {
    Flush();
    while (!answered_) BATON_CHECK(wl_display_dispatch(display_) >= 0);
    answered_ = false;
    return sum_;
  }

 private:
  static void OnGlobal(void* self, wl_registry* registry, std::uint32_t name, const char* interface,
                       std::uint32_t) {
    if (std::strcmp(interface, peers_bench_interface.name) != 0) return;
    static_cast<WaylandClient*>(self)->bench_ =
        static_cast<peers_bench*>(wl_registry_bind(registry, name, &peers_bench_interface, 1));
  }

  static void OnAnswer(void* self, peers_bench*, wl_array* bytes) {
    auto& client = *static_cast<WaylandClient*>(self);
    std::memcpy(&client.sum_, static_cast<const char*>(bytes->data) + 8, sizeof(client.sum_));
    client.answered_ = true;
  }

  void SharePool() {
    const int memory = memfd_create("pool", MFD_CLOEXEC);
    BATON_CHECK(memory >= 0 && ftruncate(memory, peers::kLargest) == 0);
    pool_ = mmap(nullptr, peers::kLargest, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
                 memory, 0);
    BATON_CHECK(pool_ != MAP_FAILED);
    peers_bench_pool(bench_, memory, peers::kLargest);
    close(memory);
  }

  // libwayland does not wait for room in the socket itself.
  void Flush() {
    while (wl_display_flush(display_) < 0) {
      BATON_CHECK(errno == EAGAIN);
      pollfd socket = {wl_display_get_fd(display_), POLLOUT, 0};
      poll(&socket, 1, -1);
    }
    buffered_ = 0;
  }

  wl_display* display_;
  peers_bench* bench_ = nullptr;
  void* pool_ = nullptr;
  alignas(8) char small_[peers::kLargestSmall] = {};
  std::size_t buffered_ = 0;
  std::uint64_t sum_ = 0;
  bool answered_ = false;
};

void RunClient(const peers::Run& run) {
  const peers::ServerProcess server(run);
  server.AwaitReady();
  WaylandClient client(server.socket());
  peers::Measure(run, client, server.pid());
}

}  // namespace

int main(int argc, char** argv) {
  return peers::PeerMain(argc, argv, {"wayland", {""}, Serve, RunClient});
}
