// Every word that both sides of a ring can write, at every step of a conversation.
#include <catch2/catch.hpp>

#include "tests/hostile/evil_ring.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using internal::Lane;

constexpr std::size_t kWords = 7;
constexpr int kSteps = 5;

std::vector<std::uint64_t> ValuesAround(std::uint64_t honest) {
  constexpr std::uint64_t kCapacity = internal::kSmallestDataRing;
  const std::uint64_t big = std::uint64_t{1} << 63;
  return {0,
          1,
          2,
          7,
          8,
          40,
          honest - 8,
          honest + 1,
          honest + 8,
          honest + 40,
          honest + 48,
          honest + kCapacity - 8,
          kCapacity,
          big,
          big - 8,
          honest + kCapacity,
          honest + kCapacity + 8,
          0xffff'ffff,
          std::uint64_t{1} << 32,
          ~std::uint64_t{7},
          ~std::uint64_t{0}};
}

// A conversation by rings, up to `step`; what comes later in it is said as well, after the lie.
struct RingTalk {
  explicit RingTalk(const ChannelOptions& options) : evil(options), own(VictimsRing(evil)) {}

  void Do(int step) {
    switch (step) {
      case 0: return Offer(evil, ring);
      case 1: ring.words.Append(Lane::kData, CountFrame(evil)); return ring.words.Publish();
      case 2: return RingDoorbell(evil);
      case 3: return own.words.TakeAll();
      default: (void)evil.victim->SendCounted(1);
    }
  }

  EvilParent evil;
  EvilRing own;  // the victim's, as the peer sees it
  EvilRing ring;
};

// On a count of written bytes that nothing corrects: whatever is not the honest one is a fault, and
// what cannot be is one of the ring itself.
void ExpectVerdict(EvilParent& evil, std::size_t word, std::uint64_t honest, std::uint64_t value) {
  const std::uint64_t capacity =
      word == kControlWritten ? internal::kControlRingSize : internal::kSmallestDataRing;
  const bool is_possible = value % 8 == 0 && value >= honest && value - honest <= capacity;
  CHECK((evil.victim->destroyed == 1) == (value != honest));
  if (!is_possible) CHECK(evil.victim->close_error() == Rule::kRing);
}

TEST_CASE("hostile: every shared word takes every value at every step") {
  const Guarded guarded;
  ChannelOptions options;
  options.ring_bytes = internal::kSmallestDataRing;
  options.max_spin = {};
  const bool is_victims_ring = GENERATE(false, true);
  const std::size_t word = GENERATE(range(std::size_t{0}, kWords));
  for (int lie_at = 0; lie_at <= kSteps; ++lie_at) {
    const std::size_t values = ValuesAround(0).size();
    for (std::size_t n = 0; n < values; ++n) {
      RingTalk talk(options);
      for (int step = 0; step < lie_at; ++step) talk.Do(step);
      EvilRing& of = is_victims_ring ? talk.own : talk.ring;
      const std::uint64_t honest = of.words.word(word);
      const std::uint64_t value = ValuesAround(honest)[n];
      INFO("word " << word << " of the " << (is_victims_ring ? "victim's" : "peer's") << " ring is "
                   << value << " before step " << lie_at);
      of.words.SetWord(word, value);
      for (int step = lie_at; step < kSteps; ++step) talk.Do(step);
      RingDoorbell(talk.evil);
      talk.evil.Run();
      if (lie_at == kSteps && !is_victims_ring && word <= kDataWritten) {
        ExpectVerdict(talk.evil, word, honest, value);
      }
      const EchoChild& victim = *talk.evil.victim;
      // It comes to rest, whatever it has been told, and nothing was heard that was not said.
      CHECK(victim.statistics().messages_received <= 1);
      if (victim.destroyed == 1) CHECK(victim.close_error() == Cause::kPeerFault);
    }
  }
}

}  // namespace
}  // namespace baton::testing
