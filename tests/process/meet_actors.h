// Both sides of meet.idl. A guest does what its host says and reports what happens, in words that
// tests wait for: "Ann says hello", "Ann left", "Ann died".
#pragma once

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <baton/baton.h>

#include "meetChild.h"
#include "meetParent.h"
#include "tests/process/transport.h"
#include "tests/support/must.h"
#include "tests/support/peer.h"

namespace baton::testing {

using boost::asio::io_context;
namespace meet = ::testing;

inline constexpr std::uint64_t kHandedBytes = 8192;
inline constexpr std::uint64_t kLabelOfHost = 99;  // what guests call it

using TalkEnds = std::pair<Endpoint<meet::PTalkParent>, Endpoint<meet::PTalkChild>>;
inline TalkEnds MakeTalk() {
  return Must(CreateEndpoints<meet::PTalkParent, meet::PTalkChild>());
}

using Report = std::function<void(const std::string&)>;

// One end of a conversation with somebody called `name`.
template <class Base>
class AnyTalk final : public Base {
 public:
  AnyTalk(std::string name, Report report) : name_(std::move(name)), report_(std::move(report)) {}

 protected:
  Result<void> RecvSay(std::string text) override {
    report_(name_ + " says " + text);
    if (!text.ends_with('?')) return {};
    return this->SendSay("yes");
  }

  Result<void> RecvHand(Shmem memory) override {
    const auto bytes = memory.bytes();
    const bool is_even = std::ranges::all_of(bytes, [&](std::byte b) { return b == bytes[0]; });
    report_(name_ + " hands " + std::to_string(bytes.size()) + (is_even ? " x " : " mixed ") +
            std::to_string(std::to_integer<int>(bytes[0])));
    return {};
  }

  void ActorDestroy(ActorDestroyReason reason) override {
    report_(name_ + (reason == ActorDestroyReason::kNormalShutdown ? " left" : " died"));
  }

 private:
  const std::string name_;
  const Report report_;
};
using TalkOfParent = AnyTalk<meet::PTalkParent>;
using TalkOfChild = AnyTalk<meet::PTalkChild>;

class SeatOfParent final : public meet::PSeatParent {};
class SeatOfChild final : public meet::PSeatChild {};

// The host's side of one guest.
class MeetHost final : public meet::PHostParent {
 public:
  std::vector<std::string> heard;
  std::vector<Endpoint<meet::PTalkChild>> to_pass_on;
  bool is_over = false;

  bool Heard(const std::string& text) const {
    return std::ranges::find(heard, text) != heard.end();
  }

 protected:
  Result<void> RecvHeard(std::string text) override {
    heard.push_back(std::move(text));
    return {};
  }
  Result<void> RecvPassOn(Endpoint<meet::PTalkChild> talk) override {
    to_pass_on.push_back(std::move(talk));
    return {};
  }
  void ActorDestroy(ActorDestroyReason) override { is_over = true; }
};

// The guest. What it has in common with itself, as the guest of another host, is its party.
struct MeetParty {
  io_context& io;
  std::map<std::string, std::shared_ptr<TalkOfParent>> parents = {};
  std::map<std::string, std::shared_ptr<TalkOfChild>> children = {};
  std::vector<std::shared_ptr<MeetHost>> guests = {};
  std::vector<Endpoint<meet::PTalkChild>> kept = {};
  std::weak_ptr<meet::PHostChild> main = {};  // who reports
};

class MeetGuest final : public meet::PHostChild {
 public:
  explicit MeetGuest(MeetParty& party, bool is_main = true) : party_(party), is_main_(is_main) {}

  std::vector<std::error_code> handler_errors;

 protected:
  Result<void> RecvMeet(std::string name, Endpoint<meet::PTalkParent> talk) override {
    auto& actor = party_.parents[name] = std::make_shared<TalkOfParent>(name, Reporter());
    BATON_CHECKED(std::move(talk).Bind(actor, party_.io.get_executor()));
    Reporter()("met " + name);
    return {};
  }

  Result<void> RecvJoin(std::string name, Endpoint<meet::PTalkChild> talk) override {
    auto& actor = party_.children[name] = std::make_shared<TalkOfChild>(name, Reporter());
    BATON_CHECKED(std::move(talk).Bind(actor, party_.io.get_executor()));
    Reporter()("met " + name);
    return {};
  }

  Result<void> RecvDeal(meet::Card card, std::vector<Endpoint<meet::PTalkChild>> some,
                        std::optional<Endpoint<meet::PTalkChild>> maybe,
                        std::map<std::string, Endpoint<meet::PTalkChild>> named, meet::Gift gift,
                        std::array<Endpoint<meet::PTalkChild>, 2> pair,
                        std::unique_ptr<meet::Card> card_behind) override {
    BATON_CHECKED(RecvJoin(card.name, std::move(card.talk)));
    for (std::size_t n = 0; n < some.size(); ++n) {
      BATON_CHECKED(RecvJoin("some " + std::to_string(n), std::move(some[n])));
    }
    if (maybe) BATON_CHECKED(RecvJoin("maybe", std::move(*maybe)));
    for (auto& [name, talk] : named) BATON_CHECKED(RecvJoin(name, std::move(talk)));
    BATON_CHECKED(RecvJoin("gift", std::move(gift.get<0>())));
    BATON_CHECKED(RecvJoin("one of two", std::move(pair[0])));
    BATON_CHECKED(RecvJoin("two of two", std::move(pair[1])));
    if (card_behind != nullptr) {
      BATON_CHECKED(RecvJoin(card_behind->name, std::move(card_behind->talk)));
    }
    return {};
  }

  void RecvOffer(std::string name, OfferReplier reply) override {
    TalkEnds ends = MakeTalk();
    Must(RecvMeet(name, std::move(ends.first)));
    reply({std::move(ends.second), "for " + name});
  }

  Result<void> RecvSit(ManagedEndpoint<meet::PSeatChild> seat, std::string name,
                       Endpoint<meet::PTalkChild> talk) override {
    BATON_CHECKED(BindPSeatEndpoint(std::move(seat), std::make_shared<SeatOfChild>()));
    return RecvJoin(std::move(name), std::move(talk));
  }

  Result<void> RecvServe(Endpoint<meet::PHostChild> host) override {
    const auto guest = std::make_shared<MeetGuest>(party_, false);
    return std::move(host).Bind(guest, party_.io.get_executor());
  }

  Result<void> RecvAdopt(Endpoint<meet::PHostParent> guest) override {
    party_.guests.push_back(std::make_shared<MeetHost>());
    return std::move(guest).Bind(party_.guests.back(), party_.io.get_executor());
  }

  Result<void> RecvIntroduce() override {
    MeetHost& ann = *party_.guests.at(0);
    MeetHost& bob = *party_.guests.at(1);
    BATON_TRY(auto ends, (CreateEndpointsBetween<meet::PTalkParent, meet::PTalkChild>(ann, bob)));
    BATON_CHECKED(ann.SendMeet("Bob", std::move(ends.first)));
    return bob.SendJoin("Ann", std::move(ends.second));
  }

  Result<void> RecvTell(std::string to, std::string text) override {
    if (const auto one = party_.parents.find(to); one != party_.parents.end()) {
      return one->second->SendSay(text);
    }
    return party_.children.at(to)->SendSay(text);
  }

  Result<void> RecvLend(std::string to, std::uint8_t fill) override {
    const auto& talk = party_.parents.at(to);
    BATON_TRY(auto memory, talk->AllocShmem(kHandedBytes));
    std::ranges::fill(memory.bytes(), std::byte{fill});
    return talk->SendHand(std::move(memory));
  }

  Result<void> RecvLeaveSomebody(FileDescriptor leash) override {
    if (::fork() != 0) return SendHeard("somebody stays");
    pollfd let_go = {leash.get(), 0, 0};
    while (::poll(&let_go, 1, -1) != 1) {
    }
    ::_exit(0);
  }

  void RecvLabel(std::string of, LabelReplier reply) override {
    const auto one = party_.children.find(of);
    reply(one == party_.children.end() ? trust_label() : one->second->trust_label());
  }

  Result<void> RecvKeep(Endpoint<meet::PTalkChild> talk) override {
    party_.kept.push_back(std::move(talk));
    return {};
  }
  Result<void> RecvKeepAll(std::vector<Endpoint<meet::PTalkChild>> talks) override {
    for (auto& talk : talks) party_.kept.push_back(std::move(talk));
    return {};
  }
  Result<void> RecvGiveBack() override {
    for (auto& talk : party_.kept) BATON_CHECKED(SendPassOn(std::move(talk)));
    party_.kept.clear();
    return {};
  }
  Result<void> RecvShare(std::shared_ptr<meet::PSeatChild>,
                         Endpoint<meet::PTalkChild> talk) override {
    return RecvJoin("shared", std::move(talk));
  }
  std::shared_ptr<meet::PSeatChild> AllocPSeatChild() override {
    return std::make_shared<SeatOfChild>();
  }

  void OnHandlerError(std::error_code error) override { handler_errors.push_back(error); }

  void ActorDestroy(ActorDestroyReason reason) override {
    const bool has_left = reason == ActorDestroyReason::kNormalShutdown;
    if (!is_main_) return Reporter()(has_left ? "a host left" : "a host died");
    for (const auto& [name, talk] : party_.parents) talk->Close();
    for (const auto& [name, talk] : party_.children) talk->Close();
    for (const auto& guest : party_.guests) guest->Close();
    party_.kept.clear();
  }

 private:
  // To the first host; who has gone hears nothing.
  Report Reporter() {
    return [main = party_.main](const std::string& text) {
      const auto guest = main.lock();
      if (guest != nullptr && guest->CanSend()) Must(guest->SendHeard(text));
    };
  }

  MeetParty& party_;
  const bool is_main_;
};

// The body of a peer: a guest until its host closes.
inline void RunMeetGuest(platform::Handle channel_end, bool believes_labels = false) {
  io_context io;
  MeetParty party = {io};
  const auto guest = std::make_shared<MeetGuest>(party);
  party.main = guest;
  Link link = Accept(std::move(channel_end));
  link.options.trust_label = kLabelOfHost;
  link.options.believe_labels = believes_labels;
  Must(internal::BindEndpoint(std::move(link.parts), guest, io.get_executor(), link.options));
  io.run();
}

}  // namespace baton::testing
