// Endpoints travel: in messages, in values, in answers, to either side, and between threads; on
// every transport.
#include <catch2/catch.hpp>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <baton/async.h>

#include "tests/process/meet_host.h"
#include "tests/support/failure.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using boost::system::error_code;

PEER(AnyGuest) {
  RunMeetGuest(std::move(channel_end));
}

TEST_CASE("endpoints: two guests that were introduced talk directly") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  io_context io;
  Invited ann(io, AnyGuest, transport);
  Invited bob(io, AnyGuest, transport);
  Introduce(ann, bob);
  Must(ann->SendTell("Bob", "hello?"));
  bob.Await("Ann says hello?");
  ann.Await("Bob says yes");
  Must(ann->SendLend("Bob", 0x5a));
  bob.Await("Ann hands 8192 x 90");
  ann.Dismiss();
  bob.Await("Ann left");
  bob.Dismiss();
}

TEST_CASE("endpoints: travel wherever a value can be") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  io_context io;
  Invited guest(io, AnyGuest, transport);
  std::map<std::string, std::shared_ptr<TalkOfParent>> talks;
  std::vector<std::string> said;
  const auto make = [&](const std::string& name) {
    TalkEnds ends = MakeTalk();
    talks[name] = std::make_shared<TalkOfParent>(
        name, [&said](const std::string& text) { said.push_back(text); });
    Must(std::move(ends.first).Bind(talks[name], io.get_executor()));
    return std::move(ends.second);
  };
  std::vector<Endpoint<meet::PTalkChild>> some;
  for (int n = 0; n < 3; ++n) some.push_back(make("some " + std::to_string(n)));
  std::map<std::string, Endpoint<meet::PTalkChild>> named;
  named.emplace("Cleo", make("Cleo"));
  named.emplace("Dan", make("Dan"));
  meet::Gift gift;
  gift.emplace<0>(make("gift"));
  Must(guest->SendDeal({"card", make("card")}, std::move(some), make("maybe"), std::move(named),
                       std::move(gift), {make("one of two"), make("two of two")},
                       std::make_unique<meet::Card>(meet::Card{"behind", make("behind")})));
  CHECK(std::ranges::none_of(some, [](const auto& talk) { return bool(talk); }));
  CHECK(talks.size() == 11);
  for (const auto& [name, talk] : talks) {
    Must(guest->SendTell(name, "it is me"));
    const std::string line = name + " says it is me";
    RunUntil(io, [&] { return std::ranges::find(said, line) != said.end() || guest->is_over; });
  }
  CHECK(said.size() == 11);
  guest.Dismiss();
  RunUntil(io, [&] { return said.size() == 22; });  // each says that it has left
}

TEST_CASE("endpoints: an answer has one") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  io_context io;
  Invited guest(io, AnyGuest, transport);
  Invited other(io, AnyGuest, transport);
  bool is_answered = false;
  guest->SendOffer("Eve", [&](error_code error, meet::PHost::OfferReply reply) {
    is_answered = true;
    CHECK_FALSE(error);
    CHECK(reply.note == "for Eve");
    CHECK(reply.talk);
    Must(other->SendJoin("the offer", std::move(reply.talk)));
    CHECK_FALSE(reply.talk);
  });
  RunUntil(io, [&] { return is_answered; });
  Must(guest->SendTell("Eve", "hello?"));
  other.Await("the offer says hello?");
  guest.Await("Eve says yes");
  guest.Dismiss();
  other.Await("the offer left");
  other.Dismiss();
}

TEST_CASE("endpoints: beside a managed one, in one message") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  io_context io;
  Invited guest(io, AnyGuest, transport);
  const auto seat = std::make_shared<SeatOfParent>();
  auto for_seat = Must(guest->OpenPSeatEndpoint(seat));
  TalkEnds ends = MakeTalk();
  std::vector<std::string> said;
  const auto talk = std::make_shared<TalkOfParent>(
      "guest", [&](const std::string& text) { said.push_back(text); });
  Must(std::move(ends.first).Bind(talk, io.get_executor()));
  Must(guest->SendSit(std::move(for_seat), "host", std::move(ends.second)));
  Must(guest->SendTell("host", "comfortable"));
  RunUntil(io, [&] { return !said.empty() || guest->is_over; });
  CHECK(said == std::vector<std::string>{"guest says comfortable"});
  CHECK(seat->CanSend());
  Must(seat->Send__delete__());
  guest.Dismiss();
  RunUntil(io, [&] { return said.size() == 2; });
}

TEST_CASE("endpoints: may be handed from thread to thread, and bound there") {
  const Path path = EachPath();
  const Guarded guarded;
  constexpr int kChannels = 20 / BATON_TEST_SLOWNESS + 1;
  std::vector<std::thread> threads;
  for (int n = 0; n < kChannels; ++n) {
    auto ends = CreateEndpointsOn<meet::PTalkParent, meet::PTalkChild>(path);
    const auto run = [path](auto endpoint, auto talk, bool begins, std::vector<std::string>& said) {
      io_context io;
      Must(std::move(endpoint).Bind(talk, io.get_executor(), OptionsFor(path)));
      if (begins) Must(talk->SendSay("hello?"));
      RunUntil(io, [&] { return !said.empty(); });
      talk->Close();
      io.run();
    };
    threads.emplace_back([run, end = std::move(ends.first)]() mutable {
      const PeerThreadScope scope;
      std::vector<std::string> said;
      const auto talk = std::make_shared<TalkOfParent>(
          "child", [&](const std::string& text) { said.push_back(text); });
      run(std::move(end), talk, true, said);
      PEER_EXPECT(said.front() == "child says yes");
    });
    threads.emplace_back([run, end = std::move(ends.second)]() mutable {
      const PeerThreadScope scope;
      std::vector<std::string> said;
      const auto talk = std::make_shared<TalkOfChild>(
          "parent", [&](const std::string& text) { said.push_back(text); });
      run(std::move(end), talk, false, said);
      PEER_EXPECT(said.front() == "parent says hello?");
    });
  }
  for (std::thread& thread : threads) thread.join();
  ReportRecordedFailures();
}

}  // namespace
}  // namespace baton::testing
