// Where something is too much: our own descriptors, a path, or the speed at which a name changes.
#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

#include "tests/memtrack/scan/held_memory.h"
#include "tests/memtrack/scan/looks.h"
#include "tests/support/descriptor_limit.h"
#include "tests/support/leak_check.h"
#include "tests/support/peer.h"
#include "tests/support/sanitizer.h"
#include "tests/support/skip.h"
#include "tests/support/watchdog.h"

using namespace memtrack;
using namespace memtrack_test;
using baton::testing::DescriptorLimit;
using baton::testing::IsSanitized;
using baton::testing::LeakCheck;
using baton::testing::LowestFreeDescriptor;
using baton::testing::PeerKind;
using baton::testing::Watchdog;

namespace {

constexpr int kThreads = 64;

// A child that has ended and was not waited for, as long as this lives.
class Zombie {
 public:
  Zombie() : pid_(::fork()) {
    if (pid_ == 0) ::_exit(0);
    siginfo_t ended = {};
    REQUIRE(::waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOWAIT) == 0);
  }
  Zombie(const Zombie&) = delete;
  Zombie& operator=(const Zombie&) = delete;
  ~Zombie() { ::waitpid(pid_, nullptr, 0); }

  pid_t pid() const { return pid_; }

 private:
  const pid_t pid_;
};

// Many threads, each with a table of its own in which there is one piece of memory.
PEER(HidesInManyThreads) {
  std::atomic<int> ready = 0;
  std::vector<std::thread> threads;
  std::atomic<bool> is_over = false;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      Expect(::unshare(CLONE_FILES) == 0, "unshare");
      const Handle hidden = MakeMemfd(("baton:hidden " + std::to_string(i)).c_str());
      ++ready;
      ready.notify_all();
      is_over.wait(false);
    });
  }
  for (int seen = ready; seen < kThreads; seen = ready) ready.wait(seen);
  SayAndHold(channel_end);
  is_over = true;
  is_over.notify_all();
  for (std::thread& thread : threads) thread.join();
}

PEER(HoldsOne) {
  const Handle memfd = MakeMemfd("baton:one");
  MapPages(memfd);
  SayAndHold(channel_end);
}

// One number leads to two pieces of memory in turn, as fast as that goes.
PEER(Swaps) {
  const Handle turning(::open("/dev/null", O_RDONLY | O_CLOEXEC));  // the first to be looked at
  const Handle small = MakeMemfd("baton:small", 1), large = MakeMemfd("baton:large", 9);
  Say(channel_end);
  pollfd wanted = {.fd = channel_end.get(), .events = POLLIN, .revents = 0};
  while (::poll(&wanted, 1, 0) == 0) {
    for (int i = 0; i < 1000; ++i) {
      ::dup3(i % 2 == 0 ? large.get() : small.get(), turning.get(), O_CLOEXEC);
    }
  }
}

// A file of a tmpfs whose path is longer than the kernel tells anybody. Goes with its folders.
class DeepFile {
 public:
  DeepFile() {
    folders_.emplace_back(::open("/dev/shm", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    for (int depth = 0; depth < 20; ++depth) {
      const int above = folders_.back().get();
      REQUIRE(::mkdirat(above, name_.c_str(), 0700) == 0);
      folders_.emplace_back(::openat(above, name_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
      REQUIRE(static_cast<bool>(folders_.back()));
    }
    file_ = Handle(::openat(folders_.back().get(), "f", O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    REQUIRE(static_cast<bool>(file_));
    REQUIRE(::ftruncate(file_.get(), kPage) == 0);
  }
  DeepFile(const DeepFile&) = delete;
  DeepFile& operator=(const DeepFile&) = delete;
  ~DeepFile() {
    ::unlinkat(folders_.back().get(), "f", 0);
    while (folders_.size() > 1) {
      folders_.pop_back();
      ::unlinkat(folders_.back().get(), name_.c_str(), AT_REMOVEDIR);
    }
  }

  const Handle& file() const { return file_; }

 private:
  const std::string name_ = std::string(244, 'd') + "." + std::to_string(::getpid() % 100'000);
  std::vector<Handle> folders_;
  Handle file_;
};

}  // namespace

TEST_CASE("memtrack: a process with more tables than we may have descriptors is read") {
  if (IsSanitized()) SKIP_TEST("a sanitizer opens files to see whether memory is mapped");
  const LeakCheck leak_check;
  const Watchdog watchdog;
  auto peer = START_PEER(PeerKind::kProcess, HidesInManyThreads);
  const Handle end = peer.TakeEnd();
  REQUIRE(Hear(end));
  {
    const DescriptorLimit few(LowestFreeDescriptor() + kThreads / 2);
    const Snapshot snapshot = LookAt({peer.pid()});
    CHECK(snapshot.coverage.read == 1);
    for (int i = 0; i < kThreads; ++i) {
      CHECK(Find(snapshot, "baton:hidden " + std::to_string(i)) != nullptr);
    }
  }
  Say(end);
}

// With ever more descriptors: first nothing can be read, which is an error; then what needs few;
// then all. A child that has ended holds nothing, so a look at it needs fewer.
TEST_CASE("memtrack: too few descriptors cost the processes that need more") {
  if (IsSanitized()) SKIP_TEST("a sanitizer opens files to see whether memory is mapped");
  const LeakCheck leak_check;
  const Watchdog watchdog;
  auto peer = START_PEER(PeerKind::kProcess, HoldsOne);
  const Handle end = peer.TakeEnd();
  REQUIRE(Hear(end));
  ScanOptions options;
  const Zombie zombie;
  options.processes = {zombie.pid(), peer.pid()};
  options.threads = 1;
  Scanner scanner = Must(Scanner::Create(options));
  const Snapshot whole = Must(scanner.Scan());
  REQUIRE(whole.coverage.read == 2);
  bool was_refused = false, was_partial = false, is_whole = false;
  for (int more = 0; more < 32 && !is_whole; ++more) {
    const DescriptorLimit few(LowestFreeDescriptor() + more);
    const auto scanned = scanner.Scan();
    if (!scanned) {
      was_refused = true;
      CHECK(scanned.error() == std::errc::too_many_files_open);
      continue;
    }
    CHECK(scanned->processes.size() == 2);
    is_whole = scanned->coverage.denied == 0;
    if (is_whole) {
      CHECK(Find(*scanned, "baton:one") != nullptr);
      CHECK(scanned->descriptors.size() == whole.descriptors.size());
      CHECK(scanned->mappings.size() == whole.mappings.size());
      continue;
    }
    was_partial = true;
    CHECK(scanned->coverage.read == 1);
    CHECK(scanned->coverage.is_partial());
    for (const Process& process : scanned->processes) {
      CHECK(process.is_readable == (process.key.pid == zombie.pid()));
    }
  }
  CHECK(was_refused);
  CHECK(was_partial);
  CHECK(is_whole);
  Say(end);
}

TEST_CASE("memtrack: name, inode and size are those of one piece of memory, however fast it goes") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  auto peer = START_PEER(PeerKind::kProcess, Swaps);
  const Handle end = peer.TakeEnd();
  REQUIRE(Hear(end));
  ScanOptions options;
  options.processes = {peer.pid()};
  Scanner scanner = Must(Scanner::Create(options));
  const Snapshot first = Must(scanner.Scan());
  const Segment* const small = Find(first, "baton:small");
  const Segment* const large = Find(first, "baton:large");
  REQUIRE(small != nullptr);
  REQUIRE(large != nullptr);
  for (int round = 0; round < 200; ++round) {
    const Snapshot snapshot = Must(scanner.Scan());
    CHECK(snapshot.segments.size() == 2);
    for (const Segment& segment : snapshot.segments) {
      const Segment& meant = segment.key == small->key ? *small : *large;
      CHECK(segment.key == meant.key);
      CHECK(segment.name == meant.name);
      CHECK(segment.size == meant.size);
    }
  }
  Say(end);
}

TEST_CASE("memtrack: a path that is too long costs its own mapping and no other") {
  const LeakCheck leak_check;
  const DeepFile deep;
  const Handle memfd = MakeMemfd("baton:behind it");
  // One behind the other, in the order of addresses.
  auto* const begin = static_cast<std::byte*>(
      ::mmap(nullptr, 3 * kPage, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  REQUIRE(begin != MAP_FAILED);
  const auto map = [&](const Handle& file, std::size_t page) {
    return ::mmap(begin + page * kPage, kPage, PROT_READ, MAP_SHARED | MAP_FIXED, file.get(), 0);
  };
  CHECK(map(deep.file(), 0) != MAP_FAILED);
  CHECK(map(memfd, 2) != MAP_FAILED);
  for (const bool prefers_text : {true, false}) {
    ScanOptions options;
    options.processes = {::getpid()};
    options.includes_self = true;
    options.prefers_text_maps = prefers_text;
    const Snapshot snapshot = Look(options);
    CHECK(snapshot.coverage.denied == 0);
    const Segment* const segment = Find(snapshot, "baton:behind it");
    CHECK(segment != nullptr);
    if (segment != nullptr) CHECK(Of(snapshot.mappings, segment->key).size() == 1);
  }
  ::munmap(begin, 3 * kPage);
}
