// Several that start at the same time.
#include <sys/socket.h>
#include <sys/un.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cstring>
#include <latch>
#include <optional>
#include <thread>
#include <vector>

#include <baton/platform/local_listener.h>

#include "tests/support/guarded.h"
#include "tests/support/must.h"
#include "tests/support/scratch_folder.h"

namespace baton::platform {
namespace {

using namespace baton::testing;

// As a listener that was killed leaves it.
void LeaveDeadSocket(const std::string& path) {
  const Handle socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  REQUIRE(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
}

TEST_CASE("LocalListener: of those that start at the same time exactly one wins, each time") {
  const Guarded guarded;
  const ScratchFolder folder;
  const std::string path = (folder.path() / "socket").string();
  constexpr int kStarters = 4;
  for (int round = 0; round < 200; ++round) {
    LeaveDeadSocket(path);
    std::latch all_are_there(kStarters);
    std::atomic<int> in_use = 0;
    std::vector<std::optional<LocalListener>> winners(kStarters);
    std::vector<std::thread> threads;
    for (auto& winner : winners) {
      threads.emplace_back([&] {
        all_are_there.arrive_and_wait();
        auto listener = LocalListener::Listen(path, 0600);
        if (listener) {
          winner.emplace(*std::move(listener));
        } else if (listener.error() == std::errc::address_in_use) {
          ++in_use;
        }
      });
    }
    for (auto& thread : threads) thread.join();
    CHECK(in_use == kStarters - 1);
    CHECK(ConnectLocal(path));
  }
}

}  // namespace
}  // namespace baton::platform
