// A stream between two ends in which nothing moves by itself: what one end sends is held, frame by
// frame, until the test lets it through, or for ever when the channel is cut.
//
//   HeldWire wire;
//   BindEndpoint(wire.Parts(0), parent, io.get_executor(), options);    // without rings
//   ...
//   wire.Deliver(0);                     // the oldest frame of end 0 arrives at end 1
//   wire.SetStuck(0, true);              // end 0 cannot send: its frames wait in its own queue
//   wire.Cut();                          // as if both processes had lost the other
//
// One thread. An end that has closed takes nothing any more and lets the other send into the void.
#pragma once

#include <algorithm>
#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <baton/endpoint_value.h>
#include "runtime/channel/frame.h"
#include "runtime/channel/stream.h"
#include "tests/support/must.h"

namespace baton::testing {

// One frame on its way, or the end of the stream.
struct HeldFrame {
  std::vector<std::byte> bytes;
  std::vector<platform::Handle> handles;

  bool is_whole() const {
    return bytes.size() >= internal::kFrameHeaderSize && bytes.size() == size();
  }
  std::size_t size() const { return internal::kFrameHeaderSize + header().length; }
  internal::FrameHeader header() const {
    return Must(internal::DecodeHeader(std::span(bytes).first<internal::kFrameHeaderSize>(),
                                       internal::kMaxStreamPayload));
  }
};

class HeldWire {
 public:
  HeldWire() : state_(std::make_shared<State>()) {}

  // For BindEndpoint, once for each end.
  internal::EndpointParts Parts(int end) {
    internal::EndpointParts parts;
    parts.source = std::make_shared<Source>(state_, end);
    return parts;
  }

  // Frames of `end` that have left it and not arrived.
  std::size_t held(int end) const {
    const auto& held = state_->directions[end].held;
    return held.size() - (!held.empty() && !held.back().is_whole() ? 1 : 0);
  }

  // The oldest of them arrives: which kind it was.
  internal::FrameKind Deliver(int end) {
    Direction& direction = state_->directions[end];
    const auto kind = direction.held.front().header().kind;
    direction.arrived.push_back(std::move(direction.held.front()));
    direction.held.pop_front();
    Wake(direction.reader);
    return kind;
  }

  void SetStuck(int end, bool stuck) {
    state_->directions[end].stuck = stuck;
    if (!stuck) Wake(state_->directions[end].writer);
  }

  // All that is held is lost, and both ends read the end of the stream.
  void Cut() {
    for (Direction& direction : state_->directions) {
      direction.held.clear();
      direction.cut = true;
      Wake(direction.reader);
      Wake(direction.writer);
    }
  }

 private:
  using Ready = internal::Stream::Ready;

  // A wait, which is work of its executor's.
  struct Waiter {
    boost::asio::any_io_executor executor;
    Ready ready;
  };

  struct Direction {
    std::deque<HeldFrame> held;
    std::deque<HeldFrame> arrived;
    std::optional<Waiter> reader;
    std::optional<Waiter> writer;
    bool reader_closed = false;
    bool stuck = false;
    bool cut = false;
  };

  struct State {
    std::array<Direction, 2> directions;  // by the end that sends
  };

  static void Wake(std::optional<Waiter>& waiter) {
    if (!waiter) return;
    boost::asio::post(waiter->executor, std::move(waiter->ready));
    waiter.reset();
  }

  class End final : public internal::Stream {
   public:
    End(std::shared_ptr<State> state, int end, boost::asio::any_io_executor executor)
        : state_(std::move(state)),
          out_(state_->directions[end]),
          in_(state_->directions[1 - end]),
          executor_(std::move(executor)) {}
    ~End() override { Close(); }

    Result<std::size_t> Send(std::span<const std::byte> bytes,
                             std::span<const platform::NativeHandle> handles) override {
      if (out_.cut) return Fail(std::make_error_code(std::errc::broken_pipe));
      if (out_.stuck) return Fail(std::make_error_code(std::errc::operation_would_block));
      if (out_.reader_closed) return bytes.size();
      const auto duplicates = Duplicate(handles);
      if (!duplicates) return Fail(duplicates.error());
      if (out_.held.empty() || out_.held.back().is_whole()) out_.held.emplace_back();
      for (const std::byte byte : bytes) {
        if (out_.held.back().is_whole()) out_.held.emplace_back();
        out_.held.back().bytes.push_back(byte);
      }
      return bytes.size();
    }

    Result<std::size_t> Receive(std::span<std::byte> into,
                                std::vector<platform::Handle>& handles) override {
      if (in_.arrived.empty()) {
        if (in_.cut) return std::size_t{0};
        return Fail(std::make_error_code(std::errc::operation_would_block));
      }
      HeldFrame& frame = in_.arrived.front();
      for (auto& handle : frame.handles) handles.push_back(std::move(handle));
      frame.handles.clear();
      const std::size_t count = std::min(into.size(), frame.bytes.size());
      std::copy_n(frame.bytes.begin(), count, into.begin());
      frame.bytes.erase(frame.bytes.begin(), frame.bytes.begin() + static_cast<long>(count));
      if (frame.bytes.empty()) in_.arrived.pop_front();
      return count;
    }

    void WaitReadable(Ready ready) override {
      in_.reader = Waiter{executor_, std::move(ready)};
      if (!in_.arrived.empty() || in_.cut) Wake(in_.reader);
    }
    void WaitWritable(Ready ready) override {
      out_.writer = Waiter{executor_, std::move(ready)};
      if (!out_.stuck || out_.cut) Wake(out_.writer);
    }
    Events Block(const Wanted&) override { return {}; }  // nobody waits inside a call here

    void Close() override {
      in_.reader_closed = true;
      in_.held.clear();
      in_.arrived.clear();
      in_.reader.reset();
      out_.writer.reset();
    }

   private:
    // To the frame that is being sent: handles come with its first byte or behind it.
    Result<void> Duplicate(std::span<const platform::NativeHandle> natives) {
      if (natives.empty()) return {};
      if (out_.held.empty() || out_.held.back().is_whole()) out_.held.emplace_back();
      for (const platform::NativeHandle native : natives) {
        platform::Handle borrowed(native);
        auto duplicate = borrowed.Duplicate();
        (void)borrowed.Release();
        if (!duplicate) return Fail(duplicate.error());
        out_.held.back().handles.push_back(*std::move(duplicate));
      }
      return {};
    }

    const std::shared_ptr<State> state_;
    Direction& out_;
    Direction& in_;
    const boost::asio::any_io_executor executor_;
  };

  class Source final : public internal::StreamSource {
   public:
    Source(std::shared_ptr<State> state, int end) : state_(std::move(state)), end_(end) {}
    Result<std::unique_ptr<internal::Stream>> Open(
        const boost::asio::any_io_executor& executor) override {
      return std::unique_ptr<internal::Stream>(std::make_unique<End>(state_, end_, executor));
    }

   private:
    const std::shared_ptr<State> state_;
    const int end_;
  };

  const std::shared_ptr<State> state_;
};

}  // namespace baton::testing
