// The liar's ends of the channels that it gives away, and what it says over them: introductions and
// messages, as they should be or not.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include <baton/platform/local_socket.h>

#include "tests/fuzz/channel/forger.h"
#include "tests/fuzz/channel/meet_samples.h"
#include "tests/fuzz/channel/script.h"

namespace baton::fuzz {

class FarEnds {
 public:
  FarEnds(const TalkSamples& samples, const Handles& handles)
      : samples_(samples), handles_(handles) {}

  // The end to give away; empty when the system is short of something. The oldest of too many of
  // ours is closed.
  platform::Handle New() {
    auto two = platform::CreateSocketPair();
    if (!two) return {};
    if (ends_.size() == kMost) ends_.pop_front();
    ends_.push_back({std::move(two->first), {}});
    return std::move(two->second);
  }

  // One byte says over which end, or that it is closed; one what, and one what is wrong with it.
  void Speak(Script& script) {
    const std::uint8_t which = script.Byte();
    if (ends_.empty()) return;
    const std::size_t back = which / 2 % ends_.size();
    End& end = ends_[ends_.size() - 1 - back];
    if (which % 2 == 1) return (void)ends_.erase(ends_.end() - 1 - std::ptrdiff_t(back));
    const Sample& sample = samples_.Of(script.Byte());
    const std::uint8_t lie = script.Byte();
    auto header = sample.header;
    header.sequence = ++end.sequences[header.lane == internal::Lane::kData ? 1 : 0];
    header.length = static_cast<std::uint32_t>(sample.payload.size());
    if (lie % 4 == 1) LieInHeader(header, script);
    auto payload = sample.payload;
    if (lie % 4 == 2 && !payload.empty()) payload[script.Byte() % payload.size()] ^= std::byte{1};
    if (sample.reference != 0) payload[sample.reference + 8] = std::byte(++memory_);
    const auto head = internal::EncodeHeader(header);
    payload.insert(payload.begin(), head.begin(), head.end());
    if (lie % 4 == 3) payload.resize(1 + script.Byte() % payload.size());
    const platform::Handle memory =
        sample.handles.empty() ? platform::Handle() : handles_.CopyOf(0);
    const platform::NativeHandle natives[] = {memory.get()};
    (void)platform::SendSome(end.socket, payload, std::span(natives).first(memory ? 1 : 0));
  }

  void CloseAll() { ends_.clear(); }

 private:
  static constexpr std::size_t kMost = 16;

  struct End {
    platform::Handle socket;
    std::array<std::uint64_t, 2> sequences;
  };

  const TalkSamples& samples_;
  const Handles& handles_;
  std::deque<End> ends_;
  std::uint8_t memory_ = 0;
};

}  // namespace baton::fuzz
