#include "runtime/channel/in_process_stream.h"

#include <algorithm>
#include <array>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <deque>
#include <mutex>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <baton/platform/local_socket.h>

namespace baton::internal {
namespace {

// Somebody who waits on an executor. The wait counts as work there: run() does not return.
class Waiter {
 public:
  Waiter(const boost::asio::any_io_executor& executor, Stream::Ready ready)
      : executor_(boost::asio::prefer(executor, boost::asio::execution::outstanding_work.tracked)),
        ready_(std::move(ready)) {}

  void Post() && {
    boost::asio::post(executor_, [ready = std::move(ready_)] { ready(); });
  }

 private:
  boost::asio::any_io_executor executor_;
  Stream::Ready ready_;
};

// Handles that came with the byte at `position` of the direction.
struct Parcel {
  std::uint64_t position;
  std::vector<platform::Handle> handles;
};

struct Direction {
  std::array<std::byte, kInProcessBytes> bytes;
  std::uint64_t written = 0;
  std::uint64_t read = 0;
  std::deque<Parcel> parcels;
  std::size_t handles = 0;
  bool write_end_closed = false;
  bool read_end_closed = false;
  std::optional<Waiter> reader;  // guarded like everything here by the pipe's lock
  std::optional<Waiter> writer;

  std::size_t room() const { return bytes.size() - static_cast<std::size_t>(written - read); }
  bool is_readable() const { return written != read || write_end_closed; }
  bool is_writable() const {
    const bool has_room = room() >= bytes.size() / 2 && handles <= kInProcessHandles / 2;
    return has_room || read_end_closed;
  }
};

}  // namespace

// Both directions; side s writes directions[s].
struct InProcessPipe {
  std::mutex mutex;
  std::condition_variable news;  // for those who block, of whom there are few
  Direction directions[2];
};

namespace {

// Foreign: somebody may pass on what has come to him from another process.
Result<std::vector<platform::Handle>> DuplicateAll(
    std::span<const platform::NativeHandle> natives) {
  std::vector<platform::Handle> duplicates;
  for (const platform::NativeHandle native : natives) {
    platform::Handle borrowed(native);
    auto duplicate = borrowed.Duplicate();
    (void)borrowed.Release();  // the caller's
    if (!duplicate) return Fail(duplicate.error());
    duplicates.push_back(platform::Handle::Foreign(duplicate->Release()));
  }
  return duplicates;
}

// Under the lock: as long as somebody waits, the executor's io_context is there.
void Wake(std::optional<Waiter>& waiter) {
  if (waiter) std::move(*std::exchange(waiter, std::nullopt)).Post();
}

class InProcessStream;

// Lets go of what waits on an io_context that goes away; nobody else would.
class OpenStreams final : public boost::asio::execution_context::service {
 public:
  using key_type = OpenStreams;
  static inline boost::asio::execution_context::id id;

  explicit OpenStreams(boost::asio::execution_context& context) : service(context) {}
  void Add(InProcessStream* stream);
  void Remove(InProcessStream* stream);

 private:
  void shutdown() override;

  std::mutex mutex_;
  std::set<InProcessStream*> streams_;
};

class InProcessStream final : public Stream {
 public:
  InProcessStream(std::shared_ptr<InProcessPipe> pipe, int side,
                  const boost::asio::any_io_executor& executor)
      : pipe_(std::move(pipe)),
        side_(side),
        executor_(executor),
        open_streams_(boost::asio::use_service<OpenStreams>(
            boost::asio::query(executor, boost::asio::execution::context))) {
    open_streams_.Add(this);
  }
  ~InProcessStream() override { Close(); }

  Result<std::size_t> Send(std::span<const std::byte> bytes,
                           std::span<const platform::NativeHandle> handles) override {
    if (handles.size() > platform::kMaxHandlesPerSend) return Fail(Errc::kTooManyHandles);
    BATON_TRY(auto duplicates, DuplicateAll(handles));
    const std::lock_guard lock(pipe_->mutex);
    Direction& out = pipe_->directions[side_];
    if (out.read_end_closed) return Fail(std::make_error_code(std::errc::broken_pipe));
    const std::size_t count = std::min(bytes.size(), out.room());
    if (count == 0 || out.handles + duplicates.size() > kInProcessHandles) {
      return Fail(std::make_error_code(std::errc::operation_would_block));
    }
    if (!duplicates.empty()) {
      out.handles += duplicates.size();
      out.parcels.push_back({out.written, std::move(duplicates)});
    }
    Copy(out, bytes.first(count));
    Wake(out.reader);
    pipe_->news.notify_all();
    return count;
  }

  // As a socket: bytes up to the next ones that have handles with them.
  Result<std::size_t> Receive(std::span<std::byte> into,
                              std::vector<platform::Handle>& handles) override {
    const std::lock_guard lock(pipe_->mutex);
    Direction& in = pipe_->directions[1 - side_];
    if (in.read == in.written) {
      if (in.write_end_closed) return std::size_t{0};
      return Fail(std::make_error_code(std::errc::operation_would_block));
    }
    TakeHandles(in, handles);
    const std::uint64_t end = in.parcels.empty() ? in.written : in.parcels.front().position;
    const std::size_t count = std::min(into.size(), static_cast<std::size_t>(end - in.read));
    CopyOut(in, into.first(count));
    if (in.is_writable()) {
      Wake(in.writer);
      pipe_->news.notify_all();
    }
    return count;
  }

  bool HasUnread() const override {
    const std::lock_guard lock(pipe_->mutex);
    const Direction& out = pipe_->directions[side_];
    return out.read != out.written;
  }

  void WaitReadable(Ready ready) override {
    Direction& in = pipe_->directions[1 - side_];
    Wait(in, &Direction::reader, &Direction::is_readable, std::move(ready));
  }

  void WaitWritable(Ready ready) override {
    Direction& out = pipe_->directions[side_];
    Wait(out, &Direction::writer, &Direction::is_writable, std::move(ready));
  }

  // There is no handle to wait for beside it: nobody dies alone within one process.
  Events Block(const Wanted& wanted) override {
    std::unique_lock lock(pipe_->mutex);
    const Direction& in = pipe_->directions[1 - side_];
    const Direction& out = pipe_->directions[side_];
    pipe_->news.wait_until(lock, wanted.until, [&] {
      return in.write_end_closed || (wanted.readable && in.is_readable()) ||
             (wanted.writable && out.is_writable());
    });
    return {.has_ended = in.write_end_closed};
  }

  void Close() override {
    if (pipe_ == nullptr) return;
    open_streams_.Remove(this);
    const auto pipe = std::exchange(pipe_, nullptr);
    CloseInProcessEnd(*pipe, side_);
  }

  // Destroys what waits here. What that lets go of may close this stream.
  void DropWaits() {
    const auto pipe = pipe_;
    std::optional<Waiter> dropped[2];
    const std::lock_guard lock(pipe->mutex);
    dropped[0].swap(pipe->directions[side_].writer);
    dropped[1].swap(pipe->directions[1 - side_].reader);
  }

  static void CloseInProcessEnd(InProcessPipe& pipe, int side) {
    std::optional<Waiter> dropped[2];  // outside of the lock, like the handles
    std::deque<Parcel> unread;
    const std::lock_guard lock(pipe.mutex);
    Direction& out = pipe.directions[side];
    Direction& in = pipe.directions[1 - side];
    out.write_end_closed = true;
    in.read_end_closed = true;
    Wake(out.reader);
    Wake(in.writer);
    pipe.news.notify_all();
    dropped[0].swap(out.writer);
    dropped[1].swap(in.reader);
    unread.swap(in.parcels);
  }

 private:
  static void Copy(Direction& out, std::span<const std::byte> bytes) {
    const std::size_t at = out.written % out.bytes.size();
    const std::size_t before_the_end = std::min(bytes.size(), out.bytes.size() - at);
    std::memcpy(out.bytes.data() + at, bytes.data(), before_the_end);
    std::memcpy(out.bytes.data(), bytes.data() + before_the_end, bytes.size() - before_the_end);
    out.written += bytes.size();
  }

  static void CopyOut(Direction& in, std::span<std::byte> into) {
    const std::size_t at = in.read % in.bytes.size();
    const std::size_t before_the_end = std::min(into.size(), in.bytes.size() - at);
    std::memcpy(into.data(), in.bytes.data() + at, before_the_end);
    std::memcpy(into.data() + before_the_end, in.bytes.data(), into.size() - before_the_end);
    in.read += into.size();
  }

  static void TakeHandles(Direction& in, std::vector<platform::Handle>& handles) {
    if (in.parcels.empty() || in.parcels.front().position != in.read) return;
    for (platform::Handle& handle : in.parcels.front().handles) {
      handles.push_back(std::move(handle));
      --in.handles;
    }
    in.parcels.pop_front();
  }

  void Wait(Direction& direction, std::optional<Waiter> Direction::*whose,
            bool (Direction::*is_ready)() const, Ready ready) {
    const std::lock_guard lock(pipe_->mutex);
    (direction.*whose).emplace(executor_, std::move(ready));
    if ((direction.*is_ready)()) Wake(direction.*whose);
  }

  std::shared_ptr<InProcessPipe> pipe_;  // null once closed
  const int side_;
  const boost::asio::any_io_executor executor_;
  OpenStreams& open_streams_;
};

void OpenStreams::Add(InProcessStream* stream) {
  const std::lock_guard lock(mutex_);
  streams_.insert(stream);
}

void OpenStreams::Remove(InProcessStream* stream) {
  const std::lock_guard lock(mutex_);
  streams_.erase(stream);
}

// Nothing runs on this io_context any more, so only this removes streams, one by one or several.
void OpenStreams::shutdown() {
  for (;;) {
    InProcessStream* stream = nullptr;
    {
      const std::lock_guard lock(mutex_);
      if (streams_.empty()) return;
      stream = *streams_.begin();
      streams_.erase(streams_.begin());
    }
    stream->DropWaits();
  }
}

class InProcessEnd final : public StreamSource {
 public:
  InProcessEnd(std::shared_ptr<InProcessPipe> pipe, int side)
      : pipe_(std::move(pipe)), side_(side) {}
  ~InProcessEnd() override {
    if (pipe_ != nullptr) InProcessStream::CloseInProcessEnd(*pipe_, side_);
  }

  Result<std::unique_ptr<Stream>> Open(const boost::asio::any_io_executor& executor) override {
    BATON_CHECK(pipe_ != nullptr);
    return std::unique_ptr<Stream>(
        std::make_unique<InProcessStream>(std::exchange(pipe_, nullptr), side_, executor));
  }

 private:
  std::shared_ptr<InProcessPipe> pipe_;
  const int side_;
};

}  // namespace

std::pair<std::shared_ptr<StreamSource>, std::shared_ptr<StreamSource>> CreateInProcessStream() {
  const auto pipe = std::make_shared<InProcessPipe>();
  return {std::make_shared<InProcessEnd>(pipe, 0), std::make_shared<InProcessEnd>(pipe, 1)};
}

}  // namespace baton::internal
