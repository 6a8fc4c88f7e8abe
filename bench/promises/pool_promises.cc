// Memory that is used again, and memory that is new.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <vector>

#include <baton/base/check.h>

#include "bench/pictures.h"
#include "bench/promises/median.h"
#include "bench/promises/promise.h"
#include "bench/two_processes.h"

namespace bench {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;
constexpr int kRounds = 1000;
constexpr int kFewRounds = 200;  // of what takes milliseconds

void AllocateAndFree(PBenchParent& actor, std::size_t size) {
  auto memory = actor.AllocShmem(size);
  BATON_CHECK(memory);
  BATON_CHECK(actor.DeallocShmem(*memory));
}

// What the kernel itself takes for memory of a fixed size that is backed, and mapped.
void MakeAndUnmake(std::size_t size) {
  const int fd = ::memfd_create("bench", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  BATON_CHECK(fd >= 0 && ::ftruncate(fd, static_cast<off_t>(size)) == 0);
  BATON_CHECK(::fallocate(fd, 0, 0, static_cast<off_t>(size)) == 0);
  BATON_CHECK(::fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) == 0);
  void* const mapped = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  BATON_CHECK(mapped != MAP_FAILED && ::munmap(mapped, size) == 0);
  ::close(fd);
}

Measured Cycle(std::size_t size) {
  ActorPair actors;
  BarePictures bare(size);
  const auto [ours, yardstick] =
      MediansInTurn(kFewRounds, {[&] { actors.Show(size); }, [&] { bare.Show(); }});
  return {ours, yardstick};
}

// Of one piece among so many: allocated, handed over and back, freed.
double LifeAmong(ActorPair& actors, std::size_t live) {
  std::vector<baton::Shmem> others;
  for (std::size_t i = 0; i < live; ++i) {
    auto memory = actors.actor().AllocShmem(kMiB);
    BATON_CHECK(memory);
    others.push_back(actors.Bounce(std::move(*memory)));
  }
  const auto [life] = MediansInTurn(kRounds, {[&] {
                                      auto memory = actors.actor().AllocShmem(kMiB);
                                      BATON_CHECK(memory);
                                      *memory = actors.Bounce(std::move(*memory));
                                      BATON_CHECK(actors.actor().DeallocShmem(*memory));
                                    }});
  return life;
}

}  // namespace

// A hundred at a time: one alone is no more than the clock's own cost.
Measured PooledAllocation() {
  constexpr int kAtOnce = 100;
  ActorPair actors;
  const auto [pooled, bare] =
      MediansInTurn(kRounds, {[&] {
                                for (int i = 0; i < kAtOnce; ++i)
                                  AllocateAndFree(actors.actor(), 8 * kMiB);
                              },
                              [&] {
                                for (int i = 0; i < kAtOnce; ++i) {
                                  std::vector<std::byte> memory(64);
                                  asm volatile("" : : "r"(memory.data()) : "memory");
                                }
                              }});
  return {pooled / kAtOnce, bare / kAtOnce};
}

Measured FirstAllocation() {
  baton::ChannelOptions options;
  options.max_pooled_bytes = 0;
  ActorPair actors(options);
  const auto [ours, kernel] = MediansInTurn(
      kFewRounds,
      {[&] { AllocateAndFree(actors.actor(), 8 * kMiB); }, [&] { MakeAndUnmake(8 * kMiB); }});
  return {ours, kernel};
}

Measured CycleOf8MiB() {
  return Cycle(8 * kMiB);
}

Measured CycleOf32MiB() {
  return Cycle(32 * kMiB);
}

Measured LifeAmong1000Pieces() {
  rlimit files = {};
  BATON_CHECK(::getrlimit(RLIMIT_NOFILE, &files) == 0);
  files.rlim_cur = files.rlim_max;
  BATON_CHECK(::setrlimit(RLIMIT_NOFILE, &files) == 0);  // the child inherits it
  baton::ChannelOptions options;
  options.max_shmem_count = 2000;
  ActorPair many(options), few(options);
  const double among_few = LifeAmong(few, 10);
  return {LifeAmong(many, 1000), among_few};
}

}  // namespace bench
