// A container (cgroup) whose memory is used up. The kernel kills there whoever asks for more,
// instead of telling it: who is to be told sets a quota below.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/process/hoarder.h"
#include "tests/support/guarded.h"
#include "tests/support/skip.h"

namespace baton::testing {
namespace {

constexpr std::uint64_t kPiece = std::uint64_t{1} << 20;
constexpr std::uint64_t kContainer = 64 * kPiece;

// What is limited in a cgroup, and where else its memory could go.
struct CgroupVersion {
  const char* root;
  const char* memory;
  const char* swap;
  bool swap_counts_memory;  // the limit of swap is one of both together
};

constexpr CgroupVersion kCgroupVersions[] = {
    {"/sys/fs/cgroup/memory", "/memory.limit_in_bytes", "/memory.memsw.limit_in_bytes", true},
    {"/sys/fs/cgroup", "/memory.max", "/memory.swap.max", false},
};

// A cgroup for one process, of version 1 or 2; empty where this process may make none.
class Container {
 public:
  explicit Container(std::uint64_t bytes) {
    const std::string name = "/baton_test_" + std::to_string(::getpid());
    for (const CgroupVersion& version : kCgroupVersions) {
      std::error_code refused;
      if (!std::filesystem::create_directory(version.root + name, refused) || refused) continue;
      path_ = version.root + name;
      if (Limit(version, bytes)) return;
      std::filesystem::remove(path_, refused);
      path_.clear();
    }
  }
  Container(const Container&) = delete;
  Container& operator=(const Container&) = delete;
  ~Container() {
    if (!path_.empty()) CHECK(std::filesystem::remove(path_));  // nobody is in it any more
  }

  explicit operator bool() const { return !path_.empty(); }
  bool Admit(int pid) const {
    return Write(path_ + "/cgroup.procs", static_cast<std::uint64_t>(pid));
  }

 private:
  // What does not fit must not go into swap instead.
  bool Limit(const CgroupVersion& version, std::uint64_t bytes) const {
    if (!Write(path_ + version.memory, bytes)) return false;
    const bool has_swap_limit = std::filesystem::exists(path_ + version.swap);
    if (!has_swap_limit) return !SystemHasSwap();
    return Write(path_ + version.swap, version.swap_counts_memory ? bytes : 0);
  }

  // A line of headings, and one for each.
  static bool SystemHasSwap() {
    std::ifstream swaps("/proc/swaps");
    std::string line;
    return std::getline(swaps, line) && std::getline(swaps, line);
  }

  static bool Write(const std::string& file, std::uint64_t number) {
    std::ofstream out(file);
    out << number << std::flush;
    return out.good();
  }

  std::string path_;
};

// Count(n): makes up to n pieces, and keeps them; answered with how many there are.
void MakePieces(platform::Handle channel_end, std::uint64_t quota) {
  RunHoarder(std::move(channel_end), [&](HoardingChild& child, ChannelOptions& options) {
    options.max_shmem_bytes = quota;
    child.on_count = [&child](std::uint64_t number) {
      while (child.hoard.size() < number) {
        auto memory = child.AllocShmem(kPiece);
        if (!memory) {
          PEER_EXPECT(memory.error() == Errc::kOverQuota);
          break;
        }
        child.hoard.push_back(*std::move(memory));
      }
      return std::uint64_t{child.hoard.size()};
    };
  });
}

PEER(MakesPieces) {
  MakePieces(std::move(channel_end), std::uint64_t{8} << 30);
}

PEER(MakesPiecesWithinAQuota) {
  MakePieces(std::move(channel_end), kContainer / 4);
}

TEST_CASE("exhaustion: a container that is used up ends the process inside, and nobody else") {
  const Path path = GENERATE(Path::kSocket, Path::kRing);
  const Guarded guarded;
  const Container container(kContainer);
  if (!container) SKIP_TEST("this process may make no cgroup with a limit of its own");
  Peer peer = START_PEER(PeerKind::kProcess, MakesPieces);
  HoardersParent parent(peer, {PeerKind::kProcess, path});
  REQUIRE(container.Admit(peer.pid()));
  CHECK(parent.Count(8) == 8);
  parent.Count(2 * kContainer / kPiece);
  CHECK(parent.actor->destroyed == 1);
  CHECK(parent.actor->close_error() == Errc::kPeerDied);
  CHECK(peer.AwaitEnd().signal == SIGKILL);
}

TEST_CASE("exhaustion: within a quota that its container has room for, a process is told") {
  const Path path = GENERATE(Path::kSocket, Path::kRing);
  const Guarded guarded;
  const Container container(kContainer);
  if (!container) SKIP_TEST("this process may make no cgroup with a limit of its own");
  Peer peer = START_PEER(PeerKind::kProcess, MakesPiecesWithinAQuota);
  HoardersParent parent(peer, {PeerKind::kProcess, path});
  REQUIRE(container.Admit(peer.pid()));
  CHECK(parent.Count(2 * kContainer / kPiece) == kContainer / kPiece / 4);
  parent.LetGo();
  CHECK_FALSE(parent.FillNew(kPiece));
  CHECK(parent.actor->destroyed == 0);
  parent.CloseAndRun();
  peer.Join();
}

}  // namespace
}  // namespace baton::testing
