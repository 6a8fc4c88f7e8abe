// A reader parses frozen memory in place while whoever has made it tries everything to change it.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <functional>
#include <string>

#include "tests/process/frozen_actors.h"
#include "tests/support/guarded.h"
#include "tests/support/handle_copies.h"
#include "tests/support/page_in_pipe.h"
#include "tests/support/skip_without_seals.h"

namespace baton::testing {
namespace {

using platform::Handle;

constexpr std::uint64_t kSizeAttacked = 64 * 4096;
constexpr std::byte kTrue{5};
constexpr std::byte kFalse{6};

// A view of it, which is gone with this.
struct View {
  View(int fd, int protection, int flags, std::size_t size = kSizeAttacked)
      : address(::mmap(nullptr, size, protection, flags, fd, 0)), length(size) {}
  View(const View&) = delete;
  View& operator=(const View&) = delete;
  ~View() {
    if (is_there()) ::munmap(address, length);
  }
  bool is_there() const { return address != MAP_FAILED; }

  void* address;
  std::size_t length;
};

bool Writes(int fd) {
  return ::pwrite(fd, &kFalse, 1, 0) == 1;
}
bool MapsForWriting(int fd) {
  return View(fd, PROT_READ | PROT_WRITE, MAP_SHARED).is_there();
}

// Each returns true when it has got anywhere.
struct Attack {
  const char* name;
  std::function<bool(int fd)> succeeds;
};

const Attack kAttacks[] = {
    {"write", Writes},
    {"map for writing", MapsForWriting},
    {"shrink", [](int fd) { return ::ftruncate(fd, 0) == 0; }},
    {"grow", [](int fd) { return ::ftruncate(fd, 2 * kSizeAttacked) == 0; }},
    {"punch a hole",
     [](int fd) {
       return ::fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096) == 0;
     }},
    {"zero a range", [](int fd) { return ::fallocate(fd, FALLOC_FL_ZERO_RANGE, 0, 4096) == 0; }},
    {"collapse a range",
     [](int fd) { return ::fallocate(fd, FALLOC_FL_COLLAPSE_RANGE, 0, 4096) == 0; }},
    {"copy into it",
     [](int fd) {
       const Handle zeros(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
       off_t from = 0;
       return ::sendfile(fd, zeros.get(), &from, 100) > 0;
     }},
    {"open it again for writing",
     [](int fd) {
       (void)::fchmod(fd, 0777);
       const Handle again = Reopened(fd, O_RDWR);
       return again && (Writes(again.get()) || MapsForWriting(again.get()));
     }},
    {"open it again and empty it", [](int fd) { return bool(Reopened(fd, O_RDWR | O_TRUNC)); }},
    {"make a read-only view writable",
     [](int fd) {
       const View view(fd, PROT_READ, MAP_SHARED);
       return view.is_there() &&
              ::mprotect(view.address, kSizeAttacked, PROT_READ | PROT_WRITE) == 0;
     }},
    {"move a read-only view, then make it writable",
     [](int fd) {
       View view(fd, PROT_READ, MAP_SHARED);
       if (!view.is_there()) return false;
       void* const moved = ::mremap(view.address, kSizeAttacked, 2 * kSizeAttacked, MREMAP_MAYMOVE);
       if (moved == MAP_FAILED) return false;
       view.address = moved;
       view.length = 2 * kSizeAttacked;
       return ::mprotect(moved, kSizeAttacked, PROT_READ | PROT_WRITE) == 0;
     }},
    {"discard pages of a read-only view",
     [](int fd) {
       const View view(fd, PROT_READ, MAP_SHARED);
       return view.is_there() && ::madvise(view.address, kSizeAttacked, MADV_REMOVE) == 0;
     }},
    {"write through its own memory's file",
     [](int fd) {
       const View view(fd, PROT_READ, MAP_SHARED);
       const Handle own(::open("/proc/self/mem", O_RDWR | O_CLOEXEC));
       const auto at = static_cast<off_t>(reinterpret_cast<std::uintptr_t>(view.address));
       return view.is_there() && own && ::pwrite(own.get(), &kFalse, 1, at) == 1;
     }},
    {"read a file into a read-only view",
     [](int fd) {
       const View view(fd, PROT_READ, MAP_SHARED);
       const Handle file(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
       return view.is_there() && ::read(file.get(), view.address, 100) > 0;
     }},
};

// What it gets so is its own.
void WritePrivately(int fd) {
  const View view(fd, PROT_READ | PROT_WRITE, MAP_PRIVATE);
  PEER_EXPECT(view.is_there());
  static_cast<std::byte*>(view.address)[0] = kFalse;
}

// What an attacker keeps of the memory from before besides a handle: nothing, a mapping through
// which it writes all the time, or a page of it in a pipe.
enum class Keeps { kNothing, kMapping, kPage };

// Makes memory, has the other side freeze it, and attacks the frozen memory, which it has a handle
// of as well as what it was before.
void AttackFrozenMemory(platform::Handle channel_end, Keeps keeps) {
  FrozenSide<FrozenParent> evil({std::move(channel_end), {}}, {});
  Shmem memory = Must(evil.actor->AllocShmem(kSizeAttacked, ShmemUse::kFreezable));
  std::ranges::fill(memory.bytes(), kTrue);
  const Handle before = Must(internal::ShmemAccess::record(memory)->memory().handle().Duplicate());
  std::optional<View> kept;
  if (keeps == Keeps::kMapping) kept.emplace(before.get(), PROT_READ | PROT_WRITE, MAP_SHARED);
  const Handle pipe = keeps == Keeps::kPage ? PipeWithPageOf(before) : Handle();
  const bool is_same = keeps == Keeps::kNothing;  // what is frozen; else it is a copy
  const FrozenShmem frozen =
      Must(evil.Await([&](auto done) { evil.actor->SendFreezeAnyway(std::move(memory), done); }));
  PEER_EXPECT((ObjectOf(frozen) == ObjectOf(before)) == is_same);
  Must(evil.actor->SendKeep(frozen));
  PEER_EXPECT(evil.Sum(frozen) == 5 * kSizeAttacked);
  const int handle = internal::FrozenAccess::record(frozen)->memory().handle().get();
  for (int round = 0; round < 50; ++round) {
    for (const Attack& attack : kAttacks) {
      if (attack.succeeds(handle)) RecordFailure(__FILE__, __LINE__, attack.name);
      if (is_same && attack.succeeds(before.get())) RecordFailure(__FILE__, __LINE__, attack.name);
    }
    WritePrivately(handle);
    if (!is_same) PEER_EXPECT(Writes(before.get()));
    if (kept) static_cast<std::byte*>(kept->address)[round] = kFalse;
    PEER_EXPECT(evil.Sum(frozen) == 5 * kSizeAttacked);
  }
  PEER_EXPECT(HoldsOnly(frozen.bytes(), 5));
  evil.CloseAndRun();
}

PEER(Attacker) {
  AttackFrozenMemory(std::move(channel_end), Keeps::kNothing);
}

PEER(AttackerWithAMapping) {
  AttackFrozenMemory(std::move(channel_end), Keeps::kMapping);
}

PEER(AttackerWithAPage) {
  AttackFrozenMemory(std::move(channel_end), Keeps::kPage);
}

Peer StartAttacker(PeerKind kind, Keeps keeps) {
  switch (keeps) {
    case Keeps::kNothing: return START_PEER(kind, Attacker);
    case Keeps::kMapping: return START_PEER(kind, AttackerWithAMapping);
    case Keeps::kPage: return START_PEER(kind, AttackerWithAPage);
  }
  FailHere(__FILE__, __LINE__, "no such attacker");
}

TEST_CASE("hostile frozen: a reader in place sees no byte change, whatever its maker tries") {
  SKIP_WITHOUT_SEALS("it freezes only by a copy");
  const PeerKind kind = GENERATE(PeerKind::kThread, PeerKind::kProcess);
  const Keeps keeps = GENERATE(Keeps::kNothing, Keeps::kMapping, Keeps::kPage);
  const Guarded guarded;
  Peer peer = StartAttacker(kind, keeps);
  ChannelOptions options;
  options.unmap_deadline = std::chrono::milliseconds(20);
  FrozenSide<FrozenChild> reader({peer.TakeEnd(), {}}, options);
  std::uint64_t looks = 0;
  bool is_whole = true;
  while (reader.actor->destroyed == 0) {
    reader.io.restart();
    reader.io.poll_one();
    if (reader.actor->kept().state() == ShmemState::kEmpty) continue;
    is_whole = is_whole && HoldsOnly(reader.actor->kept().bytes(), 5);
    ++looks;
  }
  CHECK(looks > 1);
  CHECK(is_whole);
  CHECK(reader.actor->reason == ActorDestroyReason::kNormalShutdown);
}

}  // namespace
}  // namespace baton::testing
