#include "bench/soak/charge.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <filesystem>
#include <utility>

#include "bench/soak/channel_limits.h"

namespace soak {
namespace {

using baton::Result;
using boost::asio::as_tuple;
using boost::asio::awaitable;
using boost::asio::use_awaitable;
using std::chrono::hours;
using std::chrono::milliseconds;

// A child's heap may hold the numbers of its last actors, and buffers that have grown.
constexpr Allowance kOfChild = {.mappings = 16, .heap_bytes = 256 << 10};

// Killed often and on purpose, so there is no giving up.
baton::SupervisorOptions OptionsFor(std::uint32_t number) {
  const auto folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  return {.launch = {.program = folder / "soak_child", .arguments = {std::to_string(number)}},
          .restarts = {.max_restarts = 1'000'000,
                       .window = hours(1),
                       .first_delay = milliseconds(1),
                       .longest_delay = milliseconds(8),
                       .min_uptime = milliseconds(20)},
          .stop_deadline = std::chrono::minutes(2)};
}

}  // namespace

Result<std::unique_ptr<Charge>> Charge::Create(Scene& scene, std::uint32_t number) {
  BATON_TRY(auto supervisor,
            baton::ChildSupervisor::Create(scene.io.get_executor(), OptionsFor(number)));
  return std::unique_ptr<Charge>(new Charge(scene, number, std::move(supervisor)));
}

Charge::Charge(Scene& scene, std::uint32_t number, baton::ChildSupervisor supervisor)
    : scene_(scene), number_(number), supervisor_(std::move(supervisor)) {}

// --- Runs of the child ---------------------------------------------------------------------------

awaitable<void> Charge::KeepRunning() {
  for (;;) {
    auto [error, event] = co_await supervisor_.Next<PSoakParent>(as_tuple(use_awaitable));
    if (error) co_return;
    if (event.end) {
      OnEnd(event);
    } else {
      OnStart(std::move(event));
    }
    scene_.report.OnChange();
  }
}

void Charge::OnStart(baton::ChildEvent<PSoakParent> event) {
  const Run run = {number_, event.incarnation.epoch};
  const auto life = std::make_shared<Life>(
      scene_.report, "child " + std::to_string(run.child) + ", epoch " + std::to_string(run.epoch));
  actor_ = std::make_shared<SoakParent>(life, scene_.io.get_executor(), scene_.report,
                                        scene_.ledger, run);
  const auto bound =
      std::move(event.endpoint).Bind(actor_, scene_.io.get_executor(), ChannelLimits());
  if (!bound) life->FailBecause("it cannot be bound", bound.error());
  first_burden_.reset();
  if (run.epoch > 1) ++scene_.report.restarts;
}

void Charge::OnEnd(const baton::ChildEvent<PSoakParent>& event) {
  const baton::ChildEnd& end = *event.end;
  const std::string how = end.error ? end.error.message()
                                    : "code " + std::to_string(end.status.code) + ", signal " +
                                          std::to_string(end.status.signal);
  if (actor_ == nullptr) {
    return scene_.report.Fail("child " + std::to_string(number_) + " was not launched: " + how);
  }
  if (!actor_->life().is_doomed() || end.error || end.status.code != 0) {
    actor_->life().Fail("the process has ended: " + how + "; " + actor_->life().doom());
  }
  if (end.after == baton::AfterEnd::kGiveUp) actor_->life().Fail("its supervisor has given up");
  scene_.ledger.OnGone(actor_->run());
  actor_.reset();
  is_stopped_ = false;
}

void Charge::Doom(const char* why) {
  actor_->life().Doom(why);
  scene_.ledger.Doom(actor_->run());
}

void Charge::End() {
  Doom("closed at the end");
  actor_->Close();
  supervisor_.Stop();
}

// --- Quiet points --------------------------------------------------------------------------------

bool Charge::IsQuiet() const {
  return actor_ != nullptr && actor_->CanSend() && !actor_->life().is_doomed() &&
         actor_->life().open == 0;
}

awaitable<void> Charge::Settle() {
  actor_->TidyUp();
  auto [error, account] = co_await actor_->SendSettle(as_tuple(use_awaitable));
  if (error) co_return actor_->life().FailBecause("it does not settle", error);
  Compare(account);
}

void Charge::Compare(const Account& account) {
  Life& life = actor_->life();
  if (actor_->said() != account.heard) life.Fail("the child has not heard all that was said");
  if (actor_->heard() != account.said) life.Fail("not all was heard that the child has said");
  if (!first_burden_) first_burden_ = account.burden;
  excess_ = DescribeGrowth(*first_burden_, account.burden, kOfChild);
  if (!excess_.empty()) excess_ = life.who() + ", in the child: " + excess_;
}

std::string Charge::State() const {
  std::string state = "child " + std::to_string(number_) + ": step " + std::to_string(steps_);
  if (is_stopped_) state += ", stopped";
  if (actor_ == nullptr) return state + ", not running";
  const Life& life = actor_->life();
  if (life.is_doomed()) state += ", doomed";
  return state + ", open " + std::to_string(life.open) + ", tasks " + std::to_string(life.tasks) +
         ", messages held " + std::to_string(actor_->statistics().messages_held);
}

}  // namespace soak
