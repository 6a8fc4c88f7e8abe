// The actor that a fuzzer lies to, and what became of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <system_error>

#include <baton/async.h>

#include "runtime/channel/ring.h"
#include "tests/process/echo_actors.h"

namespace baton::fuzz {

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

class Victim final : public testing::EchoChild {
 public:
  explicit Victim(Outcome& outcome) : outcome_(outcome) {}

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

 private:
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
  return options;
}

}  // namespace baton::fuzz
