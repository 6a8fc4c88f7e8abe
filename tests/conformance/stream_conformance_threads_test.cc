// Much data both ways between two threads, over every stream.
#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <thread>

#include "tests/conformance/stream_kinds.h"
#include "tests/support/guarded.h"
#include "tests/support/patience.h"

namespace baton::testing {
namespace {

constexpr std::size_t kTotal = std::size_t{2} << 20;

// What stands at `position` of either direction.
std::byte ByteAt(std::size_t position) {
  return static_cast<std::byte>(position * 2'654'435'761U >> 24);
}

// One end: sends kTotal bytes and receives as many, on a thread of its own. Some bytes have a
// handle. Catch is not thread safe, so what is wrong is noted.
class Talker {
 public:
  io_context io;
  std::unique_ptr<Stream> stream;
  std::size_t sent_handles = 0;
  std::size_t received_handles = 0;
  std::size_t received = 0;
  std::string wrong;

  void Run() {
    Send();
    Receive();
    io.run();
  }

 private:
  void Send() {
    const platform::NativeHandle one[] = {handle_.first.get()};
    while (sent_ < kTotal && wrong.empty()) {
      std::vector<std::byte> piece(std::min(kTotal - sent_, 1 + sent_ * 7 % 50'000));
      for (std::size_t i = 0; i < piece.size(); ++i) piece[i] = ByteAt(sent_ + i);
      const bool with_handle = piece.size() % 4 == 0;
      const auto now = stream->Send(piece, std::span(one).first(with_handle ? 1 : 0));
      if (now) {
        sent_ += *now;
        sent_handles += with_handle ? 1 : 0;
      } else if (WouldBlock(now.error())) {
        return stream->WaitWritable([this] { Send(); });
      } else if (IsShortage(now.error())) {
        return boost::asio::post(io, [this] { Send(); });
      } else {
        wrong = "send: " + now.error().message();
      }
    }
  }

  void Receive() {
    std::vector<std::byte> into(20'000);
    while (received < kTotal && wrong.empty()) {
      std::vector<platform::Handle> handles;
      const auto now = stream->Receive(into, handles);
      received_handles += handles.size();
      if (!now && WouldBlock(now.error())) return stream->WaitReadable([this] { Receive(); });
      if (!now) wrong = "receive: " + now.error().message();
      if (now && *now == 0) wrong = "the end came too early";
      for (std::size_t i = 0; now && i < *now; ++i) {
        if (into[i] != ByteAt(received + i)) wrong = "another byte than was sent";
      }
      received += now ? *now : 0;
    }
  }

  std::size_t sent_ = 0;
  std::pair<platform::Handle, platform::Handle> handle_ = Must(platform::CreateSocketPair());
};

TEMPLATE_TEST_CASE("Much data crosses a stream between two threads", "[channel]", OverSocket,
                   WithinProcess, Flaky<OverSocket>, Flaky<WithinProcess>) {
  const Guarded guarded;
  Talker here;
  Talker there;
  std::tie(here.stream, there.stream) =
      TestType::Make(here.io.get_executor(), there.io.get_executor());
  std::thread other([&] { there.Run(); });
  here.Run();
  other.join();
  CHECK(here.wrong == "");
  CHECK(there.wrong == "");
  CHECK(here.received == kTotal);
  CHECK(there.received == kTotal);
  CHECK(here.sent_handles > 0);
  CHECK(here.sent_handles == there.received_handles);
  CHECK(there.sent_handles == here.received_handles);
}

// A wait that ends with the other thread's Close must not outlive its own context.
TEMPLATE_TEST_CASE("An end that closes wakes the other thread", "[channel]", OverSocket,
                   WithinProcess) {
  const Guarded guarded;
  for (int i = 0; i < 200; ++i) {
    Talker here;
    Talker there;
    std::tie(here.stream, there.stream) =
        TestType::Make(here.io.get_executor(), there.io.get_executor());
    bool woken = false;
    there.stream->WaitReadable([&] { woken = true; });
    std::thread other([&] { there.io.run(); });
    here.stream->Close();
    other.join();
    REQUIRE(woken);
  }
}

TEMPLATE_TEST_CASE("Who blocks is woken by the other thread", "[channel]", OverSocket,
                   WithinProcess) {
  const Guarded guarded;
  const auto until = std::chrono::steady_clock::now() + 2 * kPatience;
  for (int i = 0; i < 200; ++i) {
    Talker here;
    Talker there;
    std::tie(here.stream, there.stream) =
        TestType::Make(here.io.get_executor(), there.io.get_executor());
    std::thread other([&] {
      const std::byte one[] = {std::byte{1}};
      (void)here.stream->Send(one, {});
      here.stream->Close();
    });
    Arrived arrived;
    while (!arrived.ended) {
      there.stream->Block({.readable = true, .until = until});
      arrived.ReceiveAll(*there.stream);
    }
    other.join();
    REQUIRE(arrived.bytes.size() == 1);
  }
}

}  // namespace
}  // namespace baton::testing
