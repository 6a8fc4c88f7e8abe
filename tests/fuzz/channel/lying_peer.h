// A peer that does what a script says: the first byte chooses the victim (Who) and its options,
// then each byte an operation (LyingPeer::Step).
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <baton/base/check.h>

#include "tests/fuzz/channel/allocated_bytes.h"
#include "tests/fuzz/channel/lying_frames.h"

namespace baton::fuzz {

// Far more handlers than any input needs, but for those that run between its pieces.
constexpr int kMostRounds = 500'000;

// What a victim and a liar hold at most: frames that wait for endpoints (1 MiB of payload and, with
// what stands around each, three times that), frames that wait for the liar, a script's deeds.
constexpr std::size_t kMostMemory = std::size_t{8} << 20;

// How deep handlers run the loop inside of each other.
constexpr int kDeepestLoop = 8;

// One input: the peer, and the victim it talks to.
class LyingPeer {
 public:
  LyingPeer(boost::asio::io_context& io, const Repertoire& repertoire, Script script)
      : io_(io),
        script_(script),
        who_(WhoOf(script_.Peek())),
        world_(MakeWorld(who_, outcome_, io.get_executor())),
        frames_(who_, repertoire, *world_, script_, pipe_, [this] { MakeRoom(); }) {
    const std::uint8_t choice = script_.Byte();
    world_->run_inside = [this] { RunInside(); };
    pipe_->while_blocked = [this] { StepInside(); };
    MakeVictim(who_, *world_, [&](const auto& made) {
      internal::EndpointParts parts;
      parts.source = std::make_shared<ScriptedSource>(pipe_);
      BATON_CHECK(
          internal::BindEndpoint(std::move(parts), made, io_.get_executor(), OptionsOf(choice)));
      victim_ = made;
    });
    weak_victim_ = victim_;
    if ((choice & 8) != 0) victim_ = nullptr;  // the channel keeps it
    if ((choice & 16) != 0) frames_.SendHello();
  }

  void Play() {
    while (!script_.at_end()) Step();
    Finish();
    CheckOutcome();
  }

 private:
  using Sending = ScriptedPipe::Sending;

  void Step() {
    ForgedRing& ring = frames_.ring();
    switch (const std::uint8_t operation = script_.Byte(); operation % 20) {
      case 0: return Run(kMostRounds);
      case 1: return Run(1 + operation / 20);
      case 2:
      case 3:
      case 4:
      case 5: return frames_.SendFrame(operation / 20);
      case 6: return ring.Publish();
      case 7: return frames_.Send(script_.Bytes(script_.Byte()));
      case 8: return frames_.Send(std::vector<std::byte>(script_.Byte() * std::size_t{64}));
      case 9: return ring.SetWord(operation / 20, script_.Number());
      case 10: return ring.SetWord(operation / 20, ring.word(operation / 20) + script_.Number());
      case 11: {
        const std::size_t at = script_.Number();
        return ring.Write(at, script_.Bytes(script_.Byte() % 64));
      }
      case 12: return frames_.AttachHandle();
      case 13: return VictimActs(operation / 20);
      case 14: return SetSending(static_cast<Sending>(operation / 20 % 5));
      case 15: return LieAsReader(operation / 20);
      case 16: return frames_.SetPiece(script_.Byte());
      case 17: return frames_.RepeatFrame();
      case 18: {
        const int reset = operation / 20 % 2 == 0 ? 0 : ECONNRESET;
        return pipe_->End({reset, std::system_category()});
      }
      default:
        if (who_ == Who::kMeet && operation / 20 % 2 == 1) return frames_.far_ends().Speak(script_);
        return frames_.SendHello();
    }
  }

  void Run(int rounds) {
    io_.restart();
    try {
      while (rounds-- > 0 && io_.poll_one() > 0) BATON_CHECK(++rounds_ < most_rounds_);
    } catch (const Thrown&) {
    }
    if (pipe_->incoming.empty()) BATON_CHECK(AllocatedBytes() < allocated_before_ + kMostMemory);
  }
  void MakeRoom() {
    if (inside_ > 0) return;
    ++most_rounds_;
    Run(1);
  }

  // --- While the victim waits, or is in a handler
  // ------------------------------------------------- One operation; nothing that would run the
  // victim's loop, or itself. Behind the end of the script nothing comes any more.
  void StepInside() {
    Reached("the script goes on while the victim blocks");
    if (script_.at_end()) return pipe_->End({});
    const std::uint8_t operation = script_.Peek() % 20;
    if (operation < 2 || operation == 13) return (void)script_.Byte();
    ++inside_;
    Step();
    --inside_;
  }
  void RunInside() {
    if (loops_ >= kDeepestLoop) return;
    const Deeper deeper(loops_);
    StepInside();
    for (int count = 0; count < 8 && io_.poll_one() > 0; ++count) {
    }
  }
  struct Deeper {
    explicit Deeper(int& of) : depth(of) { ++depth; }
    ~Deeper() { --depth; }
    int& depth;
  };

  void SetSending(Sending how) {
    broke_ |= how == Sending::kIsBroken;
    pipe_->SetSending(how);
  }

  // --- The victim, and its own ring
  // ---------------------------------------------------------------
  void VictimActs(int choice) {
    const auto victim = weak_victim_.lock();
    if (victim == nullptr || outcome_.destroyed != 0) return;
    if (choice == 3) return (void)(victim_ = nullptr);
    try {
      victim->Act(choice, script_);
    } catch (const Thrown&) {
    }
  }

  // The words of the ring that the victim writes, as its reader may have them.
  void LieAsReader(int choice) {
    if (!pipe_->first_handle) return;
    if (!victims_memory_) {
      const std::size_t size = internal::RingMemorySize(internal::kSmallestDataRing);
      auto memory = platform::SharedMemory::AdoptRing(Handles::Copy(pipe_->first_handle), size);
      if (!memory) return;
      auto mapping = memory->Map();
      if (!mapping) return;
      victims_memory_ = *std::move(mapping);
    }
    ForgedRing ring(victims_memory_.bytes());
    if (choice < 4) return ring.TakeAll();
    if (choice < 7) return ring.SetWord(4, script_.Byte());  // asleep or not
    ring.SetWord(script_.Byte(), script_.Number());
  }

  // --- The end
  // ------------------------------------------------------------------------------------
  void Finish() {
    ended_early_ = outcome_.destroyed != 0 && !pipe_->has_ended;
    pipe_->SetSending(Sending::kTakesAll);
    pipe_->End({});
    victim_ = nullptr;
    frames_.far_ends().CloseAll();
    world_->LetGo();
    Run(kMostRounds);
    Run(kMostRounds);  // behind an exception
    world_->LetGo();
    Run(kMostRounds);
    pipe_->while_blocked = nullptr;
  }

  void CheckOutcome() {
    BATON_CHECK(outcome_.destroyed == 1);
    BATON_CHECK(outcome_.asked == outcome_.answered);
    BATON_CHECK(weak_victim_.expired() && world_->objects == 0);
    BATON_CHECK(pipe_.use_count() == 2);  // the frames' and ours
    if (outcome_.reason == ActorDestroyReason::kNormalShutdown) return;
    BATON_CHECK(outcome_.reason == ActorDestroyReason::kAbnormalShutdown);
    BATON_CHECK(static_cast<bool>(outcome_.error));
    const bool is_fault = outcome_.error == Cause::kPeerFault;
    const bool is_gone = outcome_.error == Errc::kPeerDied && (!ended_early_ || broke_);
    BATON_CHECK(is_fault || is_gone || outcome_.has_thrown);
  }

  boost::asio::io_context& io_;
  Script script_;
  const Who who_;
  Outcome outcome_;
  const std::shared_ptr<ScriptedPipe> pipe_ = std::make_shared<ScriptedPipe>();
  const std::unique_ptr<World> world_;
  LyingFrames frames_;
  std::shared_ptr<AnyVictim> victim_;
  std::weak_ptr<AnyVictim> weak_victim_;
  platform::Mapping victims_memory_;
  const std::size_t allocated_before_ = AllocatedBytes();
  int rounds_ = 0;
  int most_rounds_ = kMostRounds;
  int inside_ = 0;  // operations while the victim blocks
  int loops_ = 0;   // of handlers, inside of each other
  bool ended_early_ = false;
  bool broke_ = false;
};

}  // namespace baton::fuzz
