// Floods of, and lies in, messages that do not wait their turn.
#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <baton/async.h>

#include "tests/hostile/evil_parent.h"
#include "tests/process/queue_actors.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using internal::FrameHeader;
using internal::FrameKind;
namespace PQueue = queue::PQueue;

// Speaks raw frames to a QueueChild.
class EvilQueue {
 public:
  explicit EvilQueue(const ChannelOptions& options = {}) {
    auto ends = Must(platform::CreateSocketPair());
    socket_ = std::move(ends.first);
    Must(EndpointOf<queue::PQueueChild>(std::move(ends.second))
             .Bind(victim, io.get_executor(), options));
    Add(EvilParent::HelloHeader(),
        EvilParent::HelloPayload(EvilParent::HelloOf(PQueue::kProtocol)));
    Flush();
  }
  ~EvilQueue() {
    socket_.Reset();
    io.restart();
    io.run();
    CHECK(victim->destroyed == 1);
  }

  std::vector<std::byte> Encode(const wire::Table& table, std::span<const void* const> values) {
    const auto encoded = Must(encoder_.Encode(table, values, 1 << 20));
    return {encoded.bytes.begin(), encoded.bytes.end()};
  }

  // A message that takes one number, or says it does.
  void Add(const wire::Message& message, std::uint32_t number, std::uint64_t call = 0) {
    const void* const values[] = {&number};
    Add(HeaderOf(message, call), Encode(*message.parameters, values));
  }
  void AddMalformed(const wire::Message& message) {
    Add(HeaderOf(message, 0), std::vector<std::byte>(16, std::byte{0xff}));
  }

  // All that was added, in one go as far as the socket takes it.
  void Flush() {
    std::span<const std::byte> bytes = frames_;
    while (!bytes.empty()) {
      const auto sent = platform::SendSome(socket_, bytes, {});
      if (sent) {
        bytes = bytes.subspan(*sent);
      } else if (sent.error() != std::errc::operation_would_block) {
        break;  // the victim has closed
      } else {
        RunOne();
      }
    }
    frames_.clear();
  }

  bool RunOne() {
    io.restart();
    const bool has_run = io.poll_one() > 0;
    CHECK(victim->statistics().messages_held <= most_held);
    return has_run;
  }
  void Run() {
    while (RunOne()) {
    }
  }

  void ExpectFault(Rule rule) {
    Run();
    INFO(victim->close_detail());
    CHECK(victim->close_error() == rule);
  }

  io_context io;
  std::shared_ptr<QueueChild> victim = std::make_shared<QueueChild>();
  std::uint64_t most_held = ~std::uint64_t{0};

 private:
  FrameHeader HeaderOf(const wire::Message& message, std::uint64_t call) {
    FrameHeader header;
    header.lane = internal::Lane::kData;
    header.message = message.id;
    header.sequence = ++sequence_;
    header.call = call;
    return header;
  }
  void Add(const FrameHeader& header, std::span<const std::byte> payload) {
    const auto frame = EvilParent::FrameOf(header, payload);
    frames_.insert(frames_.end(), frame.begin(), frame.end());
  }

  platform::Handle socket_;
  std::vector<std::byte> frames_;
  wire::Encoder encoder_;
  std::uint64_t sequence_ = 0;
};

TEST_CASE("hostile: a flood of urgent messages is held in bounds, and nobody starves") {
  const Guarded guarded;
  ChannelOptions options;
  options.max_queued_messages = 100;
  EvilQueue evil(options);
  evil.most_held = 100;
  constexpr std::uint32_t kFlood = 5000;
  // Somebody else on the same thread.
  auto ends = Must(CreateEndpoints<queue::PQueueParent, queue::PQueueChild>());
  const auto other = std::make_shared<QueueParent>();
  const auto other_child = std::make_shared<QueueChild>();
  Must(std::move(ends.first).Bind(other, evil.io.get_executor()));
  Must(std::move(ends.second).Bind(other_child, evil.io.get_executor()));
  std::uint64_t received_before_answer = 0;
  other->SendAsk(1, [&](boost::system::error_code error, std::uint32_t) {
    CHECK_FALSE(error);
    received_before_answer = evil.victim->statistics().messages_received;
    other->Close();
  });

  evil.Add(PQueue::kPlain, 7);
  for (std::uint32_t number = 1; number <= kFlood; ++number) evil.Add(PQueue::kUrgent, number);
  evil.Flush();
  evil.Run();

  const std::string& handled = evil.victim->handled.text();
  CHECK(handled.find("plain 7, ") < handled.find("urgent 18"));
  CHECK(evil.victim->statistics().messages_received == kFlood + 1);
  CHECK(received_before_answer < kFlood);
  CHECK(other->destroyed == 1);
}

TEST_CASE("hostile: a flood of compressed messages costs no memory, and each is counted") {
  const Guarded guarded;
  ChannelOptions options;
  options.max_queued_messages = 100;
  EvilQueue evil(options);
  evil.most_held = 100;
  constexpr std::uint32_t kFlood = 5000;
  for (std::uint32_t number = 1; number <= kFlood; ++number) evil.Add(PQueue::kLatest, number);
  evil.Flush();
  evil.Run();
  const ChannelStatistics statistics = evil.victim->statistics();
  CHECK(statistics.messages_received == kFlood);
  CHECK(statistics.messages_compressed > 0);
  CHECK(evil.victim->handled.text().ends_with("latest 5000"));
}

TEST_CASE("hostile: questions that are compressed count until their refusals are read") {
  const Guarded guarded;
  EvilQueue evil;
  for (std::uint64_t call = 1; call <= 20'000; ++call) evil.Add(PQueue::kLatestAsk, 1, call);
  evil.Flush();
  evil.ExpectFault(Rule::kQuota);
}

TEST_CASE("hostile: a message that is dropped must be right all the same") {
  const Guarded guarded;
  EvilQueue evil;
  evil.AddMalformed(PQueue::kLatest);
  evil.Add(PQueue::kLatest, 2);
  evil.Flush();
  evil.ExpectFault(Rule::kMalformed);
}

TEST_CASE("hostile: numbers of questions that go back, whichever of them runs first") {
  const Guarded guarded;
  EvilQueue evil;
  evil.Add(PQueue::kAsk, 1, 2);
  evil.Add(PQueue::kAskUrgent, 2, 2);
  evil.Flush();
  evil.ExpectFault(Rule::kFrameHeader);
}

TEST_CASE("hostile: urgent messages that cannot be") {
  const Guarded guarded;
  EvilQueue evil;
  SECTION("a message of another protocol") {
    evil.Add(queue::PSlot::kUrgent, 1);
    evil.Flush();
    evil.ExpectFault(Rule::kUnknownMessage);
  }
  SECTION("a question that is none") {
    evil.Add(PQueue::kUrgent, 1, 1);
    evil.Flush();
    evil.ExpectFault(Rule::kFrameHeader);
  }
}

}  // namespace
}  // namespace baton::testing
