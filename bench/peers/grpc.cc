// gRPC, the synchronous API, over a unix socket.
//   unary    a call per message
//   stream   one bidirectional stream
#include <grpcpp/grpcpp.h>

#include <cstring>
#include <memory>
#include <utility>

#include <baton/base/check.h>

#include "bench.grpc.pb.h"
#include "bench/peers/measure.h"

namespace {

constexpr const char* kUrl = "unix:grpc.sock";
constexpr int kNoLimit = -1;

peers::Verdict JudgePayload(const peers::Payload& payload) {
  return peers::Judge(payload.bytes().data(), payload.bytes().size());
}

void WriteSum(peers::Payload& answer, std::uint64_t sum) {
  answer.mutable_bytes()->resize(peers::kAnswerBytes);
  std::memcpy(answer.mutable_bytes()->data() + 8, &sum, sizeof(sum));
}

class GrpcServer final : public peers::Bench::Service {
  grpc::Status Call(grpc::ServerContext*, const peers::Payload* payload,
                    peers::Payload* answer) override {
    WriteSum(*answer, JudgePayload(*payload).sum);
    return grpc::Status::OK;
  }
  grpc::Status Flood(grpc::ServerContext*, grpc::ServerReader<peers::Payload>* reader,
                     peers::Payload* answer) override {
    for (peers::Payload payload; reader->Read(&payload);) JudgePayload(payload);
    WriteSum(*answer, 0);
    return grpc::Status::OK;
  }
  grpc::Status Chat(grpc::ServerContext*,
                    grpc::ServerReaderWriter<peers::Payload, peers::Payload>* stream) override {
    peers::Payload answer;
    for (peers::Payload payload; stream->Read(&payload);) {
      const auto verdict = JudgePayload(payload);
      if (!verdict.answer) continue;
      WriteSum(answer, verdict.sum);
      stream->Write(answer);
    }
    return grpc::Status::OK;
  }
};

class GrpcClient {
 public:
  explicit GrpcClient(bool streaming) : bench_(peers::Bench::NewStub(Connect())) {
    if (streaming) chat_ = bench_->Chat(&chat_context_);
  }

  void* Loan(std::size_t bytes) {
    message_.mutable_bytes()->resize(bytes);
    return message_.mutable_bytes()->data();
  }
  void Send(std::size_t) {
    if (chat_ != nullptr) {
      BATON_CHECK(chat_->Write(message_));
      return;
    }
    grpc::ClientContext context;
    BATON_CHECK(bench_->Call(&context, message_, &answer_).ok());
  }
  std::uint64_t Wait() {
    if (chat_ != nullptr) BATON_CHECK(chat_->Read(&answer_));
    std::uint64_t sum;
    std::memcpy(&sum, answer_.bytes().data() + 8, sizeof(sum));
    return sum;
  }

  void Flood(std::size_t messages, std::size_t bytes) {
    grpc::ClientContext context;
    const auto writer = bench_->Flood(&context, &answer_);
    for (std::size_t i = 0; i < messages; ++i) {
      peers::Fill(Loan(bytes), bytes, peers::kFlood, i);
      BATON_CHECK(writer->Write(message_));
    }
    writer->WritesDone();
    BATON_CHECK(writer->Finish().ok());
  }

  void HangUp() {
    if (chat_ == nullptr) return;
    chat_->WritesDone();
    BATON_CHECK(chat_->Finish().ok());
  }

 private:
  static std::shared_ptr<grpc::Channel> Connect() {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(kNoLimit);
    arguments.SetMaxSendMessageSize(kNoLimit);
    return grpc::CreateCustomChannel(kUrl, grpc::InsecureChannelCredentials(), arguments);
  }

  std::unique_ptr<peers::Bench::Stub> bench_;
  peers::Payload message_;
  peers::Payload answer_;
  grpc::ClientContext chat_context_;
  std::unique_ptr<grpc::ClientReaderWriter<peers::Payload, peers::Payload>> chat_;
};

void Serve(const std::string&) {
  GrpcServer service;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(kUrl, grpc::InsecureServerCredentials());
  builder.RegisterService(&service);
  builder.SetMaxReceiveMessageSize(kNoLimit);
  const auto server = builder.BuildAndStart();
  BATON_CHECK(server != nullptr);
  peers::ReportReady();
  server->Wait();
}

void RunClient(const peers::Run& run) {
  const peers::ServerProcess server(run);
  server.AwaitReady();
  GrpcClient client(run.variant == "stream");
  peers::Measure(run, client, server.pid());
  client.HangUp();
}

}  // namespace

int main(int argc, char** argv) {
  return peers::PeerMain(argc, argv, {"grpc", {"unary", "stream"}, Serve, RunClient});
}
