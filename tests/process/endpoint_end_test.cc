// Endpoints that do not arrive: sends that fail change nothing, and whoever has the other end
// notices all the rest.

#include <catch2/catch.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <baton/async.h>

#include "tests/process/meet_host.h"
#include "tests/support/descriptor_limit.h"
#include "tests/support/guarded.h"
#include "tests/support/many_files.h"
#include "tests/support/sanitizer.h"
#include "tests/support/skip.h"

namespace baton::testing {
namespace {

// A host and its guest in one thread.
struct Table {
  explicit Table(Path path, ChannelOptions options = {}) {
    if (path == Path::kSocket) options.ring_bytes = 0;
    auto ends = CreateEndpointsOn<meet::PHostParent, meet::PHostChild>(path);
    Must(std::move(ends.first).Bind(host, io.get_executor(), options));
    Must(std::move(ends.second).Bind(guest, io.get_executor(), options));
    party.main = guest;
  }
  ~Table() {
    host->Close();
    io.restart();
    io.run();
    CHECK(host->is_over);
  }

  io_context io;
  MeetParty party = {io};
  std::shared_ptr<MeetHost> host = std::make_shared<MeetHost>();
  std::shared_ptr<MeetGuest> guest = std::make_shared<MeetGuest>(party);
};

// What was reported; outlives whoever may report.
using Said = std::shared_ptr<std::vector<std::string>>;
Report Into(Said said) {
  return [said = std::move(said)](const std::string& text) { said->push_back(text); };
}

// A channel of which we keep the parent's end.
struct Kept {
  explicit Kept(io_context& io) {
    TalkEnds ends = MakeTalk();
    end = std::move(ends.second);
    Must(std::move(ends.first).Bind(talk, io.get_executor()));
  }
  bool HasLost() const { return !said->empty() && said->back() == "guest died"; }

  Said said = std::make_shared<std::vector<std::string>>();
  std::shared_ptr<TalkOfParent> talk = std::make_shared<TalkOfParent>("guest", Into(said));
  Endpoint<meet::PTalkChild> end;
};

TEST_CASE("endpoint: a send that fails leaves it as it was, and it can be bound") {
  const Path path = EachPath();
  const Guarded guarded;
  ChannelOptions options;
  options.max_queued_handles = 4;
  Table table(path, options);
  Kept kept(table.io);
  kept.end.set_trust_label(4);
  std::error_code expected;
  Result<void> sent = Result<void>();
  SECTION("the message is too large") {
    expected = Errc::kMessageTooLarge;
    sent = table.host->SendJoin(std::string(2 << 20, 'x'), std::move(kept.end));
  }
  SECTION("there is no channel yet") {
    expected = Errc::kNotBound;
    sent = std::make_shared<MeetHost>()->SendJoin("host", std::move(kept.end));
  }
  SECTION("the channel has been closed") {
    expected = Errc::kClosed;
    table.host->Close();
    sent = table.host->SendJoin("host", std::move(kept.end));
  }
  SECTION("the queue is full") {
    expected = Errc::kWouldBlock;
    const HoldBack hold_back(*table.host);
    for (int n = 0; n < 4; ++n) Must(table.host->SendKeep(MakeTalk().second));
    sent = table.host->SendJoin("host", std::move(kept.end));
  }
  SECTION("something else in the message is empty") {
    expected = Errc::kEmptyHandle;
    std::optional maybe = std::move(kept.end);
    sent = table.host->SendDeal({"", {}}, {}, std::move(maybe), {}, {}, {}, {});
    REQUIRE(maybe);
    kept.end = *std::move(maybe);
  }
  REQUIRE_FALSE(sent);
  CHECK(sent.error() == expected);
  REQUIRE(kept.end);
  CHECK(kept.end.trust_label() == 4);
  const Said said = std::make_shared<std::vector<std::string>>();
  const auto other = std::make_shared<TalkOfChild>("host", Into(said));
  Must(std::move(kept.end).Bind(other, table.io.get_executor()));
  Must(kept.talk->SendSay("there you are"));
  RunUntil(table.io, [&] { return !said->empty(); });
  CHECK(said->front() == "host says there you are");
  other->Close();
}

TEST_CASE("endpoint: an empty one can be neither sent nor bound") {
  const Guarded guarded;
  Table table(Path::kRing);
  CHECK(table.host->SendJoin("host", {}).error() == Errc::kEmptyHandle);
  Endpoint<meet::PTalkChild> empty;
  CHECK_FALSE(empty);
  const auto talk = std::make_shared<TalkOfChild>("", [](const std::string&) {});
  CHECK(std::move(empty).Bind(talk, table.io.get_executor()).error() == Errc::kEmptyHandle);
  Kept kept(table.io);
  Must(table.host->SendKeep(std::move(kept.end)));
  CHECK_FALSE(kept.end);
  CHECK(table.host->SendKeep(std::move(kept.end)).error() == Errc::kEmptyHandle);
  RunUntil(table.io, [&] { return !table.party.kept.empty(); });
  table.party.kept.clear();
  RunUntil(table.io, [&] { return kept.HasLost(); });
}

TEST_CASE("endpoint: one without a socket stays in its process, and can still be bound") {
  const Path path = EachPath();
  const Guarded guarded;
  Table table(path);
  auto ends = CreateInProcessEndpoints<meet::PTalkParent, meet::PTalkChild>();
  CHECK(table.host->SendJoin("host", std::move(ends.second)).error() == Errc::kInProcessOnly);
  REQUIRE(ends.second);
  const Said said = std::make_shared<std::vector<std::string>>();
  const auto talk = std::make_shared<TalkOfChild>("host", Into(said));
  Must(std::move(ends.second).Bind(talk, table.io.get_executor()));
  ends.first = {};
  RunUntil(table.io, [&] { return !said->empty(); });
  CHECK(said->front() == "host died");
}

TEST_CASE("endpoint: dropped on the way, the other end notices") {
  const Path path = EachPath();
  const Guarded guarded;
  io_context io;
  Kept kept(io);
  auto ends = CreateEndpointsOn<meet::PHostParent, meet::PHostChild>(path);
  const auto host = std::make_shared<MeetHost>();
  Must(std::move(ends.first).Bind(host, io.get_executor()));
  SECTION("in a channel whose other end goes away") {
    Must(host->SendJoin("host", std::move(kept.end)));
    ends.second = {};
  }
  SECTION("in the queue of a channel that is given up") {
    Must(host->SendJoin("host", std::move(kept.end)));
    host->Close();
    ends.second = {};
  }
  SECTION("with the actor that has not sent it") {
    kept.end = {};
    host->Close();
    ends.second = {};
  }
  RunUntil(io, [&] { return kept.HasLost() && host->is_over; });
  CHECK(kept.HasLost());
}

TEST_CASE("endpoint: let go of by the receiver, the other end notices") {
  const Path path = EachPath();
  const Guarded guarded;
  Table table(path);
  Kept kept(table.io);
  SECTION("kept for a while, and dropped") {
    Must(table.host->SendKeep(std::move(kept.end)));
    RunUntil(table.io, [&] { return !table.party.kept.empty(); });
    table.party.kept.clear();
  }
  SECTION("in a message that came too late") {
    const auto seat = std::make_shared<SeatOfParent>();
    Must(table.host->SendPSeatConstructor(seat));
    RunUntil(table.io, [&] { return table.guest->ManagedPSeatChild().size() == 1; });
    Must(table.guest->ManagedPSeatChild().front()->Send__delete__());
    Must(table.host->SendShare(seat, std::move(kept.end)));
    RunUntil(table.io, [&] { return kept.HasLost(); });
    CHECK(table.guest->statistics().messages_late == 1);
  }
  RunUntil(table.io, [&] { return kept.HasLost(); });
  CHECK(kept.HasLost());
}

// As with any handles for which there is no room (limits_test.cc).
TEST_CASE("endpoint: a receiver that can open no more loses that channel, and all ends notice") {
  if (IsSanitized()) SKIP_TEST("a sanitizer needs files of its own");
  const Path path = GENERATE(Path::kSocket, Path::kRing);
  const Guarded guarded;
  Table table(path);
  Kept kept(table.io);
  Kept bound(table.io);
  Must(table.host->SendJoin("host", std::move(bound.end)));
  Must(bound.talk->SendSay("hello?"));
  RunUntil(table.io, [&] { return bound.said->size() == 1; });
  {
    const DescriptorLimit no_more(0);
    Must(table.host->SendKeep(std::move(kept.end)));
    RunUntil(table.io, [&] { return kept.HasLost() && table.host->is_over; });
  }
  CHECK(table.guest->close_error() == std::errc::too_many_files_open);
  RunUntil(table.io, [&] { return bound.said->size() == 2; });
  CHECK(bound.said->back() == "guest left");  // the guest's own doing, in good order
}

// Nobody can ever read what is in there: the kernel throws it away with the last who could.
TEST_CASE("endpoint: sent through the very channel that it is an end of, it ends that channel") {
  const Guarded guarded;
  io_context io;
  auto ends = Must(CreateEndpoints<meet::PHostParent, meet::PHostChild>());
  const auto host = std::make_shared<MeetHost>();
  ChannelOptions options;
  options.handshake_deadline = std::chrono::milliseconds(20);
  Must(std::move(ends.first).Bind(host, io.get_executor(), options));
  Must(host->SendServe(std::move(ends.second)));
  io.run();
  CHECK(host->is_over);
  const bool is_expected =
      host->close_error() == Rule::kHelloDeadline || host->close_error() == Errc::kPeerDied;
  CHECK(is_expected);
}

TEST_CASE("endpoint: a message takes as many as handles, and not one more") {
  const Path path = EachPath();
  const Guarded guarded;
  if (!AllowManyFiles()) SKIP_TEST("this process may not open enough files");
  Table table(path);
  std::vector<Endpoint<meet::PTalkChild>> talks;
  for (int n = 0; n < 1025; ++n) talks.push_back(MakeTalk().second);
  CHECK(table.host->SendKeepAll(std::move(talks)).error() == Errc::kTooManyHandles);
  CHECK(std::ranges::all_of(talks, [](const auto& talk) { return bool(talk); }));
  talks.pop_back();
  Must(table.host->SendKeepAll(std::move(talks)));
  RunUntil(table.io, [&] { return !table.party.kept.empty() || table.host->is_over; });
  CHECK(table.party.kept.size() == 1024);
  table.party.kept.clear();
}

TEST_CASE("endpoint: thousands come and go and leave nothing behind") {
  const Path path = EachPath();
  const Guarded guarded;
  Table table(path);
  constexpr int kRounds = 2000 / BATON_TEST_SLOWNESS;
  for (int round = 0; round < kRounds; ++round) {
    TalkEnds ends = MakeTalk();
    Must(table.host->SendKeep(std::move(ends.second)));
    if (round % 2 == 0) Must(table.host->SendKeep(MakeTalk().second));
    const auto sent = table.host->statistics().messages_sent;
    RunUntil(table.io, [&] { return table.guest->statistics().messages_received == sent; });
    if (round % 3 == 0) table.party.kept.clear();
  }
  table.party.kept.clear();
}

}  // namespace
}  // namespace baton::testing
