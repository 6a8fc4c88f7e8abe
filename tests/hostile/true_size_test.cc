// Memory that becomes shorter, at each step of a conversation, and sizes that are not what they are
// said to be.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <random>
#include <thread>

#include "runtime/channel/ring.h"
#include "tests/hostile/evil_peer.h"
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

constexpr std::uint64_t kTrueSize = EvilPeer::kSize;
constexpr int kFixedTrueSize = F_SEAL_SHRINK | F_SEAL_GROW;

PEER(TrueSizeVictims) {
  RunVictims(std::move(channel_end));
}

// --- Truncated at each step ----------------------------------------------------------------------

// Memory is handed over, filled and handed back twice, then kept, read and given back; before step
// `at` somebody wants it to be nothing. Whether the victim has refused the memory.
bool Truncates(EvilPeer& evil, const Handle& memory, int at, int& succeeded) {
  int step = 0;
  bool is_over = false;
  const auto next = [&](auto say, FrameKind answer) {
    if (is_over) return;
    if (step++ == at) succeeded += ::ftruncate(memory.get(), 0) == 0 ? 1 : 0;
    say();
    is_over = !evil.Heard(answer);
  };
  auto reference = EvilPeer::ReferenceTo(kTrueSize);
  const auto again = [&] {
    reference.transfer += 2;
    reference.handle = ShmemReference::kNoIndex;
  };
  evil.Begin(VictimKind::kPlain);
  const auto said_hello = [&] { evil.SayHello(); };
  next(said_hello, FrameKind::kHello);
  next([&] { evil.SendFill(reference, CopyOf(memory)); }, FrameKind::kReply);
  next([&] { again(), evil.SendFill(reference, {}); }, FrameKind::kReply);
  next(
      [&] {
        again();
        evil.SendKeep(reference, {});
        evil.SendCount(kReadKept);
      },
      FrameKind::kMessage);
  next([&] { evil.SendCount(kReadKept); }, FrameKind::kMessage);
  next([&] { evil.SendCount(1); }, FrameKind::kMessage);
  return is_over;
}
constexpr int kTrueSizeSteps = 6;

TEST_CASE("hostile: memory that is truncated before any step is whole, or was refused") {
  SKIP_WITHOUT_SEALS("who makes it takes memory without seals");
  const PeerKind kind = GENERATE(PeerKind::kThread, PeerKind::kProcess);
  const Guarded guarded;
  EvilPeer evil(START_PEER(kind, TrueSizeVictims), kind);
  for (const int seals : {0, F_SEAL_GROW, F_SEAL_SHRINK, kFixedTrueSize}) {
    for (int at = 0; at < kTrueSizeSteps; ++at) {
      INFO("seals " << seals << ", truncated before step " << at);
      const Handle memory = SealedMemfd(kTrueSize, seals);
      int succeeded = 0;
      const bool is_refused = Truncates(evil, memory, at, succeeded);
      CHECK(is_refused == (seals != kFixedTrueSize));
      CHECK(succeeded == ((seals & F_SEAL_SHRINK) == 0 && at < 2 ? 1 : 0));
      is_refused ? evil.ExpectFault(Rule::kHandleSeals) : (void)evil.HangUp();
    }
  }
}

TEST_CASE("hostile: a size that changes while it is looked at is the one that was sealed") {
  SKIP_WITHOUT_SEALS("who makes it takes memory without seals");
  const PeerKind kind = GENERATE(PeerKind::kThread, PeerKind::kProcess);
  const Guarded guarded;
  EvilPeer evil(START_PEER(kind, TrueSizeVictims), kind);
  int taken = 0;
  int refused = 0;
  for (unsigned round = 0; round < 150; ++round) {
    const Handle memory = SealedMemfd(kTrueSize, 0);
    std::atomic<bool> goes_on{true};
    // Many sizes, and one of them for good; the victim may look at any moment.
    std::jthread mutator([&, random = std::minstd_rand(1 + round)]() mutable {
      const auto turns = random() % 200;
      for (unsigned turn = 0; turn < turns; ++turn) {
        (void)::ftruncate(memory.get(), static_cast<off_t>(random() % 3 * kTrueSize));
      }
      (void)::ftruncate(memory.get(), static_cast<off_t>(random() % 2 * kTrueSize));
      (void)::fcntl(memory.get(), F_ADD_SEALS, kFixedTrueSize);
      goes_on = false;
    });
    if (round % 2 == 0) mutator.join();
    evil.Begin(VictimKind::kPlain);
    evil.SayHello();
    evil.SendFill(EvilPeer::ReferenceTo(kTrueSize), CopyOf(memory));
    const bool is_taken = evil.Heard(FrameKind::kReply).has_value();
    if (mutator.joinable()) mutator.join();
    CHECK_FALSE(goes_on);
    ++(is_taken ? taken : refused);
    const testing::Verdict verdict = evil.ExpectAnyGoodEnd();
    if (is_taken) continue;
    CHECK((verdict.value == static_cast<int>(Rule::kHandleSeals) ||
           verdict.value == static_cast<int>(Rule::kHandleSize)));
  }
  INFO(taken << " taken, " << refused << " refused");
  CHECK(taken > 0);
  CHECK(refused > 0);
}

TEST_CASE("hostile: a ring and a payload that can be truncated are refused, others cannot be") {
  SKIP_WITHOUT_SEALS("who makes it takes memory without seals");
  const PeerKind kind = GENERATE(PeerKind::kThread, PeerKind::kProcess);
  const Guarded guarded;
  EvilPeer evil(START_PEER(kind, TrueSizeVictims), kind);
  const std::size_t ring_size = internal::RingMemorySize(std::size_t{64} << 10);
  for (const int seals :
       {0, F_SEAL_SEAL, kFixedTrueSize, kFixedTrueSize | F_SEAL_SEAL, F_SEAL_GROW | F_SEAL_SEAL}) {
    INFO("seals " << seals);
    const Handle ring = SealedMemfd(ring_size, seals);
    const bool is_refused = seals != (kFixedTrueSize | F_SEAL_SEAL);
    evil.Begin(VictimKind::kPlain);
    evil.SayHello(CopyOf(ring));
    if (is_refused) {
      evil.ExpectFault(Rule::kHandleSeals);
      continue;
    }
    evil.SendCount(1);
    CHECK(evil.Counted() == std::uint64_t{2});
    CHECK(::ftruncate(ring.get(), 0) == -1);
    evil.Write(std::vector<std::byte>(1, internal::kDoorbell));
    evil.ExpectAlive();
  }
  const auto payload = EvilPeer::EchoPayloadOf(kTrueSize);
  for (const int seals : {0, F_SEAL_WRITE, F_SEAL_WRITE | F_SEAL_GROW, kFixedTrueSize,
                          kFixedTrueSize | F_SEAL_WRITE}) {
    INFO("a payload with seals " << seals);
    const Handle memory = SealedMemfd(0, 0);
    REQUIRE(::write(memory.get(), payload.data(), kTrueSize) == static_cast<ssize_t>(kTrueSize));
    if (seals != 0) REQUIRE(::fcntl(memory.get(), F_ADD_SEALS, seals) == 0);
    const bool is_refused = seals != (kFixedTrueSize | F_SEAL_WRITE);
    evil.Begin(VictimKind::kPlain);
    evil.SayHello();
    evil.SendCarriedEcho(kTrueSize, CopyOf(memory));
    if (is_refused) {
      evil.ExpectFault(Rule::kHandleSeals);
      continue;
    }
    CHECK(evil.Heard(FrameKind::kReply));
    CHECK(::ftruncate(memory.get(), 0) == -1);
    evil.ExpectAlive();
  }
}

// --- Announced and real --------------------------------------------------------------------------

TEST_CASE("hostile: whatever size is announced of whatever there is, only the true one is taken") {
  SKIP_WITHOUT_SEALS("who makes it takes memory without seals");
  const PeerKind kind = GENERATE(PeerKind::kThread, PeerKind::kProcess);
  const bool is_safe = GENERATE(true, false);
  const std::uint16_t sort = is_safe ? ShmemReference::kSafe : ShmemReference::kUnsafe;
  const Guarded guarded;
  EvilPeer evil(START_PEER(kind, TrueSizeVictims), kind);
  constexpr std::uint64_t kPage = 4096;
  constexpr std::uint64_t kTop = std::uint64_t{1} << 63;
  const std::uint64_t announced[] = {0,
                                     1,
                                     kPage - 1,
                                     kPage,
                                     kPage + 1,
                                     2 * kPage,
                                     kTop - 1,
                                     kTop,
                                     kTop + 1,
                                     kTop + kPage,
                                     ~std::uint64_t{0},
                                     ~std::uint64_t{0} - kPage + 1,
                                     (std::uint64_t{1} << 47) + 1,
                                     (std::uint64_t{1} << 32) + kPage};
  for (const std::uint64_t real : {std::uint64_t{1}, kPage - 1, kPage, kPage + 1, 2 * kPage}) {
    const Handle memory = SealedMemfd(real, kFixedTrueSize);
    for (const std::uint64_t size : announced) {
      INFO(size << " bytes announced of " << real);
      evil.Begin(VictimKind::kPlain);
      evil.SayHello();
      const auto reference = EvilPeer::ReferenceTo(size, sort);
      is_safe ? evil.SendFill(reference, CopyOf(memory))
              : evil.SendTouch(reference, CopyOf(memory));
      if (size != real) {
        evil.ExpectFault(Rule::kHandleSize);
        continue;
      }
      CHECK(evil.Heard(FrameKind::kReply));
      evil.ExpectAlive();
    }
  }
}

TEST_CASE("hostile: a payload and a ring of any size but the true one are refused") {
  SKIP_WITHOUT_SEALS("who makes it takes memory without seals");
  const PeerKind kind = GENERATE(PeerKind::kThread, PeerKind::kProcess);
  const Guarded guarded;
  EvilPeer evil(START_PEER(kind, TrueSizeVictims), kind);
  constexpr std::uint64_t kTop = std::uint64_t{1} << 63;
  const Handle payload =
      Must(platform::CreateFrozenMemory("evil", EvilPeer::EchoPayloadOf(kTrueSize)));
  for (const std::uint64_t size : {std::uint64_t{0}, kTrueSize - 1, kTrueSize, kTrueSize + 1, kTop,
                                   ~std::uint64_t{0}, (std::uint64_t{1} << 20) + 1}) {
    INFO("a payload of " << size << " bytes");
    evil.Begin(VictimKind::kPlain);
    evil.SayHello();
    evil.SendCarriedEcho(size, CopyOf(payload));
    if (size == kTrueSize) {
      CHECK(evil.Heard(FrameKind::kReply));
      evil.ExpectAlive();
    } else {
      const std::uint64_t most = ChannelOptions().max_message_bytes;
      evil.ExpectFault(size > most ? Rule::kFrameTooLarge : Rule::kHandleSize);
    }
  }
  // Of a ring nothing is announced: the kernel knows.
  const std::uint64_t right = internal::RingMemorySize(std::size_t{64} << 10);
  for (const std::uint64_t size :
       {std::uint64_t{0}, std::uint64_t{1}, right - 1, right + 1, right - 4096, right + 4096,
        std::uint64_t{1} << 40, (std::uint64_t{1} << 62)}) {
    INFO("a ring of " << size << " bytes");
    const Handle ring = SealedMemfd(size, kFixedTrueSize | F_SEAL_SEAL);
    REQUIRE(ring);
    evil.Begin(VictimKind::kPlain);
    evil.SayHello(CopyOf(ring));
    const bool is_possible = size > 0 && size < (std::uint64_t{1} << 40);
    evil.ExpectFault(is_possible ? Rule::kRing : Rule::kHandleSize);
  }
}

}  // namespace
}  // namespace baton::testing
