// A peer that does what a script says: the first byte chooses the victim, an actor of echo.idl or
// (with 32) a tree of tree.idl, and its options, then each byte an operation (LyingPeer::Step).
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <baton/base/check.h>

#include "tests/fuzz/channel/allocated_bytes.h"
#include "tests/fuzz/channel/forged_ids.h"
#include "tests/fuzz/channel/forged_ring.h"
#include "tests/fuzz/channel/forger.h"
#include "tests/fuzz/channel/script.h"
#include "tests/fuzz/channel/scripted_stream.h"
#include "tests/fuzz/channel/tree_samples.h"
#include "tests/fuzz/channel/tree_victim.h"
#include "tests/fuzz/channel/victim.h"

namespace baton::fuzz {

// Far more handlers than any input needs, but for those that run between its pieces.
constexpr int kMostRounds = 500'000;

// What a victim and a liar hold at most: frames that wait for endpoints (1 MiB of payload and, with
// what stands around each, three times that), frames that wait for the liar, a script's deeds.
constexpr std::size_t kMostMemory = std::size_t{8} << 20;

// One input: the peer, and the victim it talks to.
class LyingPeer {
 public:
  LyingPeer(boost::asio::io_context& io, const Repertoire& repertoire, Script script)
      : io_(io),
        handles_(repertoire.handles),
        script_(script),
        is_tree_((script_.Peek() & 32) != 0),
        samples_(repertoire.Of(is_tree_)),
        ring_(handles_.ring()) {
    ring_.Clear();
    const std::uint8_t choice = script_.Byte();
    internal::EndpointParts parts;
    parts.source = std::make_shared<ScriptedSource>(pipe_);
    if (is_tree_) {
      Bind<tree::PWindowChild>(std::make_shared<TreeVictim>(world_), std::move(parts), choice);
    } else {
      Bind<tree::PEchoChild>(std::make_shared<Victim>(outcome_), std::move(parts), choice);
    }
    if ((choice & 8) != 0) victim_ = nullptr;  // the channel keeps it
    if ((choice & 16) != 0) SendHello();
  }

  void Play() {
    while (!script_.at_end()) Step();
    Finish();
    CheckOutcome();
  }

 private:
  using Sending = ScriptedPipe::Sending;

  template <class Protocol, class Made>
  void Bind(const std::shared_ptr<Made>& made, internal::EndpointParts parts, std::uint8_t choice) {
    Endpoint<Protocol> endpoint(std::move(parts));
    BATON_CHECK(std::move(endpoint).Bind(made, io_.get_executor(), OptionsOf(choice)));
    victim_ = made;
    weak_victim_ = victim_;
  }

  void Step() {
    switch (const std::uint8_t operation = script_.Byte(); operation % 20) {
      case 0: return Run(kMostRounds);
      case 1: return Run(1 + operation / 20);
      case 2:
      case 3:
      case 4:
      case 5: return SendFrame(operation / 20);
      case 6: return ring_.Publish();
      case 7: return Send(script_.Bytes(script_.Byte()));
      case 8: return Send(std::vector<std::byte>(script_.Byte() * std::size_t{64}));  // doorbells
      case 9: return ring_.SetWord(operation / 20, script_.Number());
      case 10: return ring_.SetWord(operation / 20, ring_.word(operation / 20) + script_.Number());
      case 11: {
        const std::size_t at = script_.Number();
        return ring_.Write(at, script_.Bytes(script_.Byte() % 64));
      }
      case 12: return AttachHandle();
      case 13: return VictimActs(operation / 20);
      case 14: return SetSending(static_cast<Sending>(operation / 20 % 5));
      case 15: return LieAsReader(operation / 20);
      case 16: return (void)(piece_ = script_.Byte());
      case 17: return RepeatFrame();
      case 18: {
        const int reset = operation / 20 % 2 == 0 ? 0 : ECONNRESET;
        return pipe_->End({reset, std::system_category()});
      }
      default: return SendHello();
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

  void SetSending(Sending how) {
    broke_ |= how == Sending::kIsBroken;
    pipe_->SetSending(how);
  }

  void SendHello() {
    const Sample& hello = samples_.Of(0);
    auto header = hello.header;
    if (script_.Byte() % 4 != 0) {
      attached_.push_back(handles_.CopyOf(1));
      header.handles = 1;
    }
    header.sequence = ++sequences_[0];
    header.length = static_cast<std::uint32_t>(hello.payload.size());
    Emit(header, hello.payload, Path::kStream);
  }

  // --- Frames
  // -------------------------------------------------------------------------------------
  enum class Path : std::uint8_t { kStream, kRing, kOtherRing };

  // One byte says which message, one by which path and what is wrong with it.
  void SendFrame(std::uint8_t handles) {
    const Sample& sample = samples_.Of(script_.Byte());
    const std::uint8_t how = script_.Byte();
    auto header = sample.header;
    auto payload = sample.payload;
    if (sample.reference != 0) {
      const std::uint64_t id = (how & 64) != 0 ? script_.Byte() : ++last_memory_;
      std::memcpy(payload.data() + sample.reference + sizeof(id), &id, sizeof(id));
      if (handles < 8) attached_.push_back(handles_.CopyOf(0));
    }
    if (header.call != 0 && header.kind == internal::FrameKind::kMessage) header.call = ++calls_;
    if (internal::IsAnswer(header.kind)) header.call = ++answers_;
    if (is_tree_) ids_.Fill(sample, header, payload, script_);
    if ((how & 4) != 0) Mutate(payload);
    if ((how & 8) != 0) payload.resize(script_.Number() % 20'000);
    if ((how & 16) != 0) Carry(header, payload);
    header.sequence = ++sequences_[header.lane == internal::Lane::kData ? 1 : 0];
    header.length = static_cast<std::uint32_t>(payload.size());
    if ((how & 32) != 0) LieInHeader(header, script_);
    const bool publish = (how & 128) == 0;
    Emit(header, payload, static_cast<Path>(how % 4 % 3));
    if (publish) ring_.Publish();
  }

  void Mutate(std::vector<std::byte>& payload) {
    for (int count = script_.Byte() % 4; count >= 0 && !payload.empty(); --count) {
      const std::size_t at = script_.Byte() % payload.size();
      payload[at] = static_cast<std::byte>(script_.Byte());
    }
  }

  // What carried memory holds is a valid payload for Echo, and for the deletion of a tab.
  void Carry(internal::FrameHeader& header, std::vector<std::byte>& payload) {
    std::uint64_t size = handles_.carried_size();
    if (const std::uint8_t lie = script_.Byte(); lie > 200) size = script_.Number();
    attached_.insert(attached_.begin(), handles_.CopyOf(2));
    header.flags = internal::kCarried;
    ++header.handles;
    payload.resize(sizeof(size));
    std::memcpy(payload.data(), &size, sizeof(size));
  }

  void Emit(const internal::FrameHeader& header, std::span<const std::byte> payload, Path path) {
    const auto head = internal::EncodeHeader(header);
    last_frame_.assign(head.begin(), head.end());
    last_frame_.insert(last_frame_.end(), payload.begin(), payload.end());
    if (path == Path::kStream) return Send(last_frame_);
    const bool is_data = header.lane == internal::Lane::kData;
    const bool into_data = is_data == (path == Path::kRing);
    ring_.Append(into_data ? internal::Lane::kData : internal::Lane::kControl, last_frame_);
  }

  void RepeatFrame() {
    std::vector<std::byte> many;
    for (int count = script_.Byte(); count >= 0; --count) {
      many.insert(many.end(), last_frame_.begin(), last_frame_.end());
    }
    Send(many);
  }

  // All that is attached travels with the first byte; in pieces, when the script wants that.
  void Send(std::span<const std::byte> bytes) {
    if (pipe_->is_closed) return attached_.clear();
    while (!bytes.empty()) {
      const std::size_t count = piece_ == 0 ? bytes.size() : std::min(piece_, bytes.size());
      const auto piece = bytes.first(count);
      pipe_->Push({{piece.begin(), piece.end()}, std::exchange(attached_, {})});
      bytes = bytes.subspan(count);
      if (piece_ == 0 || pipe_->incoming.size() <= 64) continue;
      ++most_rounds_;
      Run(1);
    }
  }

  void AttachHandle() {
    if (attached_.size() >= 64) return;
    const std::uint8_t choice = script_.Byte();
    if (choice == 255 && pipe_->first_handle) {
      attached_.push_back(Handles::Copy(pipe_->first_handle));
    } else {
      attached_.push_back(handles_.CopyOf(choice));
    }
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
    world_.LetGo();
    Run(kMostRounds);
    Run(kMostRounds);  // behind an exception
    world_.LetGo();
  }

  void CheckOutcome() {
    BATON_CHECK(outcome_.destroyed == 1);
    BATON_CHECK(outcome_.asked == outcome_.answered);
    BATON_CHECK(weak_victim_.expired() && world_.objects == 0);
    BATON_CHECK(pipe_.use_count() == 1);
    if (outcome_.reason == ActorDestroyReason::kNormalShutdown) return;
    BATON_CHECK(outcome_.reason == ActorDestroyReason::kAbnormalShutdown);
    BATON_CHECK(static_cast<bool>(outcome_.error));
    const bool is_fault = outcome_.error == Cause::kPeerFault;
    const bool is_gone = outcome_.error == Errc::kPeerDied && (!ended_early_ || broke_);
    BATON_CHECK(is_fault || is_gone || outcome_.has_thrown);
  }

  boost::asio::io_context& io_;
  const Handles& handles_;
  Script script_;
  const bool is_tree_;
  const Samples& samples_;
  Outcome outcome_;
  TreeWorld world_{outcome_};
  ForgedIds ids_{world_};
  std::shared_ptr<ScriptedPipe> pipe_ = std::make_shared<ScriptedPipe>();
  std::shared_ptr<AnyVictim> victim_;
  std::weak_ptr<AnyVictim> weak_victim_;
  ForgedRing ring_;
  platform::Mapping victims_memory_;
  std::vector<platform::Handle> attached_;
  std::vector<std::byte> last_frame_;
  std::size_t piece_ = 0;
  std::uint64_t sequences_[2] = {0, 0};
  std::uint64_t calls_ = 0;
  std::uint64_t answers_ = 0;
  std::uint64_t last_memory_ = 0;
  const std::size_t allocated_before_ = AllocatedBytes();
  int rounds_ = 0;
  int most_rounds_ = kMostRounds;
  bool ended_early_ = false;
  bool broke_ = false;
};

}  // namespace baton::fuzz
