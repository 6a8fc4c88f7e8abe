// A child of a soak: does what its parent says, has talks of its own, and ends with exit code 9
// when it has seen something that must not be.
#include <sys/resource.h>

#include <boost/asio/io_context.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <baton/baton.h>

#include "bench/soak/channel_limits.h"
#include "bench/soak/flatness.h"
#include "bench/soak/talk.h"
#include "bench/soak/talker.h"

namespace soak {
namespace {

using baton::Endpoint;
using baton::Result;
using boost::system::error_code;

class ChildWitness final : public Witness {
 public:
  // At once, so that nothing else goes wrong by it. The parent sees the exit code.
  void Fail(const std::string& what) override {
    std::fprintf(stderr, "soak: %s\n", what.c_str());
    std::_Exit(9);
  }
  void OnChange() override {
    if (on_change) on_change();
  }

  std::function<void()> on_change;
};

class SoakChild final : public Talker<ChildSide> {
 public:
  SoakChild(std::shared_ptr<Life> life, boost::asio::any_io_executor executor)
      : Talker(std::move(life), executor), executor_(std::move(executor)) {}

  // Answers Settle as soon as there is nothing left to do.
  void LookWhetherSettled() {
    if (!settle_ || life().open > 0 || life().tasks > 0) return;
    if (!talks_.empty() || !ended_talks_.empty()) return;
    auto reply = *std::exchange(settle_, std::nullopt);
    reply({said(), heard(), life().tasks, BurdenOf(Holdings::Now())});
  }

 private:
  std::vector<std::shared_ptr<Task<ChildSide>>> Tasks() override {
    std::vector<std::shared_ptr<Task<ChildSide>>> tasks;
    for (auto& task : ManagedPTaskChild()) {
      tasks.push_back(std::static_pointer_cast<Task<ChildSide>>(std::move(task)));
    }
    return tasks;
  }

  void SayQuery(std::uint64_t salt) override {
    ++life().counts().questions;
    const auto reply = SendQuery(said().plain, salt);
    if (!reply) {
      if (reply.error() != std::errc::timed_out) (void)Sent(baton::Fail(reply.error()), "a query");
      return;
    }
    const bool is_right = salt % 4 == 0
                              ? reply->index() == 1
                              : reply->index() == 0 && std::get<0>(*reply) == Answer(salt);
    if (!is_right) life().Fail("the answer to a query is another one's");
  }

  std::shared_ptr<PTaskChild> AllocPTaskChild(std::uint64_t number, bool refuse) override {
    return MakeTask(number, refuse);
  }

  Result<void> RecvAct(std::uint64_t number, Deed deed, std::uint32_t size,
                       std::uint64_t salt) override {
    Hear(number);
    Do(deed, size, salt);
    return {};
  }

  Result<void> RecvCrash() override { std::abort(); }

  void RecvSettle(SettleReplier reply) override {
    settle_ = std::move(reply);
    TidyUp();
    LookWhetherSettled();
  }

  // --- Talks ---

  Result<void> RecvMeet(std::uint64_t number, std::uint64_t talk,
                        Endpoint<PTalkParent> end) override {
    return BeginTalk<TalkOfParent>(number, talk, std::move(end));
  }
  Result<void> RecvJoin(std::uint64_t number, std::uint64_t talk,
                        Endpoint<PTalkChild> end) override {
    return BeginTalk<TalkOfChild>(number, talk, std::move(end));
  }

  template <class Talk, class End>
  Result<void> BeginTalk(std::uint64_t number, std::uint64_t talk, End end) {
    Hear(number);
    const auto actor = std::make_shared<Talk>(
        talk, shared_life(), [this, self = shared_from_this(), talk](const std::string& trouble) {
          talks_.erase(talk);
          ended_talks_.emplace_back(talk, trouble);
          TellOfTalks();
        });
    BATON_CHECKED(std::move(end).Bind(actor, executor_, ChannelLimits()));
    talks_[talk] = actor;
    actor->Begin();
    return {};
  }

  // The parent waits for each of them: what finds no room is told later.
  void TellOfTalks() {
    while (!ended_talks_.empty() && CanSend()) {
      const auto& [talk, trouble] = ended_talks_.front();
      if (!SentNumbered(SendTalkEnded(NextNumber(), talk, trouble), "the end of a talk")) {
        if (CanSend()) TellOfTalksWhenDrained();
        return;
      }
      ended_talks_.pop_front();
    }
    LookWhetherSettled();
  }
  void TellOfTalksWhenDrained() {
    Drained(
        [this, self = shared_from_this(), asked = NewAsked("a wait for room")](error_code error) {
          asked->Complete();
          if (!error) TellOfTalks();
        });
  }

  void ActorDestroy(baton::ActorDestroyReason reason) override {
    if (reason != baton::ActorDestroyReason::kNormalShutdown) {
      life().Fail("the parent is gone: " + close_error().message() + " " + close_detail());
    }
    for (const auto& [talk, actor] : std::exchange(talks_, {})) actor->Close();
  }

  const boost::asio::any_io_executor executor_;
  std::map<std::uint64_t, std::shared_ptr<baton::Actor>> talks_;
  std::deque<std::pair<std::uint64_t, std::string>> ended_talks_;
  std::optional<SettleReplier> settle_;
};

int Run(const std::string& who) {
  boost::asio::io_context io;
  auto endpoint = baton::InheritedEndpoint<PSoakChild>();
  if (!endpoint) {
    std::fprintf(stderr, "soak_child is started by soak\n");
    return 2;
  }
  ChildWitness witness;
  const auto life = std::make_shared<Life>(witness, who);
  life->Doom("the parent may");  // the parent may leave whenever it likes
  const auto child = std::make_shared<SoakChild>(life, io.get_executor());
  witness.on_change = [&] { child->LookWhetherSettled(); };
  if (!std::move(*endpoint).Bind(child, io.get_executor(), ChannelLimits())) return 1;
  io.run();  // until the parent has gone, and all talks have ended
  return 0;
}

}  // namespace
}  // namespace soak

int main(int argc, char** argv) {
  const rlimit none = {};
  (void)::setrlimit(RLIMIT_CORE, &none);  // crashes are on purpose
  (void)std::signal(SIGPIPE, SIG_IGN);    // the reader of a pipe may have gone
  return soak::Run("child " + std::string(argc > 1 ? argv[1] : "?"));
}
