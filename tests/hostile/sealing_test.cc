// A peer that seals memory against writing while it owns it, so that the next owner cannot write.
#include <fcntl.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "tests/hostile/evil_parent.h"
#include "tests/support/guarded.h"
#include "tests/support/skip.h"

namespace baton::testing {
namespace {

using platform::Revocation;
namespace PEcho = ::testing::PEcho;

constexpr std::uint64_t kSizeSealed = 1 << 20;

// Of the kernel's linux/fcntl.h, which older C libraries do not have.
constexpr int kSealFutureWrite = 0x0010;

struct Lent {
  platform::SharedMemory memory =
      Must(platform::SharedMemory::CreateOf(platform::MemoryBackend::kMemfd, "evil", kSizeSealed));
  wire::ShmemReference reference;

  Lent() {
    reference.id_high = 0x1234;  // issued by a parent
    reference.id_low = 0x5678;
    reference.size = kSizeSealed;
    reference.transfer = 1;
    reference.handle = 0;
  }

  // Hands it to the victim, who fills it and gives it back at once.
  void Fill(EvilParent& evil, std::span<const platform::Handle> handles) {
    auto header = evil.HeaderOf(PEcho::kFill);
    header.handles = static_cast<std::uint16_t>(handles.size());
    evil.Send(EvilParent::FrameOf(header, evil.FillPayload(reference)), handles);
    evil.ExpectAlive();
  }
  void FillAgain(EvilParent& evil) {
    reference.transfer += 2;
    reference.handle = wire::ShmemReference::kNoIndex;
    auto header = evil.HeaderOf(PEcho::kFill);
    evil.Send(EvilParent::FrameOf(header, evil.FillPayload(reference)));
  }
  int Seal(int seals) const { return ::fcntl(memory.handle().get(), F_ADD_SEALS, seals); }
};

TEST_CASE("hostile: memory that was sealed while its victim had unmapped it") {
  const Guarded guarded;
  ChannelOptions options;
  options.revocation = Revocation::kUnmap;
  EvilParent evil(options);
  evil.SayHello();
  Lent lent;
  const platform::Handle handles[] = {Must(lent.memory.handle().Duplicate())};
  lent.Fill(evil, handles);
  REQUIRE(lent.Seal(GENERATE(F_SEAL_WRITE, kSealFutureWrite)) == 0);
  lent.FillAgain(evil);
  evil.ExpectFault(Rule::kHandleSeals);
}

TEST_CASE("hostile: memory that its victim keeps mapped cannot be sealed under it") {
  if (std::getenv("BATON_REVOKE") != nullptr) SKIP_TEST("BATON_REVOKE may decide otherwise");
  const Guarded guarded;
  EvilParent evil;
  evil.SayHello();
  Lent lent;
  const platform::Handle handles[] = {Must(lent.memory.handle().Duplicate())};
  lent.Fill(evil, handles);
  CHECK(lent.Seal(F_SEAL_WRITE) == -1);
  REQUIRE(lent.Seal(kSealFutureWrite) == 0);  // new mappings only
  lent.FillAgain(evil);
  evil.ExpectAlive();
  CHECK(evil.victim->traffic().shmem_bytes_received == 2 * kSizeSealed);
}

}  // namespace
}  // namespace baton::testing
