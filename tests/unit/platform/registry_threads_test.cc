// The registry while it is written: what is read was true at some moment.
#include <fcntl.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <baton/platform/account/memory_listing.h>
#include <baton/platform/account/registry_reader.h>
#include <baton/platform/shared_memory.h>
#include "tests/support/must.h"

namespace baton::platform {
namespace {

using baton::testing::Must;

Handle OpenOwnRegistry() {
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const std::string target = std::filesystem::read_symlink(entry, gone);
    if (target.starts_with(std::string("/memfd:") + kRegistryName)) {
      return Handle(::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC));
    }
  }
  return {};
}

}  // namespace

// The writer says the same number in two words: an entry that was not written between two readings
// has it in both.
TEST_CASE("registry threads: an entry that did not change between two readings is whole") {
  const SharedMemory memory = Must(SharedMemory::Create("baton:test", 4096));
  MemoryListing listing(memory.handle(), {.bytes = 4096}, MakeRegistry::kYes);
  const Handle file = OpenOwnRegistry();
  REQUIRE(file);
  std::atomic<bool> is_over{false};
  std::atomic<int> written{0};
  std::thread writer([&] {
    for (int number = 1; !is_over.load(std::memory_order_relaxed); ++number) {
      listing.Set(number % 2 == 0 ? RegistryState::kOwned : RegistryState::kInFlight,
                  static_cast<std::uint64_t>(number), number);
      written.store(number, std::memory_order_relaxed);
      if (number % 64 == 0) std::this_thread::yield();
    }
  });
  while (written.load() == 0) std::this_thread::yield();
  std::uint64_t last = 0;
  for (int look = 0; look < 300; ++look) {
    const Registry first = Must(ReadRegistry(file));
    const Registry second = Must(ReadRegistry(file));
    for (const RegistryEntry& entry : Unchanged(first, second)) {
      if (entry.transfers == 0) continue;
      REQUIRE(entry.transfers == static_cast<std::uint64_t>(entry.peer_pid));
      REQUIRE((entry.transfers % 2 == 0) == (entry.state == RegistryState::kOwned));
    }
    for (const RegistryEntry& entry : second.entries) last = std::max(last, entry.sequence);
  }
  is_over = true;
  writer.join();
  CHECK(last > 0);
}

TEST_CASE("registry threads: each of many takes and returns entries of its own") {
  const SharedMemory memory = Must(SharedMemory::Create("baton:test", 4096));
  const MemoryListing first(memory.handle(), {.bytes = 1}, MakeRegistry::kYes);
  const Handle file = OpenOwnRegistry();
  REQUIRE(file);
  const std::size_t before = Must(ReadRegistry(file)).entries.size();
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&memory] {
      for (int round = 0; round < 200; ++round) {
        std::vector<MemoryListing> held;
        for (int count = 0; count < 20; ++count) {
          held.emplace_back(memory.handle(), ListedMemory{.bytes = 2}, MakeRegistry::kYes);
          held.back().Set(RegistryState::kAtPeer, 3, 4);
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const Registry after = Must(ReadRegistry(file));
  CHECK(after.entries.size() == before);
  CHECK(after.torn == 0);
  CHECK(after.unlisted == 0);
}

}  // namespace baton::platform
