// nng, a pair0 socket over ipc://, messages built in place.
#include <nng/nng.h>
#include <nng/protocol/pair0/pair.h>

#include <baton/base/check.h>

#include "bench/peers/measure.h"

namespace {

constexpr const char* kUrl = "ipc://nng.sock";

nng_socket OpenSocket() {
  constexpr int kQueued = 128;
  nng_socket socket;
  BATON_CHECK(nng_pair0_open(&socket) == 0);
  BATON_CHECK(nng_socket_set_size(socket, NNG_OPT_RECVMAXSZ, 0) == 0);  // no limit
  BATON_CHECK(nng_socket_set_int(socket, NNG_OPT_SENDBUF, kQueued) == 0);
  BATON_CHECK(nng_socket_set_int(socket, NNG_OPT_RECVBUF, kQueued) == 0);
  return socket;
}

class NngClient {
 public:
  NngClient() : socket_(OpenSocket()) { BATON_CHECK(nng_dial(socket_, kUrl, nullptr, 0) == 0); }

  void* Loan(std::size_t bytes) {
    BATON_CHECK(nng_msg_alloc(&message_, bytes) == 0);
    return nng_msg_body(message_);
  }
  void Send(std::size_t) { BATON_CHECK(nng_sendmsg(socket_, message_, 0) == 0); }
  std::uint64_t Wait() {
    std::uint64_t answer[peers::kAnswerBytes / 8];
    std::size_t size = sizeof(answer);
    BATON_CHECK(nng_recv(socket_, answer, &size, 0) == 0 && size == sizeof(answer));
    return answer[1];
  }

 private:
  nng_socket socket_;
  nng_msg* message_ = nullptr;
};

void Serve(const std::string&) {
  const nng_socket socket = OpenSocket();
  BATON_CHECK(nng_listen(socket, kUrl, nullptr, 0) == 0);
  peers::ReportReady();
  for (;;) {
    nng_msg* message;
    BATON_CHECK(nng_recvmsg(socket, &message, 0) == 0);
    const auto verdict = peers::Judge(nng_msg_body(message), nng_msg_len(message));
    nng_msg_free(message);
    if (!verdict.answer) continue;
    std::uint64_t answer[peers::kAnswerBytes / 8] = {0, verdict.sum};
    BATON_CHECK(nng_send(socket, answer, sizeof(answer), 0) == 0);
  }
}

void RunClient(const peers::Run& run) {
  const peers::ServerProcess server(run);
  server.AwaitReady();
  NngClient client;
  peers::Measure(run, client, server.pid());
}

}  // namespace

int main(int argc, char** argv) {
  return peers::PeerMain(argc, argv, {"nng", {""}, Serve, RunClient});
}
