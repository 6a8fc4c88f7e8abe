// Baton: generated actors in two processes. Small messages are typed messages, payloads are Shmem
// that the server hands back with its answer, to be filled again.
//   (none)    as a channel is by default
//   spin      neither side sleeps as long as messages come within a millisecond
//   asleep    both sides sleep whenever there is nothing to do
//   batched   as by default; many messages one way are held back in batches
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <vector>

#include <baton/baton.h>

#include "bench/peers/measure.h"
#include "peersChild.h"
#include "peersParent.h"

namespace {

baton::ChannelOptions OptionsFor(const std::string& variant) {
  baton::ChannelOptions options;
  if (variant == "spin") options.max_spin = std::chrono::milliseconds(1);
  if (variant == "asleep") options.max_spin = {};
  return options;
}

class Server final : public peers::PPeersChild {
  void RecvPing(std::uint64_t wish, std::uint64_t b, std::uint64_t c, std::uint64_t d,
                std::uint64_t e, std::uint64_t f, std::uint64_t g, std::uint64_t h,
                PingReplier reply) override {
    const std::uint64_t words[] = {wish, b, c, d, e, f, g, h};
    reply(Words(peers::Judge(words, sizeof(words))));
  }
  baton::Result<void> RecvFlood(std::uint64_t wish, std::uint64_t b, std::uint64_t c,
                                std::uint64_t d, std::uint64_t e, std::uint64_t f, std::uint64_t g,
                                std::uint64_t h) override {
    const std::uint64_t words[] = {wish, b, c, d, e, f, g, h};
    BATON_CHECK(!peers::Judge(words, sizeof(words)).answer);
    return {};
  }
  baton::Result<void> RecvFloodMany(std::vector<std::uint64_t> words) override {
    BATON_CHECK(!peers::Judge(words.data(), words.size() * sizeof(words[0])).answer);
    return {};
  }
  void RecvTake(baton::Shmem payload, TakeReplier reply) override {
    const auto verdict = peers::Judge(payload.bytes().data(), payload.size());
    reply({std::move(payload), Words(verdict)});
  }

  static peers::Words Words(peers::Verdict verdict) { return {.sum = verdict.sum}; }
};

class Parent final : public peers::PPeersParent {};

class BatonClient {
 public:
  explicit BatonClient(const peers::Run& run) : batch_(run.variant == "batched" ? kBatch : 1) {
    auto launched = baton::Launch<peers::PPeersParent>(run.ServerCommand());
    BATON_CHECK(launched);
    process_ = std::move(launched->process);
    peers::PinTo(run.client_cpu);
    BATON_CHECK(
        std::move(launched->endpoint).Bind(actor_, io_.get_executor(), OptionsFor(run.variant)));
  }
  ~BatonClient() {
    payloads_.clear();
    actor_->Close();
    io_.restart();
    io_.run();
  }

  int server() const { return process_.pid(); }

  void* Loan(std::size_t bytes) {
    if (bytes <= peers::kLargestSmall) return words_.data();
    baton::Shmem& payload = payloads_[bytes];
    if (payload.size() != bytes) {
      auto memory = actor_->AllocShmem(bytes);
      BATON_CHECK(memory);
      payload = std::move(*memory);
    }
    return payload.bytes().data();
  }

  void Send(std::size_t bytes) {
    answered_ = false;
    if (bytes > peers::kLargestSmall) return SendPayload(bytes);
    const auto& w = words_;
    actor_->SendPing(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7],
                     [this](boost::system::error_code error, peers::Words words) {
                       BATON_CHECK(!error);
                       Answered(words.sum);
                     });
  }

  std::uint64_t Wait() {
    while (!answered_) io_.run_one();
    return sum_;
  }

  void Flood(std::size_t messages, std::size_t bytes) {
    for (std::size_t sent = 0; sent + 1 < messages;) {
      const std::size_t left = messages - 1 - sent;
      const std::size_t now =
          batch_ == 1 ? SendSome(1, bytes) : SendBatch(std::min(batch_, left), bytes);
      if (now == 0) AwaitRoom();
      sent += now;
    }
    peers::Fill(words_.data(), peers::kSmall, peers::kFloodEnd, messages);
    Send(peers::kSmall);
    Wait();
  }

 private:
  void SendPayload(std::size_t bytes) {
    using Reply = peers::PPeersParent::TakeReply;
    baton::Shmem& payload = payloads_[bytes];
    actor_->SendTake(std::move(payload),
                     [this, &payload](boost::system::error_code error, Reply reply) {
                       BATON_CHECK(!error);
                       payload = std::move(reply.payload_back);
                       Answered(reply.words.sum);
                     });
  }

  void Answered(std::uint64_t sum) {
    sum_ = sum;
    answered_ = true;
  }

  baton::Result<void> SendOnce(std::size_t bytes) {
    const auto& w = words_;
    if (bytes > peers::kSmall) return actor_->SendFloodMany(words_);
    return actor_->SendFlood(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]);
  }

  std::size_t SendBatch(std::size_t messages, std::size_t bytes) {
    const baton::HoldBack batch(*actor_);
    return SendSome(messages, bytes);
  }

  // Until the channel is full; how many were sent.
  std::size_t SendSome(std::size_t messages, std::size_t bytes) {
    for (std::size_t i = 0; i < messages; ++i) {
      peers::Fill(words_.data(), bytes, peers::kFlood, i);
      if (const auto sent = SendOnce(bytes); !sent) {
        BATON_CHECK(sent.error() == baton::Errc::kWouldBlock);
        return i;
      }
    }
    return messages;
  }

  // The one place that waits for a full channel.
  void AwaitRoom() {
    bool drained = false;
    actor_->Drained([&](boost::system::error_code error) {
      BATON_CHECK(!error);
      drained = true;
    });
    while (!drained) io_.run_one();
  }

  static constexpr std::size_t kBatch = 64;

  std::size_t batch_;
  boost::asio::io_context io_{1};
  std::shared_ptr<Parent> actor_ = std::make_shared<Parent>();
  baton::Process process_;
  std::vector<std::uint64_t> words_ = std::vector<std::uint64_t>(peers::kLargestSmall / 8);
  std::map<std::size_t, baton::Shmem> payloads_;  // by size
  bool answered_ = false;
  std::uint64_t sum_ = 0;
};

void Serve(const std::string& variant) {
  boost::asio::io_context io(1);
  auto endpoint = baton::InheritedEndpoint<peers::PPeersChild>();
  BATON_CHECK(endpoint);
  BATON_CHECK(std::move(*endpoint).Bind(std::make_shared<Server>(), io.get_executor(),
                                        OptionsFor(variant)));
  io.run();
}

void RunClient(const peers::Run& run) {
  BatonClient client(run);
  peers::Measure(run, client, client.server());
}

}  // namespace

int main(int argc, char** argv) {
  return peers::PeerMain(argc, argv,
                         {"baton", {"", "spin", "asleep", "batched"}, Serve, RunClient});
}
