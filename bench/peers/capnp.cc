// Cap'n Proto RPC (EzRpc) over a unix socket. Many messages one way are calls of a streaming
// method.
#include <capnp/ez-rpc.h>

#include <cstring>
#include <filesystem>
#include <optional>

#include "bench.capnp.h"
#include "bench/peers/measure.h"

namespace {

constexpr const char* kUrl = "unix:capnp.sock";

capnp::ReaderOptions WithoutLimits() {
  capnp::ReaderOptions options;
  options.traversalLimitInWords = std::uint64_t{1} << 40;
  return options;
}

capnp::MessageSize SizeFor(std::size_t bytes) {
  constexpr std::uint64_t kAround = 32;  // words
  return {bytes / sizeof(capnp::word) + kAround, 0};
}

class CapnpServer final : public Bench::Server {
 public:
  kj::Promise<void> call(CallContext context) override {
    const auto payload = context.getParams().getPayload();
    const auto verdict = peers::Judge(payload.begin(), payload.size());
    auto reply = context.getResults(SizeFor(0)).initReply(peers::kAnswerBytes);
    std::memcpy(reply.begin() + 8, &verdict.sum, sizeof(verdict.sum));
    return kj::READY_NOW;
  }
  kj::Promise<void> flood(FloodContext context) override {
    const auto payload = context.getParams().getPayload();
    peers::Judge(payload.begin(), payload.size());
    return kj::READY_NOW;
  }
};

class CapnpClient {
 public:
  void* Loan(std::size_t bytes) {
    request_ = bench_.callRequest(SizeFor(bytes));
    return request_->initPayload(static_cast<unsigned>(bytes)).begin();
  }
  void Send(std::size_t) { answer_ = request_->send(); }
  std::uint64_t Wait() {
    std::uint64_t sum;
    {
      auto response = answer_->wait(rpc_.getWaitScope());
      std::memcpy(&sum, response.getReply().begin() + 8, sizeof(sum));
    }
    answer_.reset();
    request_.reset();
    return sum;
  }

  // Waiting for each call alone would cost a turn of the event loop for each.
  void Flood(std::size_t messages, std::size_t bytes) {
    constexpr std::size_t kBatch = 64;
    for (std::size_t sent = 0; sent + 1 < messages;) {
      kj::Vector<kj::Promise<void>> batch;
      for (; batch.size() < kBatch && sent + 1 < messages; ++sent) {
        auto request = bench_.floodRequest(SizeFor(bytes));
        peers::Fill(request.initPayload(static_cast<unsigned>(bytes)).begin(), bytes, peers::kFlood,
                    sent);
        batch.add(request.send());
      }
      kj::joinPromises(batch.releaseAsArray()).wait(rpc_.getWaitScope());
    }
    peers::Fill(Loan(bytes), bytes, peers::kFloodEnd, messages);
    Send(bytes);
    Wait();
  }

 private:
  capnp::EzRpcClient rpc_{kUrl, 0, WithoutLimits()};
  Bench::Client bench_ = rpc_.getMain<Bench>();
  std::optional<capnp::Request<Bench::CallParams, Bench::CallResults>> request_;
  std::optional<capnp::RemotePromise<Bench::CallResults>> answer_;
};

void Serve(const std::string&) {
  capnp::EzRpcServer server(kj::heap<CapnpServer>(), kUrl, 0, WithoutLimits());
  server.getPort().wait(server.getWaitScope());
  peers::ReportReady();
  kj::NEVER_DONE.wait(server.getWaitScope());
}

void RunClient(const peers::Run& run) {
  const peers::ServerProcess server(run);
  server.AwaitReady();
  CapnpClient client;
  peers::Measure(run, client, server.pid());
}

}  // namespace

int main(int argc, char** argv) {
  return peers::PeerMain(argc, argv, {"capnp", {""}, Serve, RunClient});
}
