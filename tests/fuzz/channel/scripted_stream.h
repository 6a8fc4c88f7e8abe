// A stream whose other end is a script in the same thread: no socket, no system call but those for
// handles. What it does is at the limits of what Stream promises.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <deque>
#include <functional>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include "runtime/channel/stream.h"

namespace baton::fuzz {

// The script's end.
struct ScriptedPipe {
  struct Segment {
    std::vector<std::byte> bytes;
    std::vector<platform::Handle> handles;  // come with the first byte
  };
  enum class Sending : std::uint8_t { kTakesAll, kTakesOneByte, kIsFull, kIsShort, kIsBroken };

  void Push(Segment segment) {
    if (segment.bytes.empty() || is_closed) return;
    incoming.push_back(std::move(segment));
    WakeReader();
  }
  void End(std::error_code error) {
    if (has_ended) return;
    has_ended = true;
    end_error = error;
    WakeReader();
  }
  void SetSending(Sending how) {
    sending = how;
    if (sending != Sending::kIsFull) Wake(writer);
  }

  void WakeReader() {
    if (!incoming.empty() || has_ended) Wake(reader);
  }
  void Wake(internal::Stream::Ready& ready) {
    if (ready) boost::asio::post(executor, [run = std::exchange(ready, nullptr)] { run(); });
  }

  boost::asio::any_io_executor executor;  // of the victim, from Open on
  std::deque<Segment> incoming;
  bool is_closed = false;  // by the victim: nothing is kept for it any more
  bool has_ended = false;
  std::error_code end_error;
  Sending sending = Sending::kTakesAll;
  platform::Handle first_handle;  // of what the victim has sent: its ring
  internal::Stream::Ready reader;
  internal::Stream::Ready writer;
  // What happens while the victim blocks; nothing: it looks again.
  std::function<void()> while_blocked = [] {};
};

class ScriptedStream final : public internal::Stream {
 public:
  explicit ScriptedStream(std::shared_ptr<ScriptedPipe> pipe) : pipe_(std::move(pipe)) {}
  ~ScriptedStream() override { Close(); }

  Result<std::size_t> Send(std::span<const std::byte> bytes,
                           std::span<const platform::NativeHandle> handles) override {
    using Sending = ScriptedPipe::Sending;
    switch (pipe_->sending) {
      case Sending::kIsFull: return Fail(std::make_error_code(std::errc::operation_would_block));
      case Sending::kIsShort: return Fail(std::error_code(ETOOMANYREFS, std::system_category()));
      case Sending::kIsBroken: return Fail(std::make_error_code(std::errc::broken_pipe));
      case Sending::kTakesAll:
      case Sending::kTakesOneByte: break;
    }
    if (!handles.empty() && !pipe_->first_handle) {
      platform::Handle borrowed(handles.front());
      auto copy = borrowed.Duplicate();
      (void)borrowed.Release();
      if (copy) pipe_->first_handle = *std::move(copy);
    }
    return pipe_->sending == Sending::kTakesOneByte ? 1 : bytes.size();
  }

  // As a socket: bytes up to the next ones that have handles with them.
  Result<std::size_t> Receive(std::span<std::byte> into,
                              std::vector<platform::Handle>& handles) override {
    if (pipe_->incoming.empty()) {
      if (!pipe_->has_ended) return Fail(std::make_error_code(std::errc::operation_would_block));
      if (pipe_->end_error) return Fail(std::exchange(pipe_->end_error, {}));
      return std::size_t{0};
    }
    auto& [bytes, its_handles] = pipe_->incoming.front();
    for (platform::Handle& handle : its_handles) handles.push_back(std::move(handle));
    its_handles.clear();
    const std::size_t count = std::min(into.size(), bytes.size());
    std::copy_n(bytes.begin(), count, into.begin());
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count));
    if (bytes.empty()) pipe_->incoming.pop_front();
    return count;
  }

  void WaitReadable(Ready ready) override {
    pipe_->reader = std::move(ready);
    pipe_->WakeReader();
  }
  void WaitWritable(Ready ready) override {
    pipe_->writer = std::move(ready);
    if (pipe_->sending != ScriptedPipe::Sending::kIsFull) pipe_->Wake(pipe_->writer);
  }

  Events Block(const Wanted&) override {
    pipe_->while_blocked();
    return {.has_ended = pipe_->has_ended};
  }

  void Close() override {
    const auto pipe = std::exchange(pipe_, nullptr);
    if (pipe == nullptr) return;
    pipe->is_closed = true;
    pipe->incoming.clear();
    const Ready dropped[] = {std::exchange(pipe->reader, nullptr),
                             std::exchange(pipe->writer, nullptr)};
  }

 private:
  std::shared_ptr<ScriptedPipe> pipe_;  // null once closed
};

class ScriptedSource final : public internal::StreamSource {
 public:
  explicit ScriptedSource(std::shared_ptr<ScriptedPipe> pipe) : pipe_(std::move(pipe)) {}

  Result<std::unique_ptr<internal::Stream>> Open(
      const boost::asio::any_io_executor& executor) override {
    pipe_->executor = executor;
    return std::unique_ptr<internal::Stream>(std::make_unique<ScriptedStream>(pipe_));
  }

 private:
  std::shared_ptr<ScriptedPipe> pipe_;
};

}  // namespace baton::fuzz
