// Both sides of a meeting as the tests use them: a Host that listens, and peers that are told
// where.
#pragma once

#include <poll.h>

#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include <baton/platform/local_listener.h>

#include "runtime/meeting/listener_core.h"
#include "tests/process/echo_actors.h"
#include "tests/support/guarded.h"
#include "tests/support/scratch_folder.h"

namespace baton::testing {

// Waits until there is something to read, or the end.
inline void AwaitReadable(const platform::Handle& socket) {
  pollfd state = {socket.get(), POLLIN, 0};
  if (::poll(&state, 1, static_cast<int>(kPatience.count())) != 1) {
    FailHere(__FILE__, __LINE__, "nothing came");
  }
}

// A short text, in one piece.
inline void Tell(const platform::Handle& socket, std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  if (Must(platform::SendSome(socket, bytes, {})) != bytes.size()) {
    FailHere(__FILE__, __LINE__, "not sent in one piece");
  }
}

// Empty at the end of the stream.
inline std::string Hear(const platform::Handle& socket) {
  AwaitReadable(socket);
  std::string text(4096, '\0');
  std::vector<platform::Handle> handles;
  text.resize(Must(platform::ReceiveSome(
      socket, std::as_writable_bytes(std::span(text.data(), text.size())), handles)));
  return text;
}

// What a Host tells a guest: where, and the token if there is one.
inline std::string Directions(const std::string& address,
                              const std::optional<AdmissionToken>& token = {}) {
  return address + "\n" + (token ? token->text() : "");
}

inline ConnectOptions OptionsFrom(const std::string& directions) {
  const auto end = directions.find('\n');
  ConnectOptions options;
  options.address = directions.substr(0, end);
  const std::string token = directions.substr(end + 1);
  if (!token.empty()) options.token = Must(AdmissionToken::FromText(token));
  return options;
}

// The body of most guests: an EchoChild until the other side goes.
inline void RunGuest(const platform::Handle& channel_end) {
  const ConnectOptions options = OptionsFrom(Hear(channel_end));
  io_context io;
  const auto child = std::make_shared<EchoChild>();
  auto endpoint = Must(Connect<::testing::PEchoChild>(options));
  Must(std::move(endpoint).Bind(child, io.get_executor()));
  io.run();
  PEER_EXPECT(child->destroyed == 1);
  PEER_EXPECT(child->reason == ActorDestroyReason::kNormalShutdown);
}

// The listening side, in the test's own thread.
struct Host {
  explicit Host(ListenerOptions options)
      : address(options.address),
        listener(Must(Listener::Create(io.get_executor(), std::move(options)))) {}

  // Accepts one and binds `actor` to it.
  void Meet() {
    listener.Accept<::testing::PEchoParent>(
        [this](boost::system::error_code why, Accepted<::testing::PEchoParent> accepted) {
          error = why;
          peer = accepted.peer;
          met = true;
          if (!why) Must(std::move(accepted.endpoint).Bind(actor, io.get_executor()));
        });
  }

  // Runs until `done` holds.
  template <class Predicate>
  void RunUntil(Predicate done) {
    io.restart();
    while (!done() && io.run_one() > 0) {
    }
    CHECK(done());
  }

  // Sends `text` to whom was met, gets it back, and ends that channel.
  void TalkAndClose() {
    std::string answer;
    actor->SendEcho("as typed", [&](boost::system::error_code why, std::string text) {
      CHECK_FALSE(why);
      answer = std::move(text);
      actor->Close();
    });
    RunUntil([&] { return actor->destroyed == 1; });
    CHECK(answer == "as typed");
    CHECK(actor->reason == ActorDestroyReason::kNormalShutdown);
  }

  std::string address;
  io_context io;
  Listener listener;
  std::shared_ptr<EchoParent> actor = std::make_shared<EchoParent>();
  bool met = false;
  boost::system::error_code error;
  PeerIdentity peer;
};

// A host that keeps what it gets instead of binding it.
class RawHost {
 public:
  explicit RawHost(ListenerOptions options)
      : listener(Must(internal::ListenerCore::Create(io.get_executor(), std::move(options)))) {}
  ~RawHost() { listener->Close(); }

  internal::MetParts Meet() {
    std::optional<internal::MetParts> met;
    listener->Accept(listener->NextAccept(), std::make_unique<Keep>(met));
    io.restart();
    while (!met && io.run_one() > 0) {
    }
    return *std::move(met);
  }

  io_context io;
  std::shared_ptr<internal::ListenerCore> listener;

 private:
  class Keep final : public internal::MeetingCompletion {
   public:
    explicit Keep(std::optional<internal::MetParts>& met) : met_(met) {}
    void Run(boost::system::error_code error, internal::MetParts parts) override {
      CHECK_FALSE(error);
      met_ = std::move(parts);
    }

   private:
    std::optional<internal::MetParts>& met_;
  };
};

inline std::string SocketIn(const ScratchFolder& folder) {
  return (folder.path() / "socket").string();
}

// A name that nobody else has.
inline std::string FreshAbstractName() {
  return "@baton-test-" + Must(AdmissionToken::Random()).text();
}

}  // namespace baton::testing
