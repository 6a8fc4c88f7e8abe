// Trees of actors, both sides in one thread: what is made, told and ended, and in which order.
#include <catch2/catch.hpp>

#include <baton/async.h>

#include "tests/process/tree_actors.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using boost::system::error_code;
using enum ActorDestroyReason;

Path PathOfTree() {
  return GENERATE(Path::kSocket, Path::kRing, Path::kInProcess);
}

std::shared_ptr<TabOfParent> NewTab(TreePair& pair) {
  auto tab = std::make_shared<TabOfParent>(pair.here);
  Must(Construct(*pair.parent, tab));
  return tab;
}

// The child's actor of the same number.
template <class A>
std::shared_ptr<A> Twin(const TreePair& pair, const Actor& actor) {
  for (const auto& tab : pair.child->tabs()) {
    if (tab->actor_id() == actor.actor_id()) return std::static_pointer_cast<A>(tab);
  }
  return nullptr;
}

TEST_CASE("a constructor makes an actor on both sides, with arguments of every kind") {
  const Guarded guarded;
  TreePair pair(PathOfTree());
  const auto tab = std::make_shared<TabOfParent>(pair.here);
  CHECK(tab->SendNote(1).error() == Errc::kNotBound);
  Shmem memory = Must(pair.parent->AllocShmem(100));
  memory.bytes()[7] = std::byte{9};
  Must(pair.parent->SendPTabConstructor(
      tab, "https://example.org", {"title", tree::Colour::kBlue, {1, 2, 3}},
      std::optional(std::move(memory)), {std::byte{5}}, {{"one", 1}}));
  CHECK(tab->CanSend());
  CHECK(tab->actor_id() == 2);
  CHECK(tab->Manager() == pair.parent);
  Must(tab->SendNote(41));
  pair.Settle();
  const auto twin = Twin<TabOfChild>(pair, *tab);
  REQUIRE(twin != nullptr);
  CHECK(twin->url == "https://example.org");
  CHECK(twin->look.title == "title");
  CHECK(twin->look.colour == tree::Colour::kBlue);
  CHECK(twin->look.sizes == std::vector<std::uint32_t>{1, 2, 3});
  CHECK(twin->data.size() == 1);
  CHECK(twin->marks.at("one") == 1);
  REQUIRE(twin->memory.size() == 1);
  CHECK(twin->memory[0].bytes()[7] == std::byte{9});
  CHECK(twin->notes == std::vector<std::uint32_t>{41});
  CHECK(twin->Manager() == pair.child);
  Must(twin->SendNote(42));
  pair.Settle();
  CHECK(tab->notes == std::vector<std::uint32_t>{42});
}

TEST_CASE("either side makes actors, and their numbers never meet") {
  const Guarded guarded;
  TreePair pair(PathOfTree());
  const auto mine = NewTab(pair);
  const auto theirs = std::make_shared<TabOfChild>(pair.there);
  Must(Construct(*pair.child, theirs));
  CHECK(mine->actor_id() == 2);
  CHECK(theirs->actor_id() == 3);
  pair.Settle();
  CHECK(pair.parent->tabs().size() == 2);
  CHECK(pair.child->tabs().size() == 2);
  Must(mine->Send__delete__("done"));
  pair.Settle();
  const auto next = NewTab(pair);
  CHECK(next->actor_id() == 4);
}

TEST_CASE("a constructor that cannot be sent changes nothing") {
  const Guarded guarded;
  TreePair pair;
  const auto tab = std::make_shared<TabOfParent>(pair.here);
  std::optional<Shmem> memory = Must(pair.parent->AllocShmem(10));
  const auto sent = pair.parent->SendPTabConstructor(tab, "\xff", {}, std::move(memory), {}, {});
  CHECK(sent.error() == Errc::kInvalidValue);
  CHECK_FALSE(tab->CanSend());
  CHECK(memory->state() == ShmemState::kOwned);
  CHECK(pair.parent->tabs().empty());
  Must(Construct(*pair.parent, tab));  // as if nothing had been
  CHECK(tab->actor_id() == 2);
  CHECK(Construct(*pair.parent, tab).error() == Errc::kWrongActor);  // bound already
  CHECK(Construct(*pair.parent, std::shared_ptr<TabOfParent>()).error() == Errc::kWrongActor);
  pair.Settle();
}

TEST_CASE("who makes no actor, or fails in the constructor's handler, ends it on both sides") {
  const Guarded guarded;
  TreePair pair(PathOfTree());
  const bool refuses = GENERATE(true, false);
  pair.there.refuses = refuses;
  pair.there.fails = !refuses;
  pair.alone_here = refuses ? 1 : 0;
  const auto tab = NewTab(pair);
  Must(tab->SendNote(1));  // is late, and nobody's fault
  pair.Settle();
  CHECK(pair.here.ended == std::vector<Ended>{{"tab 2", kFailedConstructor}});
  CHECK(pair.child->statistics().messages_late == 1);
  CHECK_FALSE(tab->CanSend());
  CHECK(tab->SendNote(2).error() == Errc::kActorGone);
  CHECK(pair.parent->tabs().empty());
  CHECK(pair.child->tabs().empty());
  if (!refuses) {
    CHECK(pair.there.ended == std::vector<Ended>{{"tab 2", kFailedConstructor}});
    CHECK(pair.there.handler_errors.size() == 1);
  }
  CHECK(pair.parent->CanSend());
}

TEST_CASE("deletion ends the actor on both sides and takes all below along, managees first") {
  const Guarded guarded;
  TreePair pair(PathOfTree());
  const auto tab = NewTab(pair);
  const auto frame = std::make_shared<FrameOfParent>(pair.here);
  Must(tab->SendPFrameConstructor(frame, 1));
  const auto inner = std::make_shared<FrameOfParent>(pair.here);
  Must(frame->SendPFrameConstructor(inner, 2));
  const auto other = std::make_shared<FrameOfParent>(pair.here);
  Must(tab->SendPFrameConstructor(other, 1));
  pair.Settle();
  const std::vector<Ended> expected = {{"frame 6", kAncestorDeletion},
                                       {"frame 4", kAncestorDeletion},
                                       {"frame 8", kAncestorDeletion},
                                       {"tab 2", kDeletion}};
  SECTION("by who made it") {
    Must(tab->Send__delete__("enough"));
    CHECK(pair.here.ended.empty());  // never inside the call
    CHECK_FALSE(inner->CanSend());
  }
  SECTION("by the other side") {
    Must(Twin<TabOfChild>(pair, *tab)->Send__delete__("enough"));
  }
  pair.Settle();
  CHECK(pair.here.ended == expected);
  CHECK(pair.there.ended == expected);
  CHECK(inner->SendNote(1).error() == Errc::kActorGone);
  CHECK(frame->Manager() == nullptr);
}

TEST_CASE("the end of the channel ends all actors, managees first") {
  const Guarded guarded;
  std::vector<Ended> here;
  {
    TreePair pair(PathOfTree());
    const auto tab = NewTab(pair);
    Must(tab->SendPFrameConstructor(std::make_shared<FrameOfParent>(pair.here), 1));
    pair.Settle();
    pair.parent->Close();
    pair.RunToTheEnd();
    const std::vector<Ended> expected = {
        {"frame 4", kNormalShutdown}, {"tab 2", kNormalShutdown}, {"window 0", kNormalShutdown}};
    CHECK(pair.here.ended == expected);
    CHECK(pair.there.ended == expected);
    CHECK(tab->SendNote(1).error() == Errc::kClosed);
  }
}

TEST_CASE("deletions that cross are one deletion") {
  const Guarded guarded;
  TreePair pair(PathOfTree());
  const auto tab = NewTab(pair);
  pair.Settle();
  const auto twin = Twin<TabOfChild>(pair, *tab);
  Must(twin->SendNote(1));
  Must(tab->Send__delete__("here"));
  Must(twin->Send__delete__("there"));
  pair.Settle();
  CHECK(pair.here.ended == std::vector<Ended>{{"tab 2", kDeletion}});
  CHECK(pair.there.ended == std::vector<Ended>{{"tab 2", kDeletion}});
  CHECK(pair.parent->statistics().messages_late == 2);
  CHECK(pair.child->statistics().messages_late == 1);
  CHECK(tab->why.empty());
}

TEST_CASE("memory in a message that comes too late is freed") {
  const Guarded guarded;
  ChannelOptions options;
  options.max_shmem_count = 1;
  TreePair pair(Path::kRing, options);
  const auto tab = NewTab(pair);
  pair.Settle();
  const auto twin = Twin<TabOfChild>(pair, *tab);
  Must(twin->SendLend(Must(twin->AllocShmem(100))));
  CHECK(twin->AllocShmem(100).error() == Errc::kOverQuota);
  Must(tab->Send__delete__("first"));
  pair.Settle();
  CHECK(pair.parent->statistics().messages_late == 1);
  Must(pair.child->AllocShmem(100));
}

TEST_CASE("questions to an actor that goes are completed, and late answers are nobody's fault") {
  const Guarded guarded;
  TreePair pair(PathOfTree());
  const auto tab = NewTab(pair);
  std::vector<std::error_code> errors;
  const auto note_error = [&](error_code error, std::uint32_t) { errors.push_back(error); };
  const int count = 1000;
  for (int n = 0; n < count; ++n) tab->SendAsk(0, note_error);
  pair.Settle();
  const auto twin = Twin<TabOfChild>(pair, *tab);
  REQUIRE(twin->unanswered.size() == count);
  SECTION("the asker deletes it") {
    twin->unanswered[0](7);  // on its way
    Must(tab->Send__delete__("never mind"));
    CHECK(errors.empty());
  }
  SECTION("the other side deletes it") {
    Must(twin->Send__delete__("no"));
    twin->unanswered[0](7);
    twin->unanswered[1].Reject(std::make_error_code(std::errc::not_supported));
  }
  SECTION("both do, and a question crosses") {
    Must(twin->Send__delete__("no"));
    tab->SendAsk(1, note_error);
    Must(tab->Send__delete__("never mind"));
  }
  pair.Settle();
  CHECK(errors.size() >= count);
  CHECK(std::ranges::all_of(errors, [](auto error) { return error == Errc::kActorGone; }));
  // The numbers are free again: as many questions as at first.
  twin->unanswered.clear();
  pair.Settle();
  const auto next = NewTab(pair);
  for (int n = 0; n < 1023; ++n) next->SendAsk(0, [](error_code, std::uint32_t) {});
  pair.Settle();
  CHECK(pair.child->CanSend());
  Must(next->Send__delete__("done"));
  pair.Settle();
  CHECK(pair.parent->CanSend());
}

TEST_CASE("actors travel as values, alone and inside of others") {
  const Guarded guarded;
  TreePair pair(PathOfTree());
  const auto one = NewTab(pair);
  const auto two = NewTab(pair);
  Must(pair.parent->SendShow(one, nullptr));
  Must(pair.parent->SendShow(two, one));
  tree::Choice choice;
  choice.tab = one;
  choice.all = {two, one};
  choice.maybe.emplace(two);
  tree::Pick pick;
  pick.emplace<0>(two);
  Must(pair.parent->SendArrange(choice, pick));
  std::shared_ptr<tree::PTabParent> same;
  pair.parent->SendWhich(two, [&](error_code error, tree::PWindow::WhichReply reply) {
    CHECK_FALSE(error);
    CHECK(reply.count == 7);
    same = reply.same.parent();
    CHECK(reply.same.child() == nullptr);
  });
  std::shared_ptr<tree::PTabParent> first;
  pair.parent->SendWhichOne(0, [&](error_code, auto tab) { first = tab.parent(); });
  pair.Settle();
  const auto one_there = Twin<TabOfChild>(pair, *one);
  const auto two_there = Twin<TabOfChild>(pair, *two);
  REQUIRE(pair.child->shown.size() == 2);
  CHECK(pair.child->shown[0].first == one_there);
  CHECK(pair.child->shown[0].second == nullptr);
  CHECK(pair.child->shown[1].first == two_there);
  CHECK(pair.child->shown[1].second == one_there);
  REQUIRE(pair.child->choice);
  CHECK(pair.child->choice->tab.child() == one_there);
  CHECK(pair.child->choice->other == nullptr);
  REQUIRE(pair.child->choice->all.size() == 2);
  CHECK(pair.child->choice->all[0].child() == two_there);
  CHECK(pair.child->choice->maybe->child() == two_there);
  CHECK(pair.child->pick->get<0>().child() == two_there);
  CHECK(same == two);
  CHECK(first == one);
  CHECK(ToString(*pair.child->choice).find("actor 2") != std::string::npos);
}

TEST_CASE("an actor that is dead, foreign, or none cannot be sent") {
  const Guarded guarded;
  TreePair pair;
  TreePair other;
  const auto tab = NewTab(pair);
  const auto foreign = NewTab(other);
  const auto unbound = std::make_shared<TabOfParent>(pair.here);
  Must(pair.parent->SendShow(tab, nullptr));
  CHECK(pair.parent->SendShow(foreign, nullptr).error() == Errc::kWrongActor);
  CHECK(pair.parent->SendShow(unbound, nullptr).error() == Errc::kWrongActor);
  CHECK(pair.parent->SendShow(nullptr, tab).error() == Errc::kInvalidValue);
  Must(tab->Send__delete__("gone"));
  CHECK(pair.parent->SendShow(tab, nullptr).error() == Errc::kActorGone);
  pair.Settle();
  CHECK(pair.parent->SendShow(tab, nullptr).error() == Errc::kActorGone);
  CHECK(pair.child->shown.size() == 1);
}

TEST_CASE("a message that names an actor which has gone is late") {
  const Guarded guarded;
  TreePair pair(PathOfTree());
  const auto tab = NewTab(pair);
  pair.Settle();
  std::error_code refusal;
  Must(pair.parent->SendShow(tab, nullptr));
  pair.parent->SendWhich(tab, [&](error_code error, auto) { refusal = error; });
  Must(Twin<TabOfChild>(pair, *tab)->Send__delete__("crossing"));
  pair.Settle();
  CHECK(pair.child->shown.empty());
  CHECK(pair.child->statistics().messages_late == 2);
  CHECK(refusal == Errc::kActorGone);
  CHECK(pair.parent->CanSend());
}

TEST_CASE("actors beyond the quota are turned away, one by one") {
  const Guarded guarded;
  ChannelOptions options;
  options.max_actors = 3;
  TreePair pair(Path::kRing, options);
  pair.alone_here = 2;
  std::vector<std::shared_ptr<TabOfParent>> tabs;
  for (int n = 0; n < 5; ++n) tabs.push_back(NewTab(pair));
  pair.Settle();
  CHECK(pair.here.ended ==
        std::vector<Ended>{{"tab 8", kFailedConstructor}, {"tab 10", kFailedConstructor}});
  CHECK(pair.child->tabs().size() == 3);
  CHECK(pair.there.handler_errors ==
        std::vector<std::error_code>{Errc::kOverQuota, Errc::kOverQuota});
  Must(tabs[0]->Send__delete__("room"));
  const auto next = NewTab(pair);
  pair.Settle();
  CHECK(next->CanSend());
  CHECK(next->actor_id() == 12);  // those of the two that were turned away are not used again
}

// --- Managed endpoints ---------------------------------------------------------------------------

TEST_CASE("an endpoint becomes an actor where it arrives, and what was sent before waits") {
  const Guarded guarded;
  TreePair pair(PathOfTree());
  const auto tab = std::make_shared<TabOfParent>(pair.here);
  auto endpoint = Must(pair.parent->OpenPTabEndpoint(tab));
  Must(tab->SendNote(1));
  Must(pair.parent->SendTake(std::move(endpoint), 5));
  CHECK_FALSE(endpoint);
  const auto frame = std::make_shared<FrameOfParent>(pair.here);
  Must(tab->SendPFrameConstructor(frame, 1));  // below what is not bound yet
  Must(frame->SendNote(2));
  std::uint32_t answer = 0;
  tab->SendAsk(6, [&](error_code, std::uint32_t number) { answer = number; });
  pair.Settle();
  const auto bound = std::make_shared<TabOfChild>(pair.there);
  REQUIRE(pair.child->endpoint);
  Must(pair.child->BindPTabEndpoint(std::move(pair.child->endpoint), bound));
  CHECK(bound->notes.empty());  // never inside the call
  Must(tab->SendNote(3));
  pair.Settle();
  CHECK(bound->notes == std::vector<std::uint32_t>{1, 3});
  CHECK(answer == 7);
  CHECK(bound->actor_id() == tab->actor_id());
  CHECK(bound->Manager() == pair.child);
  CHECK(frame->CanSend());
  Must(bound->SendNote(4));
  pair.Settle();
  CHECK(tab->notes == std::vector<std::uint32_t>{4});
}

TEST_CASE("an endpoint that is dropped ends its other end") {
  const Guarded guarded;
  TreePair pair(PathOfTree());
  pair.alone_here = 1;
  const auto tab = std::make_shared<TabOfParent>(pair.here);
  std::optional endpoint = Must(pair.parent->OpenPTabEndpoint(tab));
  std::error_code answer;
  tab->SendAsk(1, [&](error_code error, std::uint32_t) { answer = error; });
  SECTION("before it is sent") {
    endpoint.reset();
  }
  SECTION("where it arrived") {
    Must(pair.parent->SendTake(*std::move(endpoint), 1));
    pair.Settle();
    pair.child->endpoint = {};
  }
  SECTION("with the message that it was in") {
    pair.there.at = [&](const std::string& where, Actor&) {
      if (where == "RecvEndpoint") pair.child->endpoint = {};
    };
    Must(pair.parent->SendTake(*std::move(endpoint), 1));
  }
  SECTION("because too much waits for it") {
    Must(pair.parent->SendTake(*std::move(endpoint), 1));
    for (std::uint32_t n = 0; n < 300; ++n) Must(tab->SendNote(n));
    pair.Settle();
    const auto late = std::make_shared<TabOfChild>(pair.there);
    CHECK(pair.child->BindPTabEndpoint(std::move(pair.child->endpoint), late).error() ==
          Errc::kActorGone);
  }
  pair.Settle();
  CHECK(pair.here.ended == std::vector<Ended>{{"tab 2", kManagedEndpointDropped}});
  CHECK(answer == Errc::kActorGone);
  CHECK(pair.parent->CanSend());
  CHECK(pair.child->CanSend());
}

TEST_CASE("an endpoint is sent and bound once, by whom it was made for") {
  const Guarded guarded;
  TreePair pair;
  TreePair other;
  pair.alone_here = 1;
  const auto tab = std::make_shared<TabOfParent>(pair.here);
  const auto second = std::make_shared<TabOfParent>(pair.here);
  auto endpoint = Must(pair.parent->OpenPTabEndpoint(tab));
  auto of_second = Must(pair.parent->OpenPTabEndpoint(second));
  CHECK(pair.parent->OpenPTabEndpoint(tab).error() == Errc::kWrongActor);
  CHECK(other.parent->SendTake(std::move(endpoint), 1).error() == Errc::kWrongActor);
  CHECK(endpoint);
  Must(second->Send__delete__("never"));
  CHECK(pair.parent->SendTake(std::move(of_second), 1).error() == Errc::kActorGone);
  Must(pair.parent->SendTake(std::move(endpoint), 1));
  CHECK(pair.parent->SendTake(std::move(endpoint), 1).error() == Errc::kWrongActor);
  pair.Settle();
  const auto foreign = std::make_shared<TabOfChild>(other.there);
  CHECK(other.child->BindPTabEndpoint(std::move(pair.child->endpoint), foreign).error() ==
        Errc::kWrongActor);
  REQUIRE(pair.child->endpoint);
  // Its deletion waits for it like any other message.
  Must(tab->Send__delete__("gone"));
  pair.Settle();
  const auto late = std::make_shared<TabOfChild>(pair.there);
  Must(pair.child->BindPTabEndpoint(std::move(pair.child->endpoint), late));
  pair.Settle();
  CHECK(late->why == "gone");
  CHECK(pair.there.ended == std::vector<Ended>{{"tab 2", kDeletion}});
}

}  // namespace
}  // namespace baton::testing
