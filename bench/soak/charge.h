// One of the children, through all of its runs: kept running by a supervisor, told what its plan
// says, and ended as often as that says.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <baton/baton.h>

#include "bench/soak/flatness.h"
#include "bench/soak/options.h"
#include "bench/soak/plan.h"
#include "bench/soak/report.h"
#include "bench/soak/soak_parent.h"
#include "bench/soak/talk_ledger.h"

namespace soak {

class Charge;

// What all of them share. Everything happens on the thread that runs `io`.
struct Scene {
  boost::asio::io_context& io;
  const Options& options;
  Report& report;
  TalkLedger& ledger;
  std::vector<std::unique_ptr<Charge>> charges;
};

class Charge {
 public:
  // Nothing runs yet. Errors: those of ChildSupervisor::Create.
  static baton::Result<std::unique_ptr<Charge>> Create(Scene& scene, std::uint32_t number);

  // Until End, and the last run's end.
  boost::asio::awaitable<void> KeepRunning();

  // One round of the plan. Returns when the last step is done; not all has been answered then.
  boost::asio::awaitable<void> Play(std::uint64_t round);

  // The child runs, and nothing that was asked of it or through it is open.
  bool IsQuiet() const;

  // Has both sides finish what they can and compares what they have said and heard. When IsQuiet.
  boost::asio::awaitable<void> Settle();

  // What the child held too much when it last settled; empty when it was flat.
  const std::string& excess() const { return excess_; }

  // In good order.
  void End();

  // For people: what it is doing.
  std::string State() const;

 private:
  Charge(Scene& scene, std::uint32_t number, baton::ChildSupervisor supervisor);

  void OnStart(baton::ChildEvent<PSoakParent> event);
  void OnEnd(const baton::ChildEvent<PSoakParent>& event);

  enum class How { kSignal, kSupervisor, kCommand };

  bool IsReadyFor(const Step& step) const;
  boost::asio::awaitable<void> Perform(const Step& step);
  void Signal(int signal);
  void Doom(const char* why);
  void Kill(How how);
  void Leave();
  void Stop();
  boost::asio::awaitable<void> Continue(std::uint64_t salt);
  void Meet(const Step& step);

  void Compare(const Account& account);

  Scene& scene_;
  const std::uint32_t number_;
  baton::ChildSupervisor supervisor_;
  std::shared_ptr<SoakParent> actor_;  // null between two runs
  bool is_stopped_ = false;
  std::optional<Burden> first_burden_;  // of this run of the child
  std::string excess_;                  // what the child held too much when it last settled
  std::uint64_t steps_ = 0;
};

}  // namespace soak
