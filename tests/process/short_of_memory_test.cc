// A receiver that cannot map what it is sent refuses that, blames nobody, and goes on.
#include <sys/resource.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>

#include "tests/process/echo_actors.h"
#include "tests/support/guarded.h"
#include "tests/support/sanitizer.h"
#include "tests/support/skip.h"

namespace baton::testing {
namespace {

using boost::system::error_code;

constexpr std::uint64_t kShortOfMemoryRoom = std::uint64_t{16} << 20;

// Lets this process map no more than kRoom beyond what it has mapped.
void RunShortOfAddresses() {
  std::uint64_t pages = 0;
  std::FILE* const file = std::fopen("/proc/self/statm", "re");
  PEER_EXPECT(file != nullptr && std::fscanf(file, "%lu", &pages) == 1);
  std::fclose(file);
  const std::uint64_t most =
      pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) + kShortOfMemoryRoom;
  const rlimit limit = {most, most};
  PEER_EXPECT(::setrlimit(RLIMIT_AS, &limit) == 0);
}

PEER(MemoryShortOfAddresses) {
  io_context io;
  const auto child = std::make_shared<EchoChild>();
  Link link = Accept(std::move(channel_end));
  Must(internal::BindEndpoint(std::move(link.parts), child, io.get_executor(), link.options));
  bool introduced = false;
  child->SendPing(1, [&](error_code error, std::uint64_t) { introduced = !error; });
  while (!introduced && io.run_one() > 0) {
  }
  RunShortOfAddresses();
  Must(child->SendCounted(0));  // now
  io.run();
  PEER_EXPECT(child->destroyed == 1);
  PEER_EXPECT(!child->close_error());
  PEER_EXPECT(child->reason == ActorDestroyReason::kNormalShutdown);
}

TEST_CASE("memory for which the receiver has no room is refused, and the channel goes on") {
  if (IsSanitized()) SKIP_TEST("a sanitizer needs addresses of its own");
  const Path path = GENERATE(Path::kSocket, Path::kRing);
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, MemoryShortOfAddresses);
  ParentSide parent(peer, {PeerKind::kProcess, path});
  parent.RunUntil([&] { return !parent.actor->counted.empty(); });

  const auto fill = [&](std::uint64_t size) {
    std::optional<std::error_code> result;
    parent.actor->SendFill(Must(parent.actor->AllocShmem(size)), 7,
                           [&](error_code error, const Shmem&) { result = error; });
    parent.RunUntil([&] { return result.has_value(); });
    return result.value_or(std::error_code());
  };
  CHECK(fill(4 * kShortOfMemoryRoom) == std::errc::not_enough_memory);
  CHECK_FALSE(fill(4096));
  CHECK(parent.actor->destroyed == 0);
  parent.CloseAndRun();
}

}  // namespace
}  // namespace baton::testing
