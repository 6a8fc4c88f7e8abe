// Memory whose sender keeps it: punches holes, writes on, or has never put anything behind it.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>

#include "runtime/channel/ring.h"
#include "tests/fuzz/channel/forged_ring.h"
#include "tests/hostile/evil_peer.h"
#include "tests/hostile/meanwhile.h"
#include "tests/hostile/wrong_handles.h"
#include "tests/support/guarded.h"
#include "tests/support/handle_copies.h"
#include "tests/support/skip_without_seals.h"

namespace baton::testing {
namespace {

using internal::FrameKind;
using platform::Handle;
using wire::ShmemReference;
using wrong_handles::SealedMemfd;

constexpr int kFixedSize = F_SEAL_SHRINK | F_SEAL_GROW;
constexpr std::uint64_t kLarge = std::uint64_t{1} << 20;

PEER(HolesVictims) {
  RunVictims(std::move(channel_end));
}

// What revocation cannot reach: a mapping that the sender has kept.
class KeptMapping {
 public:
  KeptMapping(const Handle& memory, std::uint64_t size)
      : size_(size),
        address_(::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, memory.get(), 0)) {
    REQUIRE(address_ != MAP_FAILED);
  }
  KeptMapping(const KeptMapping&) = delete;
  KeptMapping& operator=(const KeptMapping&) = delete;
  ~KeptMapping() { ::munmap(address_, size_); }

  std::byte* bytes() const { return static_cast<std::byte*>(address_); }
  bool Remove() const { return ::madvise(address_, size_, MADV_REMOVE) == 0; }

 private:
  const std::uint64_t size_;
  void* const address_;
};

bool PunchHole(const Handle& memory, std::uint64_t size) {
  return ::fallocate(memory.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
                     static_cast<off_t>(size)) == 0;
}

// Of any thread, so without Catch.
std::uint64_t BytesBehind(const Handle& memory) {
  struct stat object = {};
  if (::fstat(memory.get(), &object) != 0) FailHere(__FILE__, __LINE__, "no size");
  return static_cast<std::uint64_t>(object.st_blocks) * 512;
}

TEST_CASE("hostile: holes are punched into memory while its victim fills it, and while it reads") {
  SKIP_WITHOUT_SEALS("who makes it takes other memory than memfds");
  const PeerKind kind = GENERATE(PeerKind::kThread, PeerKind::kProcess);
  const bool by_mapping = GENERATE(false, true);
  const Guarded guarded;
  EvilPeer evil(START_PEER(kind, HolesVictims), kind);
  const Handle memory = SealedMemfd(kLarge, kFixedSize);
  const KeptMapping kept(memory, kLarge);
  std::memset(kept.bytes(), 1, kLarge);
  REQUIRE(BytesBehind(memory) == kLarge);
  std::atomic<int> holes{0};  // where there was something
  evil.Begin(VictimKind::kPlain);
  evil.SayHello();
  auto reference = EvilPeer::ReferenceTo(kLarge);
  {
    const Meanwhile puncher([&] {
      const bool is_hole = BytesBehind(memory) > 0;
      if (by_mapping ? kept.Remove() : PunchHole(memory, kLarge)) holes += is_hole ? 1 : 0;
    });
    CHECK(holes == 1);  // what it was sent with is gone
    int holes_while_filling = 0;
    for (int round = 0; round < 10 || holes_while_filling == 0; ++round) {
      const int before = holes;
      evil.SendFill(reference, round == 0 ? CopyOf(memory) : std::vector<Handle>());
      REQUIRE(evil.Heard(FrameKind::kReply));
      holes_while_filling += holes - before;
      reference.transfer += 2;
      reference.handle = ShmemReference::kNoIndex;
    }
    evil.SendKeep(reference, {});
    int holes_while_reading = 0;
    for (int round = 0; round < 2 || holes_while_reading == 0; ++round) {
      const int before = holes;
      evil.SendCount(kReadKept);
      CHECK(evil.Counted() == kLarge);
      holes_while_reading += holes - before;
    }
  }
  evil.ExpectAlive();
}

TEST_CASE("hostile: no holes can be punched into a payload") {
  SKIP_WITHOUT_SEALS("who makes it takes other memory than memfds");
  const PeerKind kind = GENERATE(PeerKind::kThread, PeerKind::kProcess);
  const Guarded guarded;
  EvilPeer evil(START_PEER(kind, HolesVictims), kind);
  const std::size_t size = 256 << 10;
  const Handle payload = Must(platform::CreateFrozenMemory("evil", EvilPeer::EchoPayloadOf(size)));
  std::atomic<int> attempts{0};
  std::atomic<int> holes{0};
  evil.Begin(VictimKind::kPlain);
  evil.SayHello();
  {
    const Meanwhile puncher([&] {
      if (PunchHole(payload, size)) ++holes;
      ++attempts;
    });
    for (int round = 0; round < 20; ++round) {
      evil.SendCarriedEcho(size, CopyOf(payload));
      const auto said = evil.Heard(FrameKind::kReply);
      REQUIRE(said);
      // Carried as well. What is in it was not changed on its way there and back.
      REQUIRE(said->handles.size() == 1);
      std::uint64_t answer_size = 0;
      REQUIRE(said->payload.size() == sizeof(answer_size));
      std::memcpy(&answer_size, said->payload.data(), sizeof(answer_size));
      const auto answer =
          Must(platform::FrozenMapping::Map(Must(said->handles[0].Duplicate()), answer_size));
      std::string text;
      void* const into[] = {&text};
      (void)Must(wire::Decode(*::testing::PEcho::kEcho.reply, answer.bytes(), into));
      CHECK(text.find_first_not_of('x') == std::string::npos);
    }
  }
  CHECK(attempts > 1);  // one is before the first send
  CHECK(holes == 0);
  evil.ExpectAlive();
}

TEST_CASE("hostile: holes in a ring are zeros, and no frame is") {
  SKIP_WITHOUT_SEALS("who makes it takes other memory than memfds");
  const PeerKind kind = GENERATE(PeerKind::kThread, PeerKind::kProcess);
  const Guarded guarded;
  EvilPeer evil(START_PEER(kind, HolesVictims), kind);
  const std::size_t size = internal::RingMemorySize(internal::kSmallestDataRing);
  for (int round = 0; round < 20; ++round) {
    const Handle ring = SealedMemfd(size, kFixedSize | F_SEAL_SEAL);
    const KeptMapping kept(ring, size);
    fuzz::ForgedRing words({kept.bytes(), size});
    evil.Begin(VictimKind::kPlain);
    evil.SayHello(CopyOf(ring));
    const Meanwhile puncher([&] { (void)PunchHole(ring, size); });
    for (int frame = 0; frame < 20; ++frame) {
      const std::uint64_t number = 1;
      const void* const values[] = {&number};
      const auto& message = ::testing::PEcho::kCount;
      words.Append(internal::Lane::kData,
                   EvilParent::FrameOf(evil.HeaderOf(message),
                                       EvilPeer::Payload(*message.parameters, values)));
      words.Publish();
      evil.Write(std::vector<std::byte>(1, internal::kDoorbell));
    }
    const Verdict verdict = evil.ExpectAnyGoodEnd();
    CHECK(verdict.messages_received <= 20);
  }
}

TEST_CASE("hostile: a sender that writes on changes what it has sent, and nothing beside it") {
  SKIP_WITHOUT_SEALS("who makes it takes other memory than memfds");
  const PeerKind kind = GENERATE(PeerKind::kThread, PeerKind::kProcess);
  const Guarded guarded;
  EvilPeer evil(START_PEER(kind, HolesVictims), kind);
  // Memory of an honest channel, in the hands of the same process.
  auto& honest = *evil.bystander().actor;
  Shmem own = Must(honest.AllocShmem(kLarge));
  std::ranges::fill(own.bytes(), std::byte{0x5a});
  Must(honest.SendKeep(std::move(own)));

  const Handle memory = SealedMemfd(kLarge, kFixedSize);
  const KeptMapping kept(memory, kLarge);
  evil.Begin(VictimKind::kPlain);
  evil.SayHello();
  auto reference = EvilPeer::ReferenceTo(kLarge);
  {
    const Meanwhile writer([&] { std::memset(kept.bytes(), 0xee, kLarge); });
    for (int round = 0; round < 5; ++round) {
      evil.SendFill(reference, round == 0 ? CopyOf(memory) : std::vector<Handle>());
      REQUIRE(evil.Heard(FrameKind::kReply));
      reference.transfer += 2;
      reference.handle = ShmemReference::kNoIndex;
    }
  }
  // After it has been handed back its victim cannot write any more: what is there is the sender's.
  std::memset(kept.bytes(), 0x11, kLarge);
  evil.ExpectAlive();
  CHECK(std::all_of(kept.bytes(), kept.bytes() + kLarge,
                    [](std::byte byte) { return byte == std::byte{0x11}; }));

  std::optional<Shmem> back;
  honest.SendGiveBack([&](boost::system::error_code error, std::optional<Shmem> memory_back) {
    CHECK_FALSE(error);
    if (memory_back) back = std::move(*memory_back);
  });
  evil.bystander().RunUntil([&] { return back.has_value(); });
  CHECK(std::ranges::all_of(back->bytes(), [](std::byte b) { return b == std::byte{0x5a}; }));
}

// --- Nothing behind it ---------------------------------------------------------------------------

TEST_CASE("hostile: sparse memory counts with all of its size, and costs what is touched of it") {
  SKIP_WITHOUT_SEALS("who makes it takes other memory than memfds");
  const PeerKind kind = GENERATE(PeerKind::kThread, PeerKind::kProcess);
  const Guarded guarded;
  EvilPeer evil(START_PEER(kind, HolesVictims), kind);
  constexpr std::uint64_t kHalf = kLittleMemory / 2;
  evil.Begin(VictimKind::kHasLittleMemory);
  evil.SayHello();
  const auto keep = [&](const Handle& memory, std::uint64_t size) {
    evil.SendKeep(EvilPeer::ReferenceTo(size), CopyOf(memory));
  };
  // Far more than the limit, of which not a byte is there: refused, and nothing is touched.
  const Handle huge = SealedMemfd(std::uint64_t{1} << 40, kFixedSize);
  REQUIRE(huge);
  keep(huge, std::uint64_t{1} << 40);
  // As much as there may be; reading a hole costs a page table, and on this system the page, too.
  const Handle all = SealedMemfd(kLittleMemory, kFixedSize);
  keep(all, kLittleMemory);
  CHECK(BytesBehind(all) == 0);
  evil.SendCount(kReadKept);
  CHECK(evil.Counted() == kLittleMemory);
  CHECK(BytesBehind(all) <= kLittleMemory);
  CHECK(BytesBehind(huge) == 0);
  // And no more of them, however little is behind them, until it lets go of the first.
  const Handle half = SealedMemfd(kHalf, kFixedSize);
  keep(half, kHalf);
  const Verdict verdict = evil.ExpectAlive();
  CHECK(verdict.handler_errors == 2);
  CHECK(verdict.shmem_bytes_received == kLittleMemory);
}

TEST_CASE("hostile: a sparse piece that was filled and let go of makes room for the next") {
  SKIP_WITHOUT_SEALS("who makes it takes other memory than memfds");
  const PeerKind kind = GENERATE(PeerKind::kThread, PeerKind::kProcess);
  const Guarded guarded;
  EvilPeer evil(START_PEER(kind, HolesVictims), kind);
  constexpr std::uint64_t kPieces = 8;
  constexpr std::uint64_t kHalf = kLittleMemory / 2;
  evil.Begin(VictimKind::kHasLittleMemory);
  evil.SayHello();
  for (std::uint64_t n = 0; n < kPieces; ++n) {
    const Handle piece = SealedMemfd(kHalf, kFixedSize);
    REQUIRE(BytesBehind(piece) == 0);
    evil.SendTouch(EvilPeer::ReferenceTo(kHalf, ShmemReference::kUnsafe), CopyOf(piece));
    REQUIRE(evil.Heard(FrameKind::kReply));  // unsafe memory is let go of with its handler
    CHECK(BytesBehind(piece) == kHalf);      // by whoever touched it
  }
  const Verdict verdict = evil.ExpectAlive();
  CHECK(verdict.handler_errors == 0);
  CHECK(verdict.shmem_bytes_received == kPieces * kHalf);  // never more than the limit at once
}

}  // namespace
}  // namespace baton::testing
