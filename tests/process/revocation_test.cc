// ChannelOptions::revocation: what each side can still touch once it has handed memory over.
#include <catch2/catch.hpp>
#include <cerrno>
#include <optional>

#include "tests/process/echo_actors.h"
#include "tests/support/guarded.h"
#include "tests/support/toucher.h"

namespace baton::testing {
namespace {

using boost::system::error_code;
using platform::Revocation;

PEER(Filler) {
  RunEchoChild(std::move(channel_end));
}

bool HoldsAtEnds(const Shmem& memory, std::uint8_t value) {
  return memory.bytes().front() == std::byte{value} && memory.bytes().back() == std::byte{value};
}

TEST_CASE("revocation: what was handed over is out of reach until it is back, by every policy") {
  const Transport transport = EachTransport();
  const auto revocation = GENERATE(Revocation::kProtect, Revocation::kUnmap, Revocation::kNone);
  const std::uint64_t size = GENERATE(10'000, 3 << 20);
  const int expected = revocation == Revocation::kNone ? 0 : EFAULT;
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, Filler);
  Link link = Offer(peer, transport);
  link.options.revocation = revocation;
  ParentSide parent(std::move(link));

  Shmem memory = Must(parent.actor->AllocShmem(size));
  std::byte* const stray = memory.bytes().data();
  Toucher toucher;
  for (std::uint8_t round = 1; round <= 3; ++round) {
    std::optional<Shmem> back;
    parent.actor->SendFill(std::move(memory), round, [&](error_code error, Shmem filled) {
      CHECK_FALSE(error);
      back = std::move(filled);
    });
    CHECK(toucher.TryRead(stray) == expected);
    CHECK(toucher.TryRead(stray + size - 1) == expected);
    parent.RunUntil([&] { return back.has_value(); });
    REQUIRE(back);
    memory = *std::move(back);
    CHECK(memory.bytes().data() == stray);  // where it was
    CHECK(HoldsAtEnds(memory, round));
  }
  parent.CloseAndRun();
}

TEST_CASE("revocation: memory that a refused message keeps is as accessible as before") {
  const auto revocation = GENERATE(Revocation::kProtect, Revocation::kUnmap, Revocation::kNone);
  const Guarded guarded;
  auto ends = Must(platform::CreateSocketPair());  // nobody reads the other end
  ChannelOptions options;
  options.max_queued_bytes = 10'000;
  options.revocation = revocation;
  ParentSide parent(std::move(ends.first), options);
  Result<void> sent;
  for (int i = 0; i < 1'000'000 && sent; ++i) sent = parent.actor->SendCount(1);
  Shmem memory = Must(parent.actor->AllocShmem(3 << 20));
  memory.bytes().back() = std::byte{9};
  CHECK(parent.actor->SendKeep(std::move(memory)).error() == Errc::kWouldBlock);
  CHECK(memory.bytes().back() == std::byte{9});
  ends.second.Reset();
  parent.io.run();
}

}  // namespace
}  // namespace baton::testing
