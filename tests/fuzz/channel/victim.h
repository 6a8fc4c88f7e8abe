// The actor that a fuzzer lies to, and what became of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <system_error>

#include <baton/async.h>

#include "runtime/channel/ring.h"
#include "tests/fuzz/channel/script.h"
#include "tests/process/echo_actors.h"

namespace baton::fuzz {

constexpr std::size_t kMemorySize = 4096;

// What an id stands for: of tree.idl, the top-level actor and its slots of queue.idl and meet.idl
// as well; of sync.idl. An endpoint is for a tab, or for a room.
enum class TreeKind : std::uint8_t {
  kWindow,
  kTab,
  kFrame,
  kPlain,
  kEndpoint,
  kPart,
  kRoom,
  kDesk,
  kVault,
  kRoomEndpoint,
};
constexpr std::size_t kTreeKinds = 10;

struct Thrown {};

// What has become of the victim, who may be gone by now.
struct Outcome {
  int destroyed = 0;
  ActorDestroyReason reason = {};
  std::error_code error;
  bool closed_itself = false;
  bool has_thrown = false;
  int asked = 0;
  int answered = 0;
};

class AnyVictim {
 public:
  virtual ~AnyVictim() = default;
  // One of 13 things that it does by itself; how is up to the script.
  virtual void Act(int choice, Script& script) = 0;
};

class Victim final : public testing::EchoChild, public AnyVictim {
 public:
  explicit Victim(Outcome& outcome) : outcome_(outcome) {}

  void Act(int choice, Script& script) override {
    switch (choice) {
      case 0: return Ask();
      case 1: return AwaitRoom();
      case 2: return CloseNow();
      case 4: {
        const HoldBack together(*this);
        for (int count = script.Byte(); count >= 0; --count) (void)SendCounted(1);
        return;
      }
      case 5: {
        auto memory = AllocShmem(kMemorySize);
        (void)memory;
        return;
      }
      default:
        for (int count = script.Byte() * 8; count >= 0; --count) (void)SendCounted(2);
    }
  }

 private:
  void Ask() {
    ++outcome_.asked;
    SendPing(
        1, [&outcome = outcome_](boost::system::error_code, std::uint64_t) { ++outcome.answered; });
  }
  void AwaitRoom() {
    ++outcome_.asked;
    Drained([&outcome = outcome_](boost::system::error_code) { ++outcome.answered; });
  }
  void CloseNow() {
    outcome_.closed_itself = true;
    Close();
  }

  Result<void> RecvCloseYourself() override {
    CloseNow();
    return {};
  }
  Result<void> RecvDieNow() override {
    outcome_.has_thrown = true;
    throw Thrown();
  }
  void ActorDestroy(ActorDestroyReason reason) override {
    ++outcome_.destroyed;
    outcome_.reason = reason;
    outcome_.error = close_error();
  }

  Outcome& outcome_;
};

// Who is lied to: the highest bits of a script's first byte.
enum class Who : std::uint8_t {
  kEcho,
  kTree,
  kSyncChild,   // who waits for answers, and answers inside of that
  kTreeOfFew,   // max_actors is 4
  kQueueChild,  // priorities, compression, the loop inside of a handler
  kSyncParent,  // who answers those who wait, and asks back
  kMeet,        // endpoints
  kQueueParent  // lazy messages, answers with priorities, deadlines
};
inline Who WhoOf(std::uint8_t choice) {
  return static_cast<Who>(choice / 32);
}

inline ChannelOptions OptionsOf(std::uint8_t choice) {
  ChannelOptions options;
  options.ring_bytes = (choice & 1) != 0 ? internal::kSmallestDataRing : 0;
  options.max_spin = std::chrono::microseconds((choice & 2) != 0 ? 20 : 0);
  if ((choice & 4) != 0) {
    options.max_message_bytes = 4096;
    options.max_queued_bytes = 1000;
    options.max_queued_messages = 8;
    options.max_queued_handles = 2;
    options.max_shmem_count = 4;
  }
  options.lends_memory = LendsMemory::kToAnyone;
  options.max_lent_bytes = 64 * kMemorySize;
  if (WhoOf(choice) == Who::kTreeOfFew) {
    options.max_actors = 4;
    options.memory_from = MemorySource::kPeer;
    options.memory_deadline = {};  // waiting is for others
  }
  return options;
}

}  // namespace baton::fuzz
