// A process ends, or stops, at each state change while actors come and go, and while ends of
// channels are handed on.
#include <algorithm>
#include <set>

#include "tests/fault/kill_points.h"
#include "tests/fault/stage.h"
#include "tests/process/meet_actors.h"
#include "tests/process/tree_actors.h"

namespace baton::testing {
namespace {

// --- A tree --------------------------------------------------------------------------------------

enum Wish : std::uint32_t { kMakeTab, kDeleteOldest };

// Who was bound has ended once, and nobody else; the window last.
class Births {
 public:
  explicit Births(World& world) : world_(world) {
    world.at = [this](const std::string& where, Actor& actor) {
      if (where == "RecvConstructor") ids_.insert(actor.actor_id());
      also(where, actor);
    };
  }

  void Note(const Actor& actor) { ids_.insert(actor.actor_id()); }

  void CheckEnds() const {
    std::set<std::uint32_t> ended;
    for (const auto& [who, times] : world_.destroyed) {
      INFO(who);
      CHECK(times == 1);
      ended.insert(static_cast<std::uint32_t>(std::stoul(who.substr(who.find(' ') + 1))));
    }
    CHECK(ended == ids_);
    REQUIRE_FALSE(world_.ended.empty());
    CHECK(world_.ended.back().who == "window 0");
  }

  std::function<void(const std::string&, Actor&)> also = [](const auto&, Actor&) {};

 private:
  World& world_;
  std::set<std::uint32_t> ids_ = {0};
};

PEER(GrowsToo) {
  PlaySide(channel_end, [](Stage& stage) {
    World world;
    Births births(world);
    const auto window = std::make_shared<WindowOfChild>(world);
    window->on_do = [&](std::uint32_t wish) {
      const auto tabs = window->tabs();
      if (wish == kMakeTab) {
        const auto tab = std::make_shared<TabOfChild>(world);
        if (Construct(*window, tab)) births.Note(*tab);
      } else if (!tabs.empty()) {
        (void)tabs.front()->Send__delete__("told to");
      }
    };
    births.also = [&](const std::string& where, Actor&) {
      if (where != "RecvEndpoint") return;
      const auto tab = std::make_shared<TabOfChild>(world);
      if (window->BindPTabEndpoint(std::move(window->endpoint), tab)) births.Note(*tab);
    };
    stage.Bind(window);
    stage.WhenToldToEnd([&] { window->Close(); });
    stage.RunUntil([&] { return world.destroyed.contains("window 0"); });
    stage.RunToTheEnd();
    births.CheckEnds();
  });
}

// With constructors, deletions and an endpoint from here, and others that cross them.
void PlayGrower(Stage& stage) {
  World world;
  Births births(world);
  const auto window = std::make_shared<WindowOfParent>(world);
  stage.Bind(window);
  stage.WhenToldToEnd([&] { window->Close(); });
  Questions questions;
  for (int round = 0; round < 2; ++round) {
    const auto tab = std::make_shared<TabOfParent>(world);
    if (!Construct(*window, tab)) break;
    births.Note(*tab);
    const auto frame = std::make_shared<FrameOfParent>(world);
    if (tab->SendPFrameConstructor(frame, 1)) births.Note(*frame);
    (void)window->SendDo(kMakeTab);
    (void)window->SendDo(kDeleteOldest);
    tab->SendAsk(1, questions.One());
    (void)frame->SendNote(1);
    if (round == 1) (void)tab->Send__delete__("here");
    const auto offered = std::make_shared<TabOfParent>(world);
    if (auto endpoint = window->OpenPTabEndpoint(offered)) {
      births.Note(*offered);
      if (round == 0) (void)window->SendTake(*std::move(endpoint), 1);  // else dropped
      offered->SendAsk(1, questions.One());
    }
    stage.Settle(questions);
  }
  window->SendAsk(1, questions.One());
  stage.Settle(questions);
  window->Close();
  stage.RunUntil([&] { return world.destroyed.contains("window 0"); });
  stage.RunToTheEnd();
  births.CheckEnds();
  questions.Check();
}

PEER(Grows) {
  PlaySide(channel_end, PlayGrower);
}

const Story kTree = {.name = "tree", .first = &Grows, .second = &GrowsToo};

TEST_CASE("kill points: the parent of a tree dies") {
  SweepDeaths(kTree, Victim::kFirst);
}
TEST_CASE("kill points: the child of a tree dies") {
  SweepDeaths(kTree, Victim::kSecond);
}
TEST_CASE("kill points: the parent of a tree stalls") {
  SweepStalls(kTree, Victim::kFirst);
}
TEST_CASE("kill points: the child of a tree stalls") {
  SweepStalls(kTree, Victim::kSecond);
}

// --- Endpoints -----------------------------------------------------------------------------------

PEER(Visits) {
  PlaySide(channel_end, [](Stage& stage) {
    MeetParty party = {stage.io};
    const auto guest = std::make_shared<MeetGuest>(party);
    party.main = guest;
    stage.Bind(guest);
    stage.WhenToldToEnd([&] {
      guest->Close();
      for (const auto& [name, talk] : party.parents) talk->Close();
      for (const auto& [name, talk] : party.children) talk->Close();
    });
    stage.RunUntil([&] { return !guest->CanSend(); });
    stage.RunToTheEnd();
  });
}

// Both ways, one that is bound before the guest has it, and ends that are given back and dropped.
void PlayHost(Stage& stage) {
  const auto host = std::make_shared<MeetHost>();
  std::vector<std::string> said;
  const Report report = [&](const std::string& text) { said.push_back(text); };
  const auto talk = std::make_shared<TalkOfParent>("guest", report);
  std::shared_ptr<TalkOfChild> offered;
  stage.Bind(host);
  const auto close_all = [&] {
    host->Close();
    talk->Close();
    if (offered != nullptr) offered->Close();
  };
  stage.WhenToldToEnd(close_all);
  Questions questions;
  TalkEnds ends = MakeTalk();
  Must(std::move(ends.first).Bind(talk, stage.io.get_executor(), stage.options()));
  (void)host->SendJoin("host", std::move(ends.second));
  (void)talk->SendSay("hello?");
  const auto note = questions.One();
  host->SendOffer("host", [&, note](boost::system::error_code error, auto offer) mutable {
    note(error);
    if (error) return;
    offered = std::make_shared<TalkOfChild>("offer", report);
    Must(std::move(offer.talk).Bind(offered, stage.io.get_executor(), stage.options()));
    (void)offered->SendSay("well?");
  });
  stage.Settle(questions);
  TalkEnds kept = MakeTalk();
  (void)host->SendKeep(std::move(kept.second));
  (void)host->SendGiveBack();
  host->SendLabel("host", questions.One());
  stage.Settle(questions);
  host->to_pass_on.clear();
  close_all();
  const auto endings = [&] {
    return std::ranges::count_if(said, [](const std::string& text) {
      return text.ends_with(" left") || text.ends_with(" died");
    });
  };
  stage.RunUntil([&] { return host->is_over && endings() == (offered == nullptr ? 1 : 2); });
  stage.RunToTheEnd();
  CHECK(endings() == (offered == nullptr ? 1 : 2));
  questions.Check();
}

PEER(Invites) {
  PlaySide(channel_end, PlayHost);
}

const Story kEndpoints = {.name = "endpoints", .first = &Invites, .second = &Visits};

TEST_CASE("kill points: who hands out endpoints dies") {
  SweepDeaths(kEndpoints, Victim::kFirst);
}
TEST_CASE("kill points: who is given endpoints dies") {
  SweepDeaths(kEndpoints, Victim::kSecond);
}
TEST_CASE("kill points: who hands out endpoints stalls") {
  SweepStalls(kEndpoints, Victim::kFirst);
}
TEST_CASE("kill points: who is given endpoints stalls") {
  SweepStalls(kEndpoints, Victim::kSecond);
}

}  // namespace
}  // namespace baton::testing
