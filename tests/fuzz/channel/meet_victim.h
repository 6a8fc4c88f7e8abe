// A victim that is given ends of channels: it binds them, keeps them, passes them on or drops them,
// as the script says. Their other ends are the liar's, too.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <baton/async.h>
#include <baton/introduce.h>

#include "meetChild.h"
#include "meetParent.h"
#include "tests/fuzz/channel/world.h"

namespace baton::fuzz {

namespace meet = ::testing;

class MeetWorld final : public World {
 public:
  MeetWorld(Outcome& outcome, boost::asio::any_io_executor on)
      : World(outcome), executor(std::move(on)) {}

  void LetGo() override {
    World::LetGo();
    const auto unbound = std::exchange(ends, {});
    for (const auto& talk : std::exchange(talks, {})) talk->Close();
  }

  const boost::asio::any_io_executor executor;
  std::vector<Endpoint<meet::PTalkChild>> ends;
  std::vector<std::shared_ptr<Actor>> talks;
};

// Bound to an end that came; its channel ends with the liar's end, or when the world lets go.
template <class Base>
class MeetTalk final : public Base {
 public:
  explicit MeetTalk(MeetWorld& of) : world_(of) { ++world_.objects; }
  ~MeetTalk() override { --world_.objects; }

 private:
  Result<void> RecvSay(std::string text) override {
    Reached("PTalk::Say");
    if (text != "?") return {};
    return this->SendSay("yes");
  }
  Result<void> RecvHand(Shmem memory) override {
    Reached("PTalk::Hand");
    return this->SendHand(std::move(memory));
  }
  void ActorDestroy(ActorDestroyReason) override { BATON_CHECK(++destroyed_ == 1); }

  MeetWorld& world_;
  int destroyed_ = 0;
};

class MeetSeat final : public Fellow<meet::PSeatChild, TreeKind::kTab> {
 public:
  using Fellow::Fellow;
};

class MeetVictim final : public Fellow<meet::PHostChild, TreeKind::kWindow>, public AnyVictim {
 public:
  explicit MeetVictim(MeetWorld& of) : Fellow(of), ends_(of) {}

  void Act(int choice, Script& script) override {
    if (choice % 2 == 0) return Act(script.Byte());
    world.Plan(script.Bytes(1 + static_cast<std::size_t>(choice) / 2));
  }

 private:
  using Talk = Endpoint<meet::PTalkChild>;

  void Act(std::uint8_t deed) override {
    auto& ends = ends_.ends;
    switch (deed % 16) {
      case 1:
        if (!ends.empty() && SendPassOn(std::move(ends.back()))) Reached("an end is passed on");
        return ends.empty() ? void() : ends.pop_back();
      case 2: return ends.empty() ? void() : ends.pop_back();
      case 3: {
        auto two = CreateEndpoints<meet::PTalkParent, meet::PTalkChild>();
        if (!two) return;
        Bind<MeetTalk<meet::PTalkParent>>(std::move(two->first));
        return (void)SendPassOn(std::move(two->second));
      }
      case 4:
        for (const auto& talk : ends_.talks) talk->Close();
        return;
      default: return;
    }
  }

  template <class Actor, class End>
  void Bind(End end) {
    auto actor = std::make_shared<Actor>(ends_);
    ends_.talks.push_back(actor);
    if (std::move(end).Bind(actor, ends_.executor)) Reached("an end is bound");
  }
  // Bound at once, or kept for a deed.
  Result<void> Got(Talk end) {
    const std::uint8_t fate = world.NextDeed();
    if (fate % 2 == 0) {
      Bind<MeetTalk<meet::PTalkChild>>(std::move(end));
    } else if (ends_.ends.size() < 32) {
      ends_.ends.push_back(std::move(end));
    }
    return {};
  }

  Result<void> RecvMeet(std::string, Endpoint<meet::PTalkParent> talk) override {
    BATON_CHECKED(Heard("PHost::Meet"));
    Bind<MeetTalk<meet::PTalkParent>>(std::move(talk));
    return {};
  }
  Result<void> RecvJoin(std::string, Talk talk) override {
    BATON_CHECKED(Heard("PHost::Join"));
    return Got(std::move(talk));
  }
  Result<void> RecvDeal(meet::Card card, std::vector<Talk> some, std::optional<Talk> maybe,
                        std::map<std::string, Talk> named, meet::Gift, std::array<Talk, 2> pair,
                        std::unique_ptr<meet::Card> card_behind) override {
    BATON_CHECKED(Heard("PHost::Deal"));
    BATON_CHECKED(Got(std::move(card.talk)));
    for (auto& talk : some) BATON_CHECKED(Got(std::move(talk)));
    if (maybe) BATON_CHECKED(Got(std::move(*maybe)));
    for (auto& [name, talk] : named) BATON_CHECKED(Got(std::move(talk)));
    BATON_CHECKED(Got(std::move(pair[1])));
    return card_behind == nullptr ? Result<void>() : Got(std::move(card_behind->talk));
  }
  void RecvOffer(std::string name, OfferReplier reply) override {
    if (const auto heard = Heard("PHost::Offer"); !heard) return reply.Reject(heard.error());
    auto two = CreateEndpoints<meet::PTalkParent, meet::PTalkChild>();
    if (!two) return reply.Reject(two.error());
    Bind<MeetTalk<meet::PTalkParent>>(std::move(two->first));
    reply({std::move(two->second), std::move(name)});
  }
  Result<void> RecvSit(ManagedEndpoint<meet::PSeatChild> seat, std::string, Talk talk) override {
    BATON_CHECKED(Heard("PHost::Sit"));
    BATON_CHECKED(BindPSeatEndpoint(std::move(seat), std::make_shared<MeetSeat>(world)));
    return Got(std::move(talk));
  }
  Result<void> RecvServe(Endpoint<meet::PHostChild>) override { return Heard("PHost::Serve"); }
  Result<void> RecvAdopt(Endpoint<meet::PHostParent>) override { return Heard("PHost::Adopt"); }
  Result<void> RecvIntroduce() override { return Heard("PHost::Introduce"); }
  Result<void> RecvTell(std::string, std::string) override { return Heard("PHost::Tell"); }
  Result<void> RecvLend(std::string, std::uint8_t) override { return Heard("PHost::Lend"); }
  Result<void> RecvLeaveSomebody(FileDescriptor) override { return Heard("PHost::LeaveSomebody"); }
  void RecvLabel(std::string, LabelReplier reply) override {
    if (const auto heard = Heard("PHost::Label"); !heard) return reply.Reject(heard.error());
    reply(trust_label());
  }
  Result<void> RecvKeep(Talk talk) override {
    BATON_CHECKED(Heard("PHost::Keep"));
    return Got(std::move(talk));
  }
  Result<void> RecvKeepAll(std::vector<Talk> talks) override {
    BATON_CHECKED(Heard("PHost::KeepAll"));
    for (auto& talk : talks) BATON_CHECKED(Got(std::move(talk)));
    return {};
  }
  Result<void> RecvGiveBack() override {
    BATON_CHECKED(Heard("PHost::GiveBack"));
    while (!ends_.ends.empty()) {
      BATON_CHECKED(SendPassOn(std::move(ends_.ends.back())));
      ends_.ends.pop_back();
    }
    return {};
  }
  Result<void> RecvShare(std::shared_ptr<meet::PSeatChild> seat, Talk talk) override {
    BATON_CHECK(HasNotEnded(*seat));
    BATON_CHECKED(Heard("PHost::Share"));
    return Got(std::move(talk));
  }
  std::shared_ptr<meet::PSeatChild> AllocPSeatChild() override {
    return Heard("a seat is made") ? std::make_shared<MeetSeat>(world) : nullptr;
  }

  MeetWorld& ends_;
};

}  // namespace baton::fuzz
