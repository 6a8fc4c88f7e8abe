// What a Charge does for each step of its plan.
#include <signal.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <utility>

#include "bench/soak/charge.h"
#include "bench/soak/planted.h"

namespace soak {
namespace {

using boost::asio::as_tuple;
using boost::asio::awaitable;
using boost::asio::use_awaitable;

// Questions of the parent's to one child, before it waits for an answer.
constexpr std::size_t kMostOpen = 24;

bool IsTrouble(Act act) {
  return act != Act::kDo && act != Act::kTell && act != Act::kMeet;
}

}  // namespace

awaitable<void> Charge::Play(std::uint64_t round) {
  const Options& options = scene_.options;
  for (const Step& step : PlanRound(options.seed, options.children, number_, round)) {
    while (!is_stopped_ && !IsReadyFor(step)) co_await scene_.report.Change();
    co_await Perform(step);
    ++steps_;
    scene_.report.OnChange();
    co_await boost::asio::post(scene_.io, use_awaitable);  // others have their turn
  }
  if (number_ != 0 || options.plant == Plant::kNone) co_return;
  while (!IsQuiet()) co_await scene_.report.Change();
  MakeMistake(options.plant, *actor_, supervisor_.incarnation().pid);
}

// One that is doomed is talked to until its channel has ended; it is doomed once.
bool Charge::IsReadyFor(const Step& step) const {
  if (actor_ == nullptr || !actor_->CanSend()) return false;
  const Life& life = actor_->life();
  return life.open < kMostOpen && !(IsTrouble(step.act) && life.is_doomed());
}

awaitable<void> Charge::Perform(const Step& step) {
  switch (step.act) {
    case Act::kDo: co_return actor_->Do(step.deed, step.size, step.salt);
    case Act::kTell: co_return actor_->Tell(step.deed, step.size, step.salt);
    case Act::kMeet: co_return Meet(step);
    case Act::kKill: co_return Kill(How::kSignal);
    case Act::kHalt: co_return Kill(How::kSupervisor);
    case Act::kCrash: co_return Kill(How::kCommand);
    case Act::kLeave: co_return Leave();
    case Act::kStop: co_return Stop();
    case Act::kContinue: co_await Continue(step.salt);
  }
}

// Its supervisor has not reaped it, or there would be no actor: so the number is still its own.
void Charge::Signal(int signal) {
  if (supervisor_.is_running()) (void)::kill(supervisor_.incarnation().pid, signal);
}

void Charge::Kill(How how) {
  Doom("killed");
  ++scene_.report.kills;
  is_stopped_ = false;
  if (how == How::kSupervisor) return supervisor_.Kill();
  if (how == How::kCommand && actor_->SendCrash()) return;
  Signal(SIGKILL);
}

void Charge::Leave() {
  Doom("closed");
  ++scene_.report.leaves;
  actor_->Close();
}

void Charge::Stop() {
  ++scene_.report.stops;
  is_stopped_ = true;
  Signal(SIGSTOP);
}

// Not before it has kept somebody waiting.
awaitable<void> Charge::Continue(std::uint64_t salt) {
  const std::chrono::milliseconds patience(1 + salt % 20);
  auto token = baton::Within(patience, as_tuple(use_awaitable));
  auto [error, reply] =
      co_await actor_->SendAsk(actor_->said().plain, Manner::kKeeps, salt, std::move(token));
  if (error == std::errc::timed_out) {
    ++scene_.report.counts.late;
  } else if (error && !actor_->life().Excuses(error)) {
    actor_->life().FailBecause("a question to a stopped child", error);
  }
  Signal(SIGCONT);
  is_stopped_ = false;
}

void Charge::Meet(const Step& step) {
  SoakParent* const other = scene_.charges[step.other]->actor_.get();
  if (other == nullptr || !other->CanSend()) return;
  auto ends = baton::CreateEndpointsBetween<PTalkParent, PTalkChild>(*actor_, *other);
  if (!ends) return actor_->life().FailBecause("endpoints of a talk", ends.error());
  const std::uint64_t talk = scene_.ledger.NewNumber();
  if (!actor_->Introduce(talk, std::move(ends->first))) return;
  ++scene_.report.talks;
  scene_.ledger.Begin(talk, actor_->run(), other->run());
  for (SoakParent* const one : {actor_.get(), other}) {
    if (one->life().is_doomed()) scene_.ledger.Doom(one->run());
  }
  if (!other->Introduce(talk, std::move(ends->second))) scene_.ledger.LoseSecond(talk);
}

}  // namespace soak
