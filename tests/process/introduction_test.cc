// Processes that a third one has made known to each other: they need it no longer, and each knows
// of the other's death.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <optional>
#include <string>

#include <baton/async.h>

#include "tests/process/meet_host.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using boost::system::error_code;

PEER(SomeGuest) {
  RunMeetGuest(std::move(channel_end));
}

PEER(TrustingGuest) {
  RunMeetGuest(std::move(channel_end), true);
}

constexpr Transport kProcess = {PeerKind::kProcess, Path::kRing};

// Makes `host` a host of `guest`.
void Appoint(Invited& host, Invited& guest) {
  auto ends =
      Must(CreateEndpointsBetween<meet::PHostParent, meet::PHostChild>(*host.host, *guest.host));
  Must(host->SendAdopt(std::move(ends.first)));
  Must(guest->SendServe(std::move(ends.second)));
}

TEST_CASE("introduction: the two go on when who has introduced them is gone") {
  const bool is_killed = GENERATE(false, true);
  const Guarded guarded;
  io_context io;
  Invited ann(io, SomeGuest, kProcess);
  Invited bob(io, SomeGuest, kProcess);
  Invited broker(io, SomeGuest, kProcess);
  Appoint(broker, ann);
  Appoint(broker, bob);
  Must(broker->SendIntroduce());
  ann.Await("met Bob");
  bob.Await("met Ann");
  if (is_killed) {
    broker.peer.Kill();
    ann.Await("a host died");
    bob.Await("a host died");
  } else {
    broker.Dismiss();
    ann.Await("a host left");
    bob.Await("a host left");
  }
  Must(bob->SendTell("Ann", "still there?"));
  ann.Await("Bob says still there?");
  bob.Await("Ann says yes");
  Must(ann->SendLend("Bob", 7));
  bob.Await("Ann hands 8192 x 7");
  ann.Dismiss();
  bob.Await("Ann left");
  bob.Dismiss();
  RunUntil(io, [&] { return broker->is_over; });
}

TEST_CASE("introduction: a death is noticed although a grandchild holds the socket") {
  const Guarded guarded;
  io_context io;
  Invited ann(io, SomeGuest, kProcess);
  Invited bob(io, SomeGuest, kProcess);
  Introduce(ann, bob);
  int leash[2] = {-1, -1};
  REQUIRE(::pipe(leash) == 0);
  const platform::Handle ours(leash[1]);
  platform::Handle theirs(leash[0]);
  SECTION("of the one that got the child's end") {
    Must(bob->SendLeaveSomebody(theirs));
    bob.Await("somebody stays");
    bob.peer.Kill();
    ann.Await("Bob died");
    ann.Dismiss();
    RunUntil(io, [&] { return bob->is_over; });
  }
  SECTION("of the one that got the parent's end") {
    Must(ann->SendLeaveSomebody(theirs));
    ann.Await("somebody stays");
    ann.peer.Kill();
    bob.Await("Ann died");
    bob.Dismiss();
    RunUntil(io, [&] { return ann->is_over; });
  }
}

// By the end of the socket alone: whoever made these ends did not say for whom.
TEST_CASE("introduction: a death is noticed when nobody has said whose end it is") {
  const Guarded guarded;
  io_context io;
  Invited ann(io, SomeGuest, kProcess);
  Invited bob(io, SomeGuest, kProcess);
  TalkEnds ends = MakeTalk();
  Must(ann->SendMeet("Bob", std::move(ends.first)));
  Must(bob->SendJoin("Ann", std::move(ends.second)));
  bob.Await("met Ann");
  bob.peer.Kill();
  ann.Await("Bob died");
  ann.Dismiss();
  RunUntil(io, [&] { return bob->is_over; });
}

TEST_CASE("introduction: an end is sent on, and what was written into it meanwhile arrives") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  io_context io;
  Invited ann(io, SomeGuest, transport);
  Invited bob(io, SomeGuest, transport);
  Invited cleo(io, SomeGuest, transport);
  TalkEnds ends = MakeTalk();
  Must(ann->SendMeet("Cleo", std::move(ends.first)));
  Must(ann->SendTell("Cleo", "the first thing"));
  Must(ann->SendLend("Cleo", 3));
  ann.Await("met Cleo");
  Must(bob->SendKeep(std::move(ends.second)));
  Must(bob->SendGiveBack());
  RunUntil(io, [&] { return !bob->to_pass_on.empty() || bob->is_over; });
  REQUIRE(bob->to_pass_on.size() == 1);
  Must(ann->SendTell("Cleo", "the last thing?"));
  Must(cleo->SendJoin("Ann", std::move(bob->to_pass_on.front())));
  bob.Dismiss();
  cleo.Await("Ann says the first thing");
  cleo.Await("Ann hands 8192 x 3");
  cleo.Await("Ann says the last thing?");
  ann.Await("Cleo says yes");
  ann.Dismiss();
  cleo.Dismiss();
}

// What the guest calls whoever is at the other end of `name`; its host, for "".
std::uint64_t LabelOf(io_context& io, Invited& guest, const std::string& name) {
  std::optional<std::uint64_t> label;
  guest->SendLabel(name, [&](error_code error, std::uint64_t answer) {
    CHECK_FALSE(error);
    label = answer;
  });
  RunUntil(io, [&] { return label.has_value(); });
  return *label;
}

TEST_CASE("introduction: whoever gives an end says whom the other one belongs to, if believed") {
  const bool is_believed = GENERATE(false, true);
  const Guarded guarded;
  io_context io;
  Invited guest(io, is_believed ? TrustingGuest : SomeGuest, kProcess);
  TalkEnds labelled = MakeTalk();
  TalkEnds plain = MakeTalk();
  labelled.second.set_trust_label(7);
  labelled.first.set_trust_label(8);  // of the guest, for us
  const auto ignore = [](const std::string&) {};
  const auto talk = std::make_shared<TalkOfParent>("guest", ignore);
  Must(std::move(labelled.first).Bind(talk, io.get_executor()));
  CHECK(talk->trust_label() == 8);
  const auto other = std::make_shared<TalkOfParent>("guest", ignore);
  Must(std::move(plain.first).Bind(other, io.get_executor()));
  CHECK(other->trust_label() == 0);
  Must(guest->SendJoin("labelled", std::move(labelled.second)));
  Must(guest->SendJoin("plain", std::move(plain.second)));
  CHECK(LabelOf(io, guest, "") == kLabelOfHost);
  CHECK(LabelOf(io, guest, "labelled") == (is_believed ? 7 : kLabelOfHost));
  CHECK(LabelOf(io, guest, "plain") == kLabelOfHost);
  guest.Dismiss();
  io.restart();
  io.run();
  CHECK(talk->trust_label() == 8);
}

TEST_CASE("introduction: a label is passed on with its end, and what the binder says comes first") {
  const Guarded guarded;
  io_context io;
  Invited guest(io, TrustingGuest, kProcess);
  TalkEnds ends = MakeTalk();
  ends.second.set_trust_label(7);
  ends.first = {};
  Must(guest->SendKeep(std::move(ends.second)));
  Must(guest->SendGiveBack());
  RunUntil(io, [&] { return !guest->to_pass_on.empty(); });
  // It has passed 7 on; we do not believe guests.
  CHECK(guest->to_pass_on.front().trust_label() == 0);
  ChannelOptions options;
  options.trust_label = 5;
  const auto talk = std::make_shared<TalkOfChild>("", [](const std::string&) {});
  Must(std::move(guest->to_pass_on.front()).Bind(talk, io.get_executor(), options));
  CHECK(talk->trust_label() == 5);
  guest.Dismiss();
  io.restart();
  io.run();
}

TEST_CASE("introduction: needs actors that have a channel") {
  const Guarded guarded;
  const auto nobody = std::make_shared<MeetHost>();
  const auto made = CreateEndpointsBetween<meet::PTalkParent, meet::PTalkChild>(
      *nobody, EndpointHolder::ThisProcess());
  CHECK(made.error() == Errc::kNotBound);
  io_context io;
  Invited guest(io, SomeGuest, kProcess);
  const std::shared_ptr<MeetHost> host = guest.host;
  guest.Dismiss();
  const auto late = CreateEndpointsBetween<meet::PTalkParent, meet::PTalkChild>(
      EndpointHolder::ThisProcess(), *host);
  CHECK(late.error() == Errc::kClosed);
}

}  // namespace
}  // namespace baton::testing
