// A peer that changes bytes while its victim reads them: of a ring, and of payloads that lie in
// memory of their own.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <random>

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
using internal::Lane;
using platform::Handle;
namespace PEcho = ::testing::PEcho;

PEER(Victims) {
  RunVictims(std::move(channel_end));
}

struct Ring {
  platform::SharedMemory memory = Must(platform::SharedMemory::CreateRing(
      "evil:ring", internal::RingMemorySize(internal::kSmallestDataRing)));
  platform::Mapping mapping = Must(memory.Map());
  fuzz::ForgedRing words{mapping.bytes()};

  std::vector<Handle> handles() const { return CopyOf(memory.handle()); }
};

void Doorbell(EvilPeer& evil) {
  evil.Write(std::vector<std::byte>(1, internal::kDoorbell));
}

// Where in the ring's memory its data begin: what the first frame looks like.
std::size_t PlaceOf(std::span<const std::byte> frame, std::span<const std::byte> memory) {
  const auto found = std::search(memory.begin(), memory.end(), frame.begin(), frame.end());
  REQUIRE(found != memory.end());
  return static_cast<std::size_t>(found - memory.begin());
}

enum class Changes : std::uint8_t {
  kAnyByte,      // of headers as well
  kToOtherText,  // of the text that is being read, to what could stand there as well
  kToNoText,     // of that text, to what no text has
};

TEST_CASE("hostile: a text that changes while it is read from a ring is one text or a fault") {
  const PeerKind kind = GENERATE(PeerKind::kThread, PeerKind::kProcess);
  const Guarded guarded;
  EvilPeer evil(START_PEER(kind, Victims), kind);
  // At any one moment what lies there can be a message; which, nobody can say.
  const auto payload = EvilPeer::EchoPayloadOf(2048);
  constexpr std::size_t kFrames = 25;  // fit into the ring
  constexpr std::size_t kTail = 1500;  // of a frame: text, but for the last bytes
  constexpr std::size_t kEnd = 16;
  int answered = 0;
  int changed_texts = 0;  // answers in which a change shows
  int no_texts = 0;       // channels that ended with a text that is none
  int broken = 0;         // and that ended with any other fault
  for (int round = 0; round < 90; ++round) {
    Ring ring;
    evil.Begin(VictimKind::kPlain);
    evil.SayHello(ring.handles());
    const auto frame = EvilParent::FrameOf(evil.HeaderOf(PEcho::kEcho), payload);
    REQUIRE(frame.size() % 8 == 0);
    REQUIRE(std::ranges::count(std::span(frame).last(kTail).first(kTail - kEnd), std::byte{'x'}) ==
            kTail - kEnd);
    ring.words.Append(Lane::kData, frame);
    ring.words.Publish();
    const std::size_t at = PlaceOf(frame, ring.mapping.bytes());
    const auto how = static_cast<Changes>(round % 3);
    std::atomic<std::size_t> reading{0};  // which frame is
    const Meanwhile mutator([&, random = std::minstd_rand(1 + round)]() mutable {
      const std::size_t in_text = frame.size() - kTail + random() % (kTail - kEnd);
      const std::size_t in_frame = how == Changes::kAnyByte ? random() % frame.size() : in_text;
      const std::size_t which = how == Changes::kAnyByte ? random() % kFrames : reading.load();
      std::atomic_ref one(
          reinterpret_cast<char&>(ring.mapping.bytes()[at + which * frame.size() + in_frame]));
      one.store(how == Changes::kAnyByte    ? static_cast<char>(random())
                : how == Changes::kToNoText ? '\xff'
                                            : 'y');
      for (int wait = 0; how != Changes::kAnyByte && wait < 20; ++wait) (void)one.load();
      one.store('x');
    });
    Doorbell(evil);
    // More of them, so that some are read in the middle of a change.
    bool is_open = true;
    for (std::size_t more = 1; is_open && more < kFrames; ++more) {
      const auto said = evil.Heard(FrameKind::kReply);
      is_open = said.has_value();
      if (!is_open) break;
      ++answered;
      std::string back;
      void* const into[] = {&back};
      (void)Must(wire::Decode(*PEcho::kEcho.reply, said->payload, into));
      if (how != Changes::kAnyByte) {
        CHECK(back.size() > kTail);
        CHECK(back.find_first_not_of("xy") == std::string::npos);
        if (back.find('y') != std::string::npos) ++changed_texts;
      }
      reading = more;
      ring.words.Append(Lane::kData, EvilParent::FrameOf(evil.HeaderOf(PEcho::kEcho), payload));
      ring.words.Publish();
      Doorbell(evil);
    }
    const Verdict verdict = evil.ExpectAnyGoodEnd();
    if (how == Changes::kToOtherText) CHECK(verdict.space == Verdict::kErrc);
    if (verdict.space != Verdict::kRule) continue;
    if (how == Changes::kToNoText) CHECK(verdict.value == static_cast<int>(Rule::kNotUtf8));
    ++(how == Changes::kToNoText ? no_texts : broken);
  }
  INFO(answered << " answered, " << changed_texts << " of them changed; " << no_texts << " and "
                << broken << " refused");
  CHECK(answered >= 30 * (static_cast<int>(kFrames) - 1));
  // So the other side was really faster, now and then.
  CHECK(changed_texts > 0);
  CHECK(no_texts > 0);
  CHECK(broken > 0);
}

// How somebody might still write into memory after it was frozen, or without that showing.
bool CanStillWrite(const Handle& handle) {
  const Handle again = Reopened(handle, O_RDWR);
  for (const Handle* const one : {&handle, &again}) {
    if (::pwrite(one->get(), "!", 1, 0) == 1) return true;
    void* const mapped =
        ::mmap(nullptr, EvilPeer::kSize, PROT_READ | PROT_WRITE, MAP_SHARED, one->get(), 0);
    if (mapped != MAP_FAILED) return true;
    if (::fallocate(one->get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096) == 0) {
      return true;
    }
    if (::ftruncate(one->get(), 0) == 0) return true;
  }
  return false;
}

TEST_CASE("hostile: a carried payload that somebody can still write to is refused, or nobody can") {
  SKIP_WITHOUT_SEALS("who makes it takes memory without seals");
  const PeerKind kind = GENERATE(PeerKind::kThread, PeerKind::kProcess);
  const Guarded guarded;
  EvilPeer evil(START_PEER(kind, Victims), kind);
  const auto payload = EvilPeer::EchoPayloadOf(EvilPeer::kSize);
  const auto send = [&](const Handle& memory) {
    evil.Begin(VictimKind::kPlain);
    evil.SayHello();
    evil.SendCarriedEcho(EvilPeer::kSize, CopyOf(memory));
  };
  constexpr int kSealFutureWrite = 0x0010;
  constexpr int kFixedSize = F_SEAL_SHRINK | F_SEAL_GROW;
  Handle memory(::memfd_create("evil", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  REQUIRE(::write(memory.get(), payload.data(), payload.size()) ==
          static_cast<ssize_t>(payload.size()));
  void* const mapped =
      ::mmap(nullptr, EvilPeer::kSize, PROT_READ | PROT_WRITE, MAP_SHARED, memory.get(), 0);
  REQUIRE(mapped != MAP_FAILED);
  auto* const text = static_cast<char*>(mapped) + EvilPeer::kSize / 2;

  // As long as somebody has it mapped for writing it cannot be frozen, and what looks like it is
  // not.
  CHECK(::fcntl(memory.get(), F_ADD_SEALS, kFixedSize | F_SEAL_WRITE) == -1);
  REQUIRE(::fcntl(memory.get(), F_ADD_SEALS, kFixedSize | kSealFutureWrite) == 0);
  {
    std::atomic<int> changes{0};
    const Meanwhile mutator([&] {
      std::atomic_ref(*text).store('y');
      std::atomic_ref(*text).store('x');
      ++changes;
    });
    for (int round = 0; round < 50; ++round) {
      send(memory);
      evil.ExpectFault(Rule::kHandleSeals);
    }
    CHECK(changes >= 50);  // it could write all the time
  }
  REQUIRE(::munmap(mapped, EvilPeer::kSize) == 0);

  // Now it can, and nobody writes any more, however they try.
  REQUIRE(::fcntl(memory.get(), F_ADD_SEALS, F_SEAL_WRITE) == 0);
  {
    std::atomic<bool> was_written{false};
    std::atomic<int> attempts{0};
    const Meanwhile mutator([&] {
      if (CanStillWrite(memory)) was_written = true;
      ++attempts;
    });
    for (int round = 0; round < 50; ++round) {
      send(memory);
      REQUIRE(evil.Heard(FrameKind::kReply));
      evil.HangUp();
    }
    CHECK_FALSE(was_written);
    CHECK(attempts > 1);  // one is before the first send
  }
}

}  // namespace
}  // namespace baton::testing
