// A stream that makes trouble, around another one: it sends and receives a byte or a few at a time,
// is full although there is room, and runs out of buffers and of handles in flight. All of it at
// random, the same for the same seed.
//
//   const unsigned seed = GENERATE(1U, 2U, 3U);
//   CAPTURE(seed);
//   FlakyStream stream(Must(OpenSocketStream(std::move(end), executor)), seed);
//
// Everything that a Stream promises holds. So two things never happen: Receive does not say
// operation_would_block while there is something, and a single byte, such as a doorbell, is not
// refused with it while the other end has nothing to read.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <functional>
#include <iterator>
#include <memory>
#include <random>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include "runtime/channel/socket_stream.h"
#include "runtime/channel/stream.h"

namespace baton::testing {

class FlakyStream final : public internal::Stream {
 public:
  FlakyStream(std::unique_ptr<internal::Stream> stream, unsigned seed)
      : stream_(std::move(stream)), random_(seed) {}

  Result<std::size_t> Send(std::span<const std::byte> bytes,
                           std::span<const platform::NativeHandle> handles) override {
    if (bytes.size() > 1 && OneIn(8)) {
      return Fail(std::make_error_code(std::errc::operation_would_block));
    }
    if (OneIn(64)) return Fail(std::error_code(ENOBUFS, std::system_category()));
    if (!handles.empty() && OneIn(8)) {
      return Fail(std::error_code(ETOOMANYREFS, std::system_category()));
    }
    return stream_->Send(bytes.first(Some(bytes.size())), handles);
  }

  Result<std::size_t> Receive(std::span<std::byte> into,
                              std::vector<platform::Handle>& handles) override {
    return stream_->Receive(into.first(Some(into.size())), handles);
  }

  void WaitReadable(Ready ready) override { stream_->WaitReadable(std::move(ready)); }
  void WaitWritable(Ready ready) override { stream_->WaitWritable(std::move(ready)); }
  Events Block(const Wanted& wanted) override { return stream_->Block(wanted); }
  void Close() override { stream_->Close(); }

 private:
  bool OneIn(unsigned count) { return random_() % count == 0; }

  // From 1 to `most`, often little.
  std::size_t Some(std::size_t most) {
    const std::size_t limits[] = {1, 8, 1000, most};
    const std::size_t limit = std::min(most, limits[random_() % std::size(limits)]);
    return 1 + random_() % limit;
  }

  const std::unique_ptr<internal::Stream> stream_;
  std::mt19937 random_;
};

// For EndpointParts::source: what `open` opens, made flaky.
class FlakySource final : public internal::StreamSource {
 public:
  using Opened = Result<std::unique_ptr<internal::Stream>>;
  using Opener = std::function<Opened(const boost::asio::any_io_executor&)>;

  FlakySource(Opener open, unsigned seed) : open_(std::move(open)), seed_(seed) {}

  // Around a socket.
  FlakySource(platform::Handle socket, unsigned seed)
      : FlakySource(
            [shared = std::make_shared<platform::Handle>(std::move(socket))](const auto& executor) {
              return internal::OpenSocketStream(std::move(*shared), executor);
            },
            seed) {}

  Opened Open(const boost::asio::any_io_executor& executor) override {
    BATON_TRY(auto stream, open_(executor));
    return std::unique_ptr<internal::Stream>(
        std::make_unique<FlakyStream>(std::move(stream), seed_));
  }

 private:
  Opener open_;
  unsigned seed_;
};

}  // namespace baton::testing
