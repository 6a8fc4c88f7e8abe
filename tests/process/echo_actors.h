// Both sides of echo.idl as the tests use them.
#pragma once

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <csignal>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <baton/baton.h>
#include <baton/platform/local_socket.h>

#include "echoChild.h"
#include "echoParent.h"
#include "tests/process/transport.h"
#include "tests/support/must.h"
#include "tests/support/peer.h"

// The namespace of the protocol is called `testing`, too.
namespace baton::testing {

using boost::asio::io_context;

template <class A>
Endpoint<A> EndpointOf(platform::Handle socket) {
  return Endpoint<A>(internal::EndpointParts{std::move(socket), {}});
}

inline auto CreateEchoEndpoints(Path path) {
  return CreateEndpointsOn<::testing::PEchoParent, ::testing::PEchoChild>(path);
}

// Does what echo.idl says.
class EchoChild : public ::testing::PEchoChild {
 public:
  int destroyed = 0;
  ActorDestroyReason reason = {};
  std::vector<std::error_code> handler_errors;

 protected:
  void RecvEcho(std::string text, EchoReplier reply) override { reply(std::move(text)); }

  void RecvFill(Shmem memory, std::uint8_t fill, FillReplier reply) override {
    std::ranges::fill(memory.bytes(), std::byte{fill});
    reply(std::move(memory));
  }

  void RecvTouch(UnsafeShmem memory, TouchReplier reply) override {
    for (std::byte& byte : memory.bytes())
      byte = static_cast<std::byte>(std::to_integer<int>(byte) + 1);
    reply({});
  }

  Result<void> RecvKeep(Shmem memory) override {
    kept_ = std::move(memory);
    return {};
  }

  void RecvGiveBack(GiveBackReplier reply) override {
    if (kept_.state() != ShmemState::kOwned) return reply(std::nullopt);
    reply(std::move(kept_));
  }

  void RecvDescribe(::testing::Note note, DescribeReplier reply) override {
    const auto length = static_cast<std::uint32_t>(note.text.size());
    reply({length, note.mood, std::move(note)});
  }

  Result<void> RecvPost(std::vector<::testing::Parcel> parcels) override {
    std::uint64_t sum = 0;
    for (auto& parcel : parcels) sum += parcel.content.size() + parcel.label.size();
    return SendCounted(sum);
  }

  void RecvIgnore(IgnoreReplier reply) override { ignored_.push_back(std::move(reply)); }
  void RecvDrop(DropReplier) override {}

  void RecvRefuse(std::int32_t reason, RefuseReplier reply) override {
    reply.Reject(std::error_code(reason, std::generic_category()));
  }

  Result<void> RecvAccuse(std::string rule) override { return PeerFault(std::move(rule)); }
  Result<void> RecvCount(std::uint64_t number) override { return SendCounted(number + 1); }

  Result<void> RecvCloseYourself() override {
    Close();
    return {};
  }

  Result<void> RecvDieNow() override {
    (void)std::raise(SIGKILL);
    return {};
  }

  void RecvPing(std::uint64_t number, PingReplier reply) override { reply(number); }
  void ActorDestroy(ActorDestroyReason why) override {
    ++destroyed;
    reason = why;
  }
  void OnHandlerError(std::error_code error) override { handler_errors.push_back(error); }

 private:
  Shmem kept_;
  std::vector<IgnoreReplier> ignored_;
};

class EchoParent : public ::testing::PEchoParent {
 public:
  int destroyed = 0;
  ActorDestroyReason reason = {};
  std::vector<std::uint64_t> counted;
  std::function<void()> on_counted = [] {};

 protected:
  Result<void> RecvCounted(std::uint64_t number) override {
    counted.push_back(number);
    on_counted();
    return {};
  }
  void RecvPing(std::uint64_t number, PingReplier reply) override { reply(number); }
  void ActorDestroy(ActorDestroyReason why) override {
    ++destroyed;
    reason = why;
  }
};

// The body of most peers: an EchoChild until the parent goes.
inline void RunEchoChild(platform::Handle channel_end) {
  io_context io;
  const auto child = std::make_shared<EchoChild>();
  Link link = Accept(std::move(channel_end));
  Must(internal::BindEndpoint(std::move(link.parts), child, io.get_executor(), link.options));
  io.run();
  PEER_EXPECT(child->destroyed == 1);
}

// The test's own side, bound to `end`.
struct ParentSide {
  explicit ParentSide(platform::Handle end, const ChannelOptions& options = {}) {
    Must(
        EndpointOf<::testing::PEchoParent>(std::move(end)).Bind(actor, io.get_executor(), options));
  }

  ParentSide(Peer& peer, Transport transport) : ParentSide(Offer(peer, transport)) {}
  explicit ParentSide(Link link) {
    Must(internal::BindEndpoint(std::move(link.parts), actor, io.get_executor(), link.options));
  }

  // Runs until the channel has ended.
  void CloseAndRun() {
    actor->Close();
    io.restart();
    io.run();
  }

  // Runs until `done` holds.
  template <class Predicate>
  void RunUntil(Predicate done) {
    io.restart();
    while (!done() && io.run_one() > 0) {
    }
  }

  io_context io;
  std::shared_ptr<EchoParent> actor = std::make_shared<EchoParent>();
};

}  // namespace baton::testing
