// A process ends at each state change while it makes POSIX shared memory: a name is left at most,
// without memory, and whoever makes memory next takes it away.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include <baton/platform/fault_injection.h>
#include <baton/platform/frozen_memory.h>
#include <baton/platform/shared_memory.h>
#include "platform/posix/posix_shm.h"
#include "tests/support/guarded.h"
#include "tests/support/must.h"
#include "tests/support/own_shm_folder.h"
#include "tests/support/patience.h"
#include "tests/support/sweep_faults.h"

namespace baton::testing {
namespace {

using platform::MemoryBackend;
using platform::Process;
using platform::SharedMemory;

constexpr std::uint64_t kSize = 3 << 20;

Result<void> MakeAll() {
  BATON_TRY(const auto memory, SharedMemory::CreateOf(MemoryBackend::kPosixShm, "kill", kSize));
  BATON_TRY(auto mapping, memory.Map());
  mapping.bytes().back() = std::byte{1};
  BATON_CHECKED(mapping.Revoke());
  BATON_CHECKED(mapping.Grant());
  const std::vector<std::byte> text(100'000);
  BATON_TRY(auto frozen, platform::CreateFrozenMemoryOf(MemoryBackend::kPosixShm, "kill", text));
  BATON_CHECKED(platform::FrozenMapping::Map(std::move(frozen), text.size(),
                                             platform::UnsealedMemory::kAccept));
  return {};
}

PEER(MakesMemory) {
  Must(MakeAll());
}

std::vector<std::uintmax_t> SizesOfNames() {
  std::vector<std::uintmax_t> sizes;
  for (const auto& entry : std::filesystem::directory_iterator("/dev/shm")) {
    sizes.push_back(entry.file_size());
  }
  return sizes;
}

PEER(JudgesTheDead) {
  EnterOwnShmFolder();
  constexpr int kLeastPoints = 4;  // both kinds of memory: with a name, and without it again
  int leftovers = 0;
  for (int point = 0;; ++point) {
    REQUIRE(point < 100);
    CAPTURE(point);
    auto process = Must(Process::Launch({"/proc/self/exe",
                                         {"--baton-peer", MakesMemory.name()},
                                         {"BATON_DIE_AT=" + std::to_string(point)}},
                                        std::array{channel_end.get()}));
    const auto end = Must(process.Wait(kPatience));
    REQUIRE(end.has_value());
    const auto sizes = SizesOfNames();
    leftovers += static_cast<int>(sizes.size());
    CHECK(sizes.size() <= 1);
    CHECK(std::ranges::count(sizes, 0) == static_cast<std::ptrdiff_t>(sizes.size()));
    platform::RemoveShmLeftovers(std::chrono::seconds(0));
    CHECK(SizesOfNames().empty());
    if (end->signal == SIGKILL) continue;
    CHECK(end->code == 0);
    CHECK(point >= kLeastPoints);
    break;
  }
  CHECK(leftovers == 2);  // where it has a name, and nowhere else
}

TEST_CASE("kill points: who makes POSIX shared memory leaves no more than a name") {
  if (!platform::testing::kCanInjectFaults) SKIP_TEST("a build without state points");
  const Guarded guarded;
  RUN_IN_OWN_SHM_FOLDER(JudgesTheDead);
}

PEER(FailsEachCall) {
  EnterOwnShmFolder();
  for (const int error : {ENOMEM, EMFILE, EACCES, ENOSPC}) {
    SweepFaults(error, MakeAll);
    CHECK(SizesOfNames().empty());
  }
}

TEST_CASE("faults: whatever call fails while POSIX shared memory is made, no name is left") {
  if (!platform::testing::kCanInjectFaults) SKIP_TEST("a build without faults");
  const Guarded guarded;
  RUN_IN_OWN_SHM_FOLDER(FailsEachCall);
}

}  // namespace
}  // namespace baton::testing
