// What a liar writes: frames by stream and ring, right or wrong, as a script says.
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "tests/fuzz/channel/far_ends.h"
#include "tests/fuzz/channel/forged_ids.h"
#include "tests/fuzz/channel/forged_ring.h"
#include "tests/fuzz/channel/forger.h"
#include "tests/fuzz/channel/script.h"
#include "tests/fuzz/channel/scripted_stream.h"
#include "tests/fuzz/channel/victims.h"

namespace baton::fuzz {

// Of one input. What is sent after that comes whole: each piece is a turn of its reader's, and an
// input has seconds.
inline constexpr int kMostPieces = 100'000;

class LyingFrames {
 public:
  // `make_room` is called when much waits in the pipe.
  LyingFrames(Who victim, const Repertoire& repertoire, const World& world, Script& script,
              std::shared_ptr<ScriptedPipe> pipe, std::function<void()> make_room)
      : samples_(repertoire.For(victim)),
        handles_(repertoire.handles),
        speaks_of_actors_(victim != Who::kEcho),
        is_child_(PeerOf(victim) == Side::kChild),
        script_(script),
        pipe_(std::move(pipe)),
        make_room_(std::move(make_room)),
        ids_(world, PeerOf(victim)),
        far_ends_(repertoire.talk, repertoire.handles),
        ring_(handles_.ring()) {
    ring_.Clear();
  }

  ForgedRing& ring() { return ring_; }
  FarEnds& far_ends() { return far_ends_; }
  void SetPiece(std::size_t piece) { piece_ = piece; }

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

  // One byte says which message, one by which path and what is wrong with it.
  void SendFrame(std::uint8_t handles) {
    const Sample& sample = samples_.Of(script_.Byte());
    const std::uint8_t how = script_.Byte();
    auto header = sample.header;
    auto payload = sample.payload;
    if (sample.reference != 0) {
      const std::uint64_t id = (how & 64) != 0 ? script_.Byte() : ++last_memory_;
      std::memcpy(payload.data() + sample.reference + sizeof(id), &id, sizeof(id));
      if (is_child_) payload[sample.reference + 7] |= std::byte{0x80};  // of a child's making
    }
    if (handles < 8) AttachWhatBelongs(sample);
    if (header.call != 0 && header.kind == internal::FrameKind::kMessage) header.call = ++calls_;
    if (sample.is_of_loan) {
      header.call = internal::kLoanCall + ++loans_[internal::IsAnswer(header.kind) ? 1 : 0];
    } else if (internal::IsAnswer(header.kind)) {
      header.call = ++answers_;
    }
    if (speaks_of_actors_ && !sample.is_of_loan) ids_.Fill(sample, header, payload, script_);
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
      const bool is_whole = piece_ == 0 || pieces_ >= kMostPieces;
      const std::size_t count = is_whole ? bytes.size() : std::min(piece_, bytes.size());
      ++pieces_;
      const auto piece = bytes.first(count);
      pipe_->Push({{piece.begin(), piece.end()}, std::exchange(attached_, {})});
      bytes = bytes.subspan(count);
      if (piece_ != 0 && pipe_->incoming.size() > 64) make_room_();
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

 private:
  enum class Path : std::uint8_t { kStream, kRing, kOtherRing };

  void AttachWhatBelongs(const Sample& sample) {
    for (const wire::Kind kind : sample.handles) {
      switch (kind) {
        case wire::Kind::kEndpoint: attached_.push_back(far_ends_.New()); break;
        case wire::Kind::kFileDescriptor:
          attached_.push_back(handles_.CopyOf(sample.is_of_loan ? 1 : 8));  // a ring
          break;
        default: attached_.push_back(handles_.CopyOf(0)); break;
      }
    }
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

  const Samples& samples_;
  const Handles& handles_;
  const bool speaks_of_actors_;
  const bool is_child_;
  Script& script_;
  const std::shared_ptr<ScriptedPipe> pipe_;
  const std::function<void()> make_room_;
  ForgedIds ids_;
  FarEnds far_ends_;
  ForgedRing ring_;
  std::vector<platform::Handle> attached_;
  std::vector<std::byte> last_frame_;
  std::size_t piece_ = 0;
  int pieces_ = 0;
  std::uint64_t sequences_[2] = {0, 0};
  std::uint64_t calls_ = 0;
  std::uint64_t answers_ = 0;
  std::uint64_t loans_[2] = {0, 0};  // asked for, and lent
  std::uint64_t last_memory_ = 0;
};

}  // namespace baton::fuzz
