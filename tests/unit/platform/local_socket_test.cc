#include <baton/platform/local_socket.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <vector>

#include "tests/support/descriptor_limit.h"
#include "tests/support/leak_check.h"
#include "tests/support/must.h"

namespace baton::platform {
namespace {

using baton::testing::LeakCheck;
using baton::testing::Must;

using Bytes = std::vector<std::byte>;

Bytes Numbered(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i % 251);
  return bytes;
}

struct Received {
  Bytes bytes;
  std::vector<Handle> handles;
};

Received Receive(const Handle& socket, std::size_t most) {
  Received received = {Bytes(most), {}};
  received.bytes.resize(Must(ReceiveSome(socket, received.bytes, received.handles)));
  return received;
}

// Why there is nothing to receive.
std::error_code ReceiveError(const Handle& socket) {
  std::array<std::byte, 1> into = {};
  std::vector<Handle> handles;
  return ReceiveSome(socket, into, handles).error();
}

TEST_CASE("Both ends of a pair are close-on-exec and never block") {
  const LeakCheck leak_check;
  const auto [a, b] = Must(CreateSocketPair());
  for (const Handle* end : {&a, &b}) {
    CHECK(::fcntl(end->get(), F_GETFD) == FD_CLOEXEC);
    CHECK((::fcntl(end->get(), F_GETFL) & O_NONBLOCK) != 0);
    CHECK(ReceiveError(*end) == std::errc::operation_would_block);
  }
}

TEST_CASE("Bytes go both ways and come out in order, however they are read") {
  const LeakCheck leak_check;
  const auto [a, b] = Must(CreateSocketPair());
  const Bytes sent = Numbered(1000);
  const bool there = GENERATE(true, false);
  const Handle& from = there ? a : b;
  const Handle& to = there ? b : a;
  const auto piece = GENERATE(std::size_t{1}, 7, 1000, 5000);

  REQUIRE(Must(SendSome(from, sent, {})) == sent.size());
  Bytes received;
  while (received.size() < sent.size()) {
    const Bytes some = Receive(to, piece).bytes;
    REQUIRE(!some.empty());
    received.insert(received.end(), some.begin(), some.end());
  }
  CHECK(received == sent);
}

TEST_CASE("A full socket takes a part, then nothing, then more after a read") {
  const LeakCheck leak_check;
  const auto [a, b] = Must(CreateSocketPair());
  const Bytes sent = Numbered(4 << 20);

  const std::size_t first = Must(SendSome(a, sent, {}));
  CHECK(first > 0);
  CHECK(first < sent.size());
  CHECK(SendSome(a, sent, {}).error() == std::errc::operation_would_block);

  const Bytes received = Receive(b, sent.size()).bytes;
  CHECK(received == Bytes(sent.begin(), sent.begin() + static_cast<long>(received.size())));
  CHECK(SendSome(a, sent, {}));
}

TEST_CASE("A part that was sent with handles carries all of them") {
  const LeakCheck leak_check;
  const auto [a, b] = Must(CreateSocketPair());
  const Bytes sent(4 << 20);
  REQUIRE(Must(SendSome(a, sent, std::array{a.get(), b.get()})) < sent.size());
  CHECK(Receive(b, 1).handles.size() == 2);
  CHECK(Receive(b, sent.size()).handles.empty());
}

TEST_CASE("As many handles arrive as were sent: other handles, close-on-exec") {
  const LeakCheck leak_check;
  const auto [a, b] = Must(CreateSocketPair());
  const auto count = GENERATE(std::size_t{0}, 1, 2, 252, kMaxHandlesPerSend);
  CAPTURE(count);
  const std::vector<NativeHandle> sent(count, STDIN_FILENO);

  REQUIRE(Must(SendSome(a, Numbered(3), sent)) == 3);
  const Received received = Receive(b, 100);
  CHECK(received.bytes == Numbered(3));
  REQUIRE(received.handles.size() == count);
  for (const Handle& handle : received.handles) {
    CHECK(handle.get() > STDERR_FILENO);
    CHECK(::fcntl(handle.get(), F_GETFD) == FD_CLOEXEC);
  }
}

TEST_CASE("More handles than one call can carry are refused, and nothing is sent") {
  const LeakCheck leak_check;
  const auto [a, b] = Must(CreateSocketPair());
  const auto count = GENERATE(kMaxHandlesPerSend + 1, kMaxHandlesPerSend * 4);
  CHECK(SendSome(a, Numbered(1), std::vector<NativeHandle>(count, STDIN_FILENO)).error() ==
        Errc::kTooManyHandles);
  CHECK(ReceiveError(b) == std::errc::operation_would_block);
}

TEST_CASE("Received handles are appended to those that are there") {
  const LeakCheck leak_check;
  const auto [a, b] = Must(CreateSocketPair());
  std::vector<Handle> handles;
  Bytes into(10);
  for (std::size_t round = 1; round <= 3; ++round) {
    Must(SendSome(a, Numbered(1), std::array{a.get()}));
    REQUIRE(Must(ReceiveSome(b, into, handles)) == 1);
    CHECK(handles.size() == round);
  }
}

TEST_CASE("A handle that is not open cannot be sent, and no byte goes without it") {
  const LeakCheck leak_check;
  const auto [a, b] = Must(CreateSocketPair());
  CHECK(SendSome(a, Numbered(1), std::array{kNoHandle}).error() == std::errc::bad_file_descriptor);
  CHECK(ReceiveError(b) == std::errc::operation_would_block);
}

TEST_CASE("What was sent before the end of the stream arrives before it") {
  const LeakCheck leak_check;
  auto [a, b] = Must(CreateSocketPair());
  Must(SendSome(a, Numbered(2), {}));
  a.Reset();
  CHECK(Receive(b, 10).bytes == Numbered(2));
  CHECK(Receive(b, 10).bytes.empty());
  CHECK(Receive(b, 10).bytes.empty());
}

TEST_CASE("Sending to an end that is gone is an error and no signal") {
  const LeakCheck leak_check;
  auto [a, b] = Must(CreateSocketPair());
  b.Reset();
  CHECK(SendSome(a, Numbered(1), {}).error() == Cause::kPeerGone);
}

TEST_CASE("An end that goes with unread bytes resets the connection") {
  const LeakCheck leak_check;
  auto [a, b] = Must(CreateSocketPair());
  Must(SendSome(a, Numbered(1), {}));
  b.Reset();
  CHECK(ReceiveError(a) == Cause::kPeerGone);
}

TEST_CASE("Handles that nobody received go with the socket") {
  const LeakCheck leak_check;
  auto [watched, other] = Must(CreateSocketPair());
  {
    const auto [a, b] = Must(CreateSocketPair());
    Must(SendSome(a, Numbered(1), std::array{other.get()}));
    other.Reset();
    REQUIRE(ReceiveError(watched) == std::errc::operation_would_block);
  }
  CHECK(Receive(watched, 1).bytes.empty());
}

TEST_CASE("When the system has to drop some of the handles, all of the call are closed") {
  const LeakCheck leak_check;
  const auto [a, b] = Must(CreateSocketPair());
  std::vector<Handle> handles;
  handles.push_back(Must(a.Duplicate()));
  const int room = GENERATE(0, 1, 5);
  CAPTURE(room);
  Must(SendSome(a, Numbered(1), std::vector<NativeHandle>(10, STDIN_FILENO)));

  Bytes into(1);
  const NativeHandle highest = handles.front().get();
  const Result<std::size_t> received = [&, &to = b] {
    const testing::DescriptorLimit limit(highest + 1 + room);
    return ReceiveSome(to, into, handles);
  }();
  CHECK(received.error() == std::errc::too_many_files_open);
  CHECK(handles.size() == 1);
  CHECK(handles.front().get() == highest);
}

TEST_CASE("The sender's identity beside the handles does not disturb them") {
  const LeakCheck leak_check;
  const auto [a, b] = Must(CreateSocketPair());
  const int on = 1;
  REQUIRE(::setsockopt(b.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) == 0);
  Must(SendSome(a, Numbered(1), std::vector<NativeHandle>(kMaxHandlesPerSend, STDIN_FILENO)));
  CHECK(Receive(b, 1).handles.size() == kMaxHandlesPerSend);
}

}  // namespace
}  // namespace baton::platform
