#include "runtime/channel/ring_poller.h"

#include <algorithm>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/post.hpp>
#include <mutex>
#include <thread>
#include <utility>

#include <baton/platform/processor.h>

namespace baton::internal {
namespace {

// One turn ends after so many looks that found nothing, or so much time.
constexpr int kLooksPerTurn = 64;
constexpr std::chrono::microseconds kTurn{5};
constexpr int kLooksPerTimeCheck = 16;

// After something was found, what it has posted is not kept waiting for long.
constexpr int kLooksAfterFind = 16;

constexpr int kYields = 8;

// A reader close behind a writer who waits for no answer takes each line of memory from under its
// pen. Some distance lets both run several times as fast (docs/performance.md).
void LetThemGather() {
  constexpr int kPauses = 12;
  for (int i = 0; i < kPauses; ++i) platform::Relax();
}

// All pollers of one io_context.
class Pollers final : public boost::asio::execution_context::service {
 public:
  using key_type = Pollers;
  static inline boost::asio::execution_context::id id;

  explicit Pollers(boost::asio::execution_context& context) : service(context) {}

  std::shared_ptr<RingPoller> Of(const boost::asio::any_io_executor& executor) {
    const std::lock_guard lock(mutex_);
    std::erase_if(pollers_, [](const Entry& entry) { return entry.poller.expired(); });
    for (const Entry& entry : pollers_) {
      if (entry.executor != executor) continue;
      if (auto poller = entry.poller.lock()) return poller;
    }
    auto poller = std::make_shared<RingPoller>(executor);
    pollers_.push_back({executor, poller});
    return poller;
  }

 private:
  struct Entry {
    boost::asio::any_io_executor executor;
    std::weak_ptr<RingPoller> poller;
  };

  void shutdown() override { pollers_.clear(); }

  std::mutex mutex_;
  std::vector<Entry> pollers_;
};

}  // namespace

std::shared_ptr<RingPoller> RingPoller::Of(const boost::asio::any_io_executor& executor) {
  auto& context = boost::asio::query(executor, boost::asio::execution::context);
  return boost::asio::use_service<Pollers>(context).Of(executor);
}

void RingPoller::Add(Polled& polled, SpinBudget& budget) {
  for (Busy& one : busy_) {
    if (one.polled != &polled) continue;
    one.was_active = true;
    return;
  }
  busy_.push_back({&polled, &budget, false, 0});
  Post();
}

void RingPoller::Remove(Polled& polled) {
  for (Busy& one : busy_) {
    if (one.polled == &polled) one.polled = nullptr;
  }
}

void RingPoller::Post() {
  if (posted_ || !IsBusy()) return;
  posted_ = true;
  boost::asio::post(executor_, [self = shared_from_this()] { self->Run(); });
}

void RingPoller::Run() {
  posted_ = false;
  // Before anything is dispatched: a handler that throws, or runs the io_context itself, must not
  // keep the other channels from being looked at.
  Post();
  struct Running {
    explicit Running(RingPoller& poller) : poller(poller) { ++poller.depth_; }
    ~Running() {
      --poller.depth_;
      poller.Compact();
    }
    RingPoller& poller;
  } running(*this);

  const Clock::time_point begin = Clock::now();
  int looks_left = LooksPerTurn();
  for (int looks = 1; looks_left > 0; ++looks) {
    const Polled::Found found = PollAll();
    if (found == Polled::Found::kNothing) {
      --looks_left;
      platform::Relax();
      if (looks % kLooksPerTimeCheck != 0) continue;
    } else {
      looks_left = std::min(LooksPerTurn(), kLooksAfterFind);
      if (found == Polled::Found::kMessages) LetThemGather();
    }
    if (Clock::now() - begin > kTurn) break;
  }
  LetQuietOnesSleep();
}

// Where nobody spins, a second look right after the first finds nothing.
int RingPoller::LooksPerTurn() const {
  const auto spins = [](const Busy& one) {
    return one.polled != nullptr && one.budget->to_spin().count() > 0;
  };
  return std::ranges::any_of(busy_, spins) ? kLooksPerTurn : 1;
}

Polled::Found RingPoller::PollAll() {
  Polled::Found found = Polled::Found::kNothing;
  // By index: what is dispatched may add and remove channels.
  for (std::size_t i = 0; i < busy_.size(); ++i) {
    if (busy_[i].polled == nullptr) continue;
    const Polled::Found found_here = busy_[i].polled->Poll();
    if (found_here == Polled::Found::kNothing) continue;
    busy_[i].was_active = true;
    found = std::max(found, found_here);
  }
  return found;
}

void RingPoller::LetQuietOnesSleep() {
  const Clock::time_point now = Clock::now();
  bool all_yield = true;
  for (std::size_t i = 0; i < busy_.size(); ++i) {
    Busy& one = busy_[i];
    if (one.polled == nullptr) continue;
    if (std::exchange(one.was_active, false)) {
      one.budget->NoteMessage(
          now, one.yields > 0 ? SpinBudget::Found::kYielding : SpinBudget::Found::kSpinning);
      one.yields = 0;
      all_yield = false;
    } else if (now - one.budget->quiet_since() < one.budget->to_spin()) {
      all_yield = false;
    } else if (one.budget->yields() && one.yields < kYields) {
      ++one.yields;
    } else if (Polled* const polled = one.polled; polled->FallAsleep()) {
      Remove(*polled);
    }
  }
  if (all_yield && IsBusy()) std::this_thread::yield();
}

// Not while only those are left that were removed while somebody goes through them.
bool RingPoller::IsBusy() const {
  return std::ranges::any_of(busy_, [](const Busy& one) { return one.polled != nullptr; });
}

void RingPoller::Compact() {
  if (depth_ > 0) return;  // somebody goes through them by index
  std::erase_if(busy_, [](const Busy& one) { return one.polled == nullptr; });
}

}  // namespace baton::internal
