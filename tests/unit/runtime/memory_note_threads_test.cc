// Notes come, change and go on some threads while others look them up, as signal handlers do.
#include "runtime/shmem/memory_note.h"

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/failure.h"
#include "tests/support/peer.h"
#include "tests/support/watchdog.h"

namespace baton::internal {
namespace {

constexpr std::uintptr_t kBase = 0x5000000000;
constexpr std::uintptr_t kApart = 0x10000;
constexpr std::size_t kNotes = 4;
constexpr int kSeen = 300;  // different transfers

// Odd transfers leave with one message, even ones with another.
constexpr std::array<const char*, 2> kMessages = {"PTest_Even_Parameters", "PTest_Odd_Parameters"};

// To its last byte another one for each.
std::string ProtocolOf(std::size_t number) {
  return std::string(63, static_cast<char>('a' + number));
}

NotedMemory Memory(std::size_t number) {
  NotedMemory memory;
  memory.begin = memory.reach_begin = kBase + number * kApart;
  memory.size = memory.reach_size = 4096;
  memory.id_high = number;
  memory.set_protocol(ProtocolOf(number));
  return memory;
}

// The notes number from and from + 2, as whoever maps and sends memory.
void Churn(std::size_t from, const std::atomic<bool>& is_over) {
  std::vector<MemoryNote> notes(kNotes);
  for (std::uint64_t round = 0; !is_over; ++round) {
    for (std::size_t at = from; at < kNotes; at += 2) {
      notes[at] = MemoryNote(Memory(at));  // in any slot that was another one's
      notes[at].HandedOver(kMessages[round % 2], round);
    }
  }
}

// What is found is whole: of that address, and its parts belong together.
void Look(std::atomic<bool>& is_over) {
  std::size_t at = 0;
  std::array<std::uint64_t, kNotes> last = {};
  for (int seen = 0; seen < kSeen;) {
    at = (at + 1) % kNotes;
    const auto found = FindNote(kBase + at * kApart + 7);
    if (!found) continue;
    PEER_EXPECT(found->id_high == at);
    PEER_EXPECT(found->begin == kBase + at * kApart);
    PEER_EXPECT(found->protocol_name() == ProtocolOf(at));
    if (found->access != NotedAccess::kHandedOver) continue;
    if (std::exchange(last[at], found->transfer) != found->transfer) ++seen;
    PEER_EXPECT(found->sent_with == kMessages[found->transfer % 2]);
  }
  is_over = true;
}

TEST_CASE("notes are whole, whoever changes them meanwhile") {
  const baton::testing::Watchdog watchdog;
  std::atomic<bool> is_over = false;
  std::thread reader(Look, std::ref(is_over));
  std::array<std::thread, 2> writers = {std::thread(Churn, 0, std::cref(is_over)),
                                        std::thread(Churn, 1, std::cref(is_over))};
  for (std::thread& writer : writers) writer.join();
  reader.join();
  baton::testing::ReportRecordedFailures();
  for (std::size_t at = 0; at < kNotes; ++at) CHECK_FALSE(FindNote(kBase + at * kApart));
}

}  // namespace
}  // namespace baton::internal
