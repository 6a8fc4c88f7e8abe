// Lies in answers: to questions that were given up, that were never asked, and in unions of answer
// and error.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <catch2/catch.hpp>
#include <deque>

#include "tests/hostile/evil_parent.h"
#include "tests/process/calls_actors.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using boost::system::error_code;
using internal::FrameHeader;
using internal::FrameKind;
using internal::Lane;
using namespace std::chrono_literals;
namespace PCalls = calls::PCalls;

// A union as it lies on the wire: what encodes it does not care whether tag and value fit.
struct Box {
  std::uint32_t value = 0;
};
constexpr wire::Row kBoxRows[] = {{"value", offsetof(Box, value), 0, &wire::kUint32}};
constexpr wire::Table kBox = {"Box", kBoxRows};

struct Tagged {
  std::uint8_t tag = 0;
  Box value;
};
constexpr wire::Row kOutcomeRows[] = {
    {"value_type", offsetof(Tagged, tag), 0, &wire::kUint8},
    {"value", offsetof(Tagged, value), 1, &wire::kStructOf<Box, kBox>}};
constexpr wire::Table kOutcome = {"Outcome", kOutcomeRows};
constexpr wire::Table kWithoutValue = {"Outcome", std::span(kOutcomeRows).first(1)};
constexpr wire::Table kWithoutTag = {"Outcome", std::span(kOutcomeRows).last(1)};
constexpr wire::Table kEmpty = {"Outcome", {}};

// A child that answers by hand a parent who asks.
class WrongAnswerer {
 public:
  WrongAnswerer() {
    auto ends = Must(platform::CreateSocketPair());
    socket_ = std::move(ends.first);
    Must(EndpointOf<calls::PCallsParent>(std::move(ends.second)).Bind(victim, io.get_executor()));
    Send(EvilParent::HelloHeader(),
         EvilParent::HelloPayload(EvilParent::HelloOf(PCalls::kProtocol, Side::kChild)));
  }
  ~WrongAnswerer() {
    socket_.Reset();
    io.restart();
    io.run();
    CHECK(victim->destroyed == 1);
  }

  std::vector<std::byte> Encode(const wire::Table& table, std::span<const void* const> values) {
    const auto encoded = Must(encoder_.Encode(table, values, 1 << 20));
    return {encoded.bytes.begin(), encoded.bytes.end()};
  }
  std::vector<std::byte> Number(std::uint32_t number) {
    const void* const values[] = {&number};
    return Encode(PCalls::kWaitReply_, values);
  }
  // A reply whose only field is `outcome`, read as a table of those rows.
  std::vector<std::byte> Reply(const wire::Table& rows, const Tagged& outcome) {
    const wire::Type type = {wire::Kind::kStruct, sizeof(Tagged), nullptr, &rows};
    const wire::Row row[] = {{"outcome", 0, 0, &type}};
    const void* const values[] = {&outcome};
    return Encode({"Reply", row}, values);
  }

  void Answer(const wire::Message& message, std::uint64_t call, std::span<const std::byte> payload,
              FrameKind kind = FrameKind::kReply, std::uint32_t actor = 0) {
    FrameHeader header;
    header.lane = Lane::kData;
    header.kind = kind;
    header.message = message.id;
    header.call = call;
    header.actor = actor;
    header.sequence = ++sequence_;
    Send(header, payload);
  }
  void Reject(const wire::Message& message, std::uint64_t call) {
    const std::uint8_t space = 0;
    const std::int32_t value = EBUSY;
    const void* const values[] = {&space, &value};
    Answer(message, call, Encode(internal::kRejectTable, values), FrameKind::kReject);
  }

  // Asks, and gives up.
  void AskInVain() {
    bool done = false;
    victim->SendWait(Within(0s, [&](error_code error, std::uint32_t) {
      CHECK(error == std::errc::timed_out);
      done = true;
    }));
    io.restart();
    while (!done && io.run_one() > 0) {
    }
    CHECK(done);
  }

  void ExpectFault(Rule rule) {
    Run();
    INFO(victim->close_detail());
    CHECK(victim->destroyed == 1);
    CHECK(victim->close_error() == rule);
  }
  void Run() {
    io.restart();
    io.poll();
  }

  boost::asio::io_context io;
  std::shared_ptr<CallsParent> victim = std::make_shared<CallsParent>();

 private:
  void Send(const FrameHeader& header, std::span<const std::byte> payload) {
    const auto frame = EvilParent::FrameOf(header, payload);
    CHECK(Must(platform::SendSome(socket_, frame, {})) == frame.size());
    Run();
  }

  platform::Handle socket_;
  wire::Encoder encoder_;
  std::uint64_t sequence_ = 0;
};

TEST_CASE("hostile: an answer to a question that was never asked is a fault") {
  const Guarded guarded;
  WrongAnswerer evil;
  evil.AskInVain();
  evil.Answer(PCalls::kWait, 2, evil.Number(1));
  evil.ExpectFault(Rule::kUnknownCall);
}

TEST_CASE("hostile: a question that was given up is answered once, whichever way") {
  const Guarded guarded;
  const bool first_rejects = GENERATE(false, true);
  const bool then_rejects = GENERATE(false, true);
  WrongAnswerer evil;
  evil.AskInVain();
  const auto answer = [&](bool rejects) {
    rejects ? evil.Reject(PCalls::kWait, 1) : evil.Answer(PCalls::kWait, 1, evil.Number(1));
  };
  answer(first_rejects);
  CHECK(evil.victim->CanSend());
  CHECK(evil.victim->statistics().answers_late == 1);
  answer(then_rejects);
  evil.ExpectFault(Rule::kUnknownCall);
}

TEST_CASE("hostile: what nobody waits for is looked at as any answer") {
  const Guarded guarded;
  WrongAnswerer evil;
  evil.AskInVain();
  SECTION("it is no message") {
    evil.Answer(PCalls::kWait, 1, std::vector<std::byte>(20, std::byte{0xff}));
    evil.ExpectFault(Rule::kMalformed);
  }
  SECTION("it answers another message") {
    evil.Answer(PCalls::kWaitLong, 1, evil.Number(1));
    evil.ExpectFault(Rule::kUnknownCall);
  }
  SECTION("it answers another actor") {
    evil.Answer(PCalls::kWait, 1, evil.Number(1), FrameKind::kReply, 2);
    evil.ExpectFault(Rule::kUnknownCall);
  }
}

TEST_CASE("hostile: a reply is the answer or the error, and a lie about which is a fault") {
  struct Lie {
    const wire::Table* rows;
    std::uint8_t tag;
    std::uint32_t value;
    Rule rule;
  };
  const Lie lie =
      GENERATE(Lie{&kOutcome, 0, 1, Rule::kUnionTag}, Lie{&kOutcome, 3, 1, Rule::kUnionTag},
               Lie{&kOutcome, 255, 1, Rule::kUnionTag}, Lie{&kWithoutValue, 1, 0, Rule::kUnionTag},
               Lie{&kWithoutTag, 0, 1, Rule::kUnionTag}, Lie{&kEmpty, 0, 0, Rule::kUnionTag},
               Lie{&kOutcome, 2, 7, Rule::kEnumValue}, Lie{&kOutcome, 1, 10, Rule::kBounds});
  const bool given_up = GENERATE(false, true);
  CAPTURE(int{lie.tag}, lie.value, given_up);
  const Guarded guarded;
  WrongAnswerer evil;
  std::vector<std::error_code> errors;
  const auto note = [&](const error_code error, const CallsParent::SmallReply& reply) {
    errors.push_back(error);
    CHECK(reply == CallsParent::SmallReply());
  };
  given_up ? evil.victim->SendSmall(1, Within(0s, note)) : evil.victim->SendSmall(1, note);
  if (given_up) {
    while (errors.empty() && evil.io.run_one() > 0) {
    }
  }
  evil.Answer(PCalls::kSmall, 1, evil.Reply(*lie.rows, {lie.tag, {lie.value}}));
  evil.ExpectFault(lie.rule);
  REQUIRE(errors.size() == 1);
  if (given_up) CHECK(errors[0] == std::errc::timed_out);
  if (!given_up) CHECK(errors[0] == Errc::kPeerFault);
}

TEST_CASE("hostile: what no lie is in is taken, so the lies were seen") {
  const Guarded guarded;
  WrongAnswerer evil;
  std::vector<CallsParent::SmallReply> replies;
  for (int number = 0; number < 2; ++number) {
    evil.victim->SendSmall(1, [&](error_code error, const CallsParent::SmallReply& reply) {
      CHECK_FALSE(error);
      replies.push_back(reply);
    });
  }
  evil.Answer(PCalls::kSmall, 2, evil.Reply(kOutcome, {2, {4}}));
  evil.Answer(PCalls::kSmall, 1, evil.Reply(kOutcome, {1, {9}}));
  REQUIRE(replies.size() == 2);
  CHECK(std::get<1>(replies[0]) == calls::Trouble::kBroken);
  CHECK(std::get<0>(replies[1]) == 9);
  CHECK(evil.victim->CanSend());
}

TEST_CASE("hostile: a reply without its union is a fault") {
  const Guarded guarded;
  WrongAnswerer evil;
  std::error_code error;
  evil.victim->SendSmall(1, [&](const error_code why, auto) { error = why; });
  evil.Answer(PCalls::kSmall, 1, evil.Encode(kEmpty, {}));
  evil.ExpectFault(Rule::kUnionTag);
  CHECK(error == Errc::kPeerFault);
}

TEST_CASE(
    "hostile: a peer that does not answer what is cancelled costs 1024 questions, and no more") {
  const Guarded guarded;
  WrongAnswerer evil;
  std::size_t aborted = 0;
  std::size_t refused = 0;
  std::deque<boost::asio::cancellation_signal> signals;
  for (std::size_t number = 0; number < 3 * internal::kMaxUnansweredCalls; ++number) {
    signals.emplace_back();
    evil.victim->SendWait(boost::asio::bind_cancellation_slot(
        signals.back().slot(), [&](error_code error, std::uint32_t) {
          ++(error == boost::asio::error::operation_aborted ? aborted : refused);
        }));
    signals.back().emit(boost::asio::cancellation_type::total);
    if (number % 100 == 0) evil.Run();
  }
  evil.Run();
  CHECK(aborted == internal::kMaxUnansweredCalls);
  CHECK(refused == 2 * internal::kMaxUnansweredCalls);
  CHECK(evil.victim->CanSend());
  for (std::uint64_t call = internal::kMaxUnansweredCalls; call > 0; --call) {
    evil.Answer(PCalls::kWait, call, evil.Number(1));
  }
  CHECK(evil.victim->statistics().answers_late == internal::kMaxUnansweredCalls);
  bool answered = false;
  evil.victim->SendWait([&](error_code error, std::uint32_t number) {
    CHECK_FALSE(error);
    CHECK(number == 5);
    answered = true;
  });
  evil.Answer(PCalls::kWait, internal::kMaxUnansweredCalls + 1, evil.Number(5));
  CHECK(answered);
}

}  // namespace
}  // namespace baton::testing
