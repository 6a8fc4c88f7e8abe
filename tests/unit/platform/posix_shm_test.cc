// Memory that has a name for a moment: squatters, leftovers, full file systems.
#include "platform/posix/posix_shm.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <thread>

#include <baton/platform/frozen_memory.h>
#include <baton/platform/shared_memory.h>
#include "tests/support/guarded.h"
#include "tests/support/must.h"
#include "tests/support/own_shm_folder.h"
#include "tests/support/peer.h"

namespace baton::platform {
namespace {

using baton::testing::EnterOwnShmFolder;
using baton::testing::Guarded;
using baton::testing::LeakCheck;
using baton::testing::Must;

// macOS takes that many characters, the slash included.
constexpr std::size_t kLongestName = 31;

std::string PathOf(const std::string& name) {
  return "/dev/shm" + name;
}

bool Exists(const std::string& name) {
  struct stat object = {};
  return ::lstat(PathOf(name).c_str(), &object) == 0;
}

// A name that somebody has made before us.
class Squatter {
 public:
  explicit Squatter(std::string name)
      : name_(std::move(name)),
        file_(::open(PathOf(name_).c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666)) {
    REQUIRE(file_);
    REQUIRE(::write(file_.get(), "squatter", 8) == 8);
  }
  ~Squatter() { ::unlink(PathOf(name_).c_str()); }
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  Handle file_;
};

TEST_CASE("Names of memory cannot be guessed, and are short enough for every system") {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string name = Must(NewShmName());
    CHECK(name.size() <= kLongestName);
    CHECK(name.size() >= std::string(kShmNamePrefix).size() + 22);  // of 64 letters: 128 bits
    CHECK(name.starts_with(kShmNamePrefix));
    CHECK(name.find('/', 1) == std::string::npos);
    seen.insert(name);
  }
  CHECK(seen.size() == 1000);
}

PEER(FindsItsNameTaken) {
  EnterOwnShmFolder();
  const Squatter squatter(Must(NewShmName()));
  for (const ShmHandles handles : {ShmHandles::kWritable, ShmHandles::kBoth}) {
    CHECK(CreatePosixShmAs(squatter.name(), handles).error() == std::errc::file_exists);
  }
  CHECK(Exists(squatter.name()));  // not ours to remove
}

TEST_CASE("A name that somebody has already is not taken over") {
  const Guarded guarded;
  RUN_IN_OWN_SHM_FOLDER(FindsItsNameTaken);
}

PEER(FindsALink) {
  EnterOwnShmFolder();
  const Squatter victim(Must(NewShmName()));
  const std::string name = Must(NewShmName());
  REQUIRE(::symlink(PathOf(victim.name()).c_str(), PathOf(name).c_str()) == 0);
  CHECK_FALSE(CreatePosixShmAs(name, ShmHandles::kBoth));
  CHECK(::unlink(PathOf(name).c_str()) == 0);
}

TEST_CASE("A link that waits under the name leads nowhere") {
  const Guarded guarded;
  RUN_IN_OWN_SHM_FOLDER(FindsALink);
}

TEST_CASE("Memory is nameless, empty, ours alone, and its second handle only reads it") {
  const LeakCheck leak_check;
  const std::string name = Must(NewShmName());
  const PosixShm made = Must(CreatePosixShmAs(name, ShmHandles::kBoth));
  CHECK_FALSE(Exists(name));
  struct stat object = {};
  REQUIRE(::fstat(made.writable.get(), &object) == 0);
  CHECK(object.st_nlink == 0);
  CHECK(object.st_size == 0);
  CHECK((object.st_mode & 07777) == 0600);
  CHECK(object.st_uid == ::geteuid());
  CHECK(Must(SameObject(made.writable, made.readable)));
  for (const Handle* const handle : {&made.writable, &made.readable}) {
    CHECK(::fcntl(handle->get(), F_GETFD) == FD_CLOEXEC);
  }
  Must(SizePosixShm(made.writable, 4096, ShmBacking::kReserved));
  CHECK(::ftruncate(made.readable.get(), 0) == -1);
  CHECK(::mmap(nullptr, 4096, PROT_WRITE, MAP_SHARED, made.readable.get(), 0) == MAP_FAILED);
  void* const readable = ::mmap(nullptr, 4096, PROT_READ, MAP_SHARED, made.readable.get(), 0);
  REQUIRE(readable != MAP_FAILED);
  CHECK(::mprotect(readable, 4096, PROT_READ | PROT_WRITE) == -1);  // nor later
  ::munmap(readable, 4096);
}

PEER(TidiesUp) {
  EnterOwnShmFolder();
  const std::string leftover = Must(NewShmName());
  Handle maker(::open(PathOf(leftover).c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  const Squatter in_use(Must(NewShmName()));  // has content
  const std::string others = "/other-baton-test";
  Handle(::open(PathOf(others).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)).Reset();

  RemoveShmLeftovers(std::chrono::hours(24));
  CHECK(Exists(leftover));  // its maker is at it
  maker.Reset();            // and is killed
  RemoveShmLeftovers(std::chrono::hours(24));
  CHECK_FALSE(Exists(leftover));
  CHECK(Exists(in_use.name()));
  CHECK(Exists(others));
  ::unlink(PathOf(others).c_str());
}

PEER(TidiesUpWhatIsOld) {
  EnterOwnShmFolder();
  const std::string standing = Must(NewShmName());
  const Handle maker(::open(PathOf(standing).c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  RemoveShmLeftovers(std::chrono::seconds(0));  // it takes another name
  CHECK_FALSE(Exists(standing));
}

// As a killed process leaves it a moment before the next one starts.
PEER(StartsAfterAKill) {
  EnterOwnShmFolder();
  const std::string leftover = Must(NewShmName());
  Handle(::open(PathOf(leftover).c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600)).Reset();
  Must(CreatePosixShm(ShmHandles::kWritable));
  CHECK_FALSE(Exists(leftover));
}

TEST_CASE("What a killed process has left is removed, and nothing else is") {
  const Guarded guarded;
  RUN_IN_OWN_SHM_FOLDER(TidiesUp);
}

TEST_CASE("A name that is old is removed although somebody stands still over it") {
  const Guarded guarded;
  RUN_IN_OWN_SHM_FOLDER(TidiesUpWhatIsOld);
}

TEST_CASE("Whoever first makes memory removes what the process before it has left") {
  const Guarded guarded;
  RUN_IN_OWN_SHM_FOLDER(StartsAfterAKill);
}

PEER(TidiesUpAllTheWhile) {
  EnterOwnShmFolder();
  std::atomic<bool> is_over{false};
  std::atomic<int> rounds{0};
  std::thread tidies([&] {
    while (!is_over) {
      RemoveShmLeftovers(std::chrono::seconds(0));
      ++rounds;
    }
  });
  int missing = 0;
  for (int i = 0; i < 2000 || rounds < 100; ++i) {
    if (!CreatePosixShm(ShmHandles::kBoth)) ++missing;
  }
  is_over = true;
  tidies.join();
  CHECK(missing == 0);
}

TEST_CASE("Memory is made although somebody tidies up all the while") {
  const Guarded guarded;
  RUN_IN_OWN_SHM_FOLDER(TidiesUpAllTheWhile);
}

PEER(HasATinyFileSystem) {
  EnterOwnShmFolder("size=64k");
  const auto make = [](std::uint64_t size) {
    return SharedMemory::CreateOf(MemoryBackend::kPosixShm, "tiny", size);
  };
  PEER_EXPECT(make(1 << 20).error() == std::errc::no_space_on_device);
  PEER_EXPECT(make(1 << 20).error() == Cause::kExhausted);
  {
    const SharedMemory fits = Must(make(32 << 10));  // what failed has given its pages back
    PEER_EXPECT(make(40 << 10).error() == std::errc::no_space_on_device);
    const Mapping mapping = Must(fits.Map());
    for (std::byte& byte : mapping.bytes()) byte = std::byte{1};
    PEER_EXPECT(!mapping.is_damaged());
  }
  const std::string large(100'000, 'x');
  const auto bytes = std::as_bytes(std::span(large));
  PEER_EXPECT(CreateFrozenMemoryOf(MemoryBackend::kPosixShm, "tiny", bytes).error() ==
              std::errc::no_space_on_device);
  PEER_EXPECT(make(48 << 10));
  PEER_EXPECT(std::filesystem::is_empty("/dev/shm"));
}

TEST_CASE("A file system that is full is a shortage, and nothing is left in it") {
  const Guarded guarded;
  RUN_IN_OWN_SHM_FOLDER(HasATinyFileSystem);
}

}  // namespace
}  // namespace baton::platform
