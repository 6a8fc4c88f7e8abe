// ZeroMQ, a PAIR socket over ipc://. Payloads leave by zmq_msg_init_data, without a copy here.
#include <zmq.h>

#include <algorithm>
#include <vector>

#include <baton/base/check.h>

#include "bench/peers/measure.h"

namespace {

constexpr const char* kUrl = "ipc://zeromq.sock";

class ZeroMqClient {
 public:
  ZeroMqClient() : socket_(zmq_socket(zmq_ctx_new(), ZMQ_PAIR)) {
    BATON_CHECK(zmq_connect(socket_, kUrl) == 0);
  }

  void* Loan(std::size_t bytes) {
    if (bytes > peers::kLargestSmall) {
      payload_.resize(std::max(payload_.size(), bytes));
      return payload_.data();
    }
    BATON_CHECK(zmq_msg_init_size(&message_, bytes) == 0);
    return zmq_msg_data(&message_);
  }
  void Send(std::size_t bytes) {
    if (bytes > peers::kLargestSmall)
      BATON_CHECK(zmq_msg_init_data(&message_, payload_.data(), bytes, nullptr, nullptr) == 0);
    BATON_CHECK(zmq_msg_send(&message_, socket_, 0) >= 0);
  }
  std::uint64_t Wait() {
    std::uint64_t answer[peers::kAnswerBytes / 8];
    BATON_CHECK(zmq_recv(socket_, answer, sizeof(answer), 0) == sizeof(answer));
    return answer[1];
  }

 private:
  void* socket_;
  std::vector<char> payload_;
  zmq_msg_t message_;
};

void Serve(const std::string&) {
  void* socket = zmq_socket(zmq_ctx_new(), ZMQ_PAIR);
  BATON_CHECK(zmq_bind(socket, kUrl) == 0);
  peers::ReportReady();
  for (;;) {
    zmq_msg_t message;
    zmq_msg_init(&message);
    BATON_CHECK(zmq_msg_recv(&message, socket, 0) >= 0);
    const auto verdict = peers::Judge(zmq_msg_data(&message), zmq_msg_size(&message));
    zmq_msg_close(&message);
    if (!verdict.answer) continue;
    const std::uint64_t answer[peers::kAnswerBytes / 8] = {0, verdict.sum};
    BATON_CHECK(zmq_send(socket, answer, sizeof(answer), 0) == sizeof(answer));
  }
}

void RunClient(const peers::Run& run) {
  const peers::ServerProcess server(run);
  server.AwaitReady();
  ZeroMqClient client;
  peers::Measure(run, client, server.pid());
}

}  // namespace

int main(int argc, char** argv) {
  return peers::PeerMain(argc, argv, {"zeromq", {""}, Serve, RunClient});
}
