// The implementations of Stream, and what tests of all of them need.
#pragma once

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <span>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include <baton/platform/local_socket.h>

#include "runtime/channel/in_process_stream.h"
#include "runtime/channel/socket_stream.h"
#include "tests/support/flaky_stream.h"
#include "tests/support/must.h"

namespace baton::testing {

using boost::asio::any_io_executor;
using boost::asio::io_context;
using internal::Stream;

// --- The implementations: each makes both ends of a new stream -----------------------------------

using StreamEnds = std::pair<std::unique_ptr<Stream>, std::unique_ptr<Stream>>;

struct OverSocket {
  static StreamEnds Make(const any_io_executor& here, const any_io_executor& there) {
    auto ends = Must(platform::CreateSocketPair());
    return {Must(internal::OpenSocketStream(std::move(ends.first), here)),
            Must(internal::OpenSocketStream(std::move(ends.second), there))};
  }
};

struct WithinProcess {
  static StreamEnds Make(const any_io_executor& here, const any_io_executor& there) {
    const auto [first, second] = internal::CreateInProcessStream();
    return {Must(first->Open(here)), Must(second->Open(there))};
  }
};

// Any of the others, with trouble.
template <class Kind>
struct Flaky {
  static StreamEnds Make(const any_io_executor& here, const any_io_executor& there) {
    auto [first, second] = Kind::Make(here, there);
    return {std::make_unique<FlakyStream>(std::move(first), 1),
            std::make_unique<FlakyStream>(std::move(second), 2)};
  }
};

// --- Words for the promises ----------------------------------------------------------------------

inline bool WouldBlock(std::error_code error) {
  return error == std::errc::operation_would_block;
}

inline bool IsShortage(std::error_code error) {
  return error == std::errc::no_buffer_space ||
         error == std::error_code(ETOOMANYREFS, std::system_category());
}

// A flaky stream may say no some times although it could; never this often in a row.
inline constexpr int kManyTries = 200;

// Sends until it is really said no: the last answer.
inline Result<std::size_t> TrySend(Stream& stream, std::span<const std::byte> bytes,
                                   std::span<const platform::NativeHandle> handles = {}) {
  for (int refused = 0;;) {
    const auto sent = stream.Send(bytes, handles);
    if (!sent && IsShortage(sent.error())) continue;
    if (!sent && WouldBlock(sent.error()) && ++refused < kManyTries) continue;
    return sent;
  }
}

// Sends few bytes, for which there is room.
inline void SendAll(Stream& stream, std::span<const std::byte> bytes,
                    std::span<const platform::NativeHandle> handles = {}) {
  while (!bytes.empty()) {
    bytes = bytes.subspan(Must(TrySend(stream, bytes, handles)));
    handles = {};
  }
}

inline std::vector<std::byte> Numbered(std::size_t size, unsigned seed = 0) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<std::byte>((i + seed) * 2'654'435'761U >> 16);
  }
  return bytes;
}

// Receives all that is there now; `ended` when the end was.
struct Arrived {
  std::vector<std::byte> bytes;
  std::vector<platform::Handle> handles;
  bool ended = false;

  void ReceiveAll(Stream& stream) {
    std::vector<std::byte> into(std::size_t{16} << 10);
    for (;;) {
      const auto received = stream.Receive(into, handles);
      if (!received) {
        REQUIRE(WouldBlock(received.error()));
        return;
      }
      ended = *received == 0;
      if (ended) return;
      bytes.insert(bytes.end(), into.begin(), into.begin() + static_cast<long>(*received));
    }
  }
};

// Fills the stream until it takes nothing more. Returns what went.
inline std::vector<std::byte> Fill(Stream& stream) {
  std::vector<std::byte> all;
  const auto piece = Numbered(30'000, 3);
  for (;;) {
    const auto sent = TrySend(stream, piece);
    if (!sent) {
      REQUIRE(WouldBlock(sent.error()));
      return all;
    }
    all.insert(all.end(), piece.begin(), piece.begin() + static_cast<long>(*sent));
  }
}

// Two ends on an io_context.
template <class Kind>
struct TwoEnds {
  TwoEnds() { std::tie(here, there) = Kind::Make(io.get_executor(), io.get_executor()); }

  // Runs until `done` or until nothing happens any more.
  template <class Predicate>
  bool RunUntil(Predicate done) {
    io.restart();
    while (!done() && io.run_one() > 0) {
    }
    return done();
  }

  void Poll() {
    io.restart();
    io.poll();
  }

  io_context io;
  std::unique_ptr<Stream> here;
  std::unique_ptr<Stream> there;
};

}  // namespace baton::testing
