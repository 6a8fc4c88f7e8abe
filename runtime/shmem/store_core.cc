#include "runtime/shmem/store_core.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <iterator>

#include <baton/platform/handle.h>
#include <baton/platform/state_point.h>

namespace baton::internal {
namespace {

using boost::asio::posix::stream_descriptor;

bool IsInFlight(const std::shared_ptr<ShmemRecord>& record) {
  return record->holder() == Holder::kInFlight;
}

// Which is what the store's limit counts; may be more than was asked for.
std::uint64_t WholeSizeOf(ReturnedShmem& returned) {
  return ShmemAccess::record(returned.memory)->memory().size();
}

}  // namespace

// The handle closes what it owns; the watch must not close it a second time.
void StoreCore::Unwatch(Waiting& waiting) {
  if (waiting.death != nullptr) waiting.death->release();
  waiting.death.reset();
}

StoreCore::Waiting::~Waiting() {
  Unwatch(*this);
}

// An io_context that goes away destroys its handlers: the watch must not outlive it.
class StoreCore::WatchGuard {
 public:
  explicit WatchGuard(std::shared_ptr<Waiting> waiting) : waiting_(std::move(waiting)) {}
  WatchGuard(const WatchGuard&) = delete;
  WatchGuard& operator=(const WatchGuard&) = delete;
  ~WatchGuard() {
    if (waiting_ != nullptr) Unwatch(*waiting_);
  }
  std::shared_ptr<Waiting> Release() { return std::exchange(waiting_, nullptr); }

 private:
  std::shared_ptr<Waiting> waiting_;
};

void StoreCore::Inherit(Estate estate) {
  std::vector<std::shared_ptr<ShmemRecord>> let_go_outside_the_lock;
  std::shared_ptr<Waiting> waiting;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    if (estate.parting == Parting::kInOrder) {
      // What the peer has taken is its own, and it knows that it is.
      auto& records = estate.records;
      const auto theirs = std::partition(records.begin(), records.end(), IsInFlight);
      std::move(theirs, records.end(), std::back_inserter(let_go_outside_the_lock));
      records.erase(theirs, records.end());
    }
    Trim(estate, let_go_outside_the_lock);
    platform::StatePoint("store.inherited");
    if (estate.parting == Parting::kInOrder) {
      for (auto& record : estate.records) {
        Return(estate, std::move(record), HowReturned::kUndelivered);
      }
    } else if (estate.peer_life->HasDied()) {
      ReturnAll(estate);
    } else if (!estate.records.empty()) {
      orphan_count_ += estate.records.size();
      for (const auto& record : estate.records) record->Tell(platform::RegistryState::kOrphan);
      waiting = orphans_.emplace_back(std::make_shared<Waiting>(std::move(estate)));
    }
  }
  if (waiting != nullptr) {
    boost::asio::post(executor_, [self = shared_from_this(), waiting] { self->Watch(waiting); });
  }
  TellLater();
}

// Counts what there is room for, and moves the rest to `dropped`.
void StoreCore::Trim(Estate& estate, std::vector<std::shared_ptr<ShmemRecord>>& dropped) {
  std::vector<std::shared_ptr<ShmemRecord>> kept;
  for (auto& record : estate.records) {
    const std::uint64_t size = record->memory().size();
    const bool is_room = returned_.size() + orphan_count_ + kept.size() < options_.max_count &&
                         size <= options_.max_bytes && bytes_ <= options_.max_bytes - size;
    if (!is_room) {
      ++let_go_;
      dropped.push_back(std::move(record));
      continue;
    }
    bytes_ += size;
    kept.push_back(std::move(record));
  }
  estate.records = std::move(kept);
}

void StoreCore::Return(const Estate& estate, std::shared_ptr<ShmemRecord> record, HowReturned how) {
  const std::uint64_t size = record->memory().size();
  if (!record->mapping().Grant()) {
    ++let_go_;
    bytes_ -= size;
    return;
  }
  record->note().CameBack();
  record->set_holder(Holder::kUs);
  ReturnedShmem& returned = returned_.emplace_back();
  returned.how = how;
  returned.transfers = record->transfers();
  returned.trust_label = estate.trust_label;
  returned.protocol = estate.protocol;
  ShmemAccess::record(returned.memory) = std::move(record);
  platform::StatePoint("store.returned");
}

void StoreCore::ReturnAll(Estate& estate) {
  for (auto& record : estate.records) {
    const HowReturned how = IsInFlight(record) ? HowReturned::kMaybeSeen : HowReturned::kRecovered;
    Return(estate, std::move(record), how);
  }
  estate.records.clear();
}

void StoreCore::Watch(const std::shared_ptr<Waiting>& waiting) {
  if (!waiting->estate.peer_life->death()) return;  // nobody knows the process
  if (waiting->death == nullptr) {
    waiting->death = std::make_unique<stream_descriptor>(executor_);
    boost::system::error_code error;
    waiting->death->assign(waiting->estate.peer_life->death().get(), error);
    if (error) return waiting->death.reset();  // TakeReturned looks
  }
  const auto guard = std::make_shared<WatchGuard>(waiting);
  waiting->death->async_wait(stream_descriptor::wait_read,
                             [weak = weak_from_this(), guard](boost::system::error_code error) {
                               const auto watched = guard->Release();
                               if (const auto self = weak.lock(); self != nullptr && !error)
                                 self->Died(watched);
                             });
}

// Asked, as Asio may tell of a descriptor that had the same number before.
void StoreCore::Died(const std::shared_ptr<Waiting>& waiting) {
  if (!waiting->estate.peer_life->HasDied()) return Watch(waiting);
  Unwatch(*waiting);
  {
    const std::lock_guard lock(mutex_);
    LookForDeaths();
  }
  Tell();
}

void StoreCore::LookForDeaths() {
  const auto inherit = [&](const std::shared_ptr<Waiting>& waiting) {
    if (!waiting->estate.peer_life->HasDied()) return false;
    orphan_count_ -= waiting->estate.records.size();
    ReturnAll(waiting->estate);
    return true;
  };
  orphans_.remove_if(inherit);
}

std::vector<ReturnedShmem> StoreCore::TakeReturned() {
  const std::lock_guard lock(mutex_);
  LookForDeaths();
  for (ReturnedShmem& one : returned_) bytes_ -= WholeSizeOf(one);
  return std::exchange(returned_, {});
}

void StoreCore::PutBack(std::vector<ReturnedShmem> returned) {
  const std::lock_guard lock(mutex_);
  for (ReturnedShmem& one : returned) bytes_ += WholeSizeOf(one);
  returned_.insert(returned_.begin(), std::make_move_iterator(returned.begin()),
                   std::make_move_iterator(returned.end()));
}

ShmemStoreCensus StoreCore::census() const {
  const std::lock_guard lock(mutex_);
  return {returned_.size(), orphan_count_, bytes_, let_go_};
}

std::size_t StoreCore::LetGoOfOrphans() {
  std::list<std::shared_ptr<Waiting>> given_up;
  std::size_t count = 0;
  {
    const std::lock_guard lock(mutex_);
    given_up.swap(orphans_);
    count = std::exchange(orphan_count_, 0);
    for (const auto& waiting : given_up) {
      for (const auto& record : waiting->estate.records) bytes_ -= record->memory().size();
    }
  }
  if (given_up.empty()) return 0;
  boost::asio::post(executor_, [given_up = std::move(given_up)] {
    for (const auto& waiting : given_up) Unwatch(*waiting);
  });
  return count;
}

// The id is what a peer says, the object is what the kernel says.
std::shared_ptr<ShmemRecord> StoreCore::TakeOut(Estate& estate, const ShmemRecord& arrived) {
  const auto found = std::ranges::find(estate.records, arrived.id(), &ShmemRecord::id);
  if (found == estate.records.end()) return nullptr;
  const auto is_same = platform::SameObject((*found)->memory().handle(), arrived.memory().handle());
  if (!is_same || !*is_same) return nullptr;
  auto record = std::move(*found);
  estate.records.erase(found);
  return record;
}

// Nobody waits for a death that brings nothing.
void StoreCore::LetGoOf(const ShmemRecord& arrived) {
  std::shared_ptr<ShmemRecord> unmapped_outside_the_lock;
  std::shared_ptr<Waiting> over;
  {
    const std::lock_guard lock(mutex_);
    for (auto waiting = orphans_.begin(); waiting != orphans_.end(); ++waiting) {
      auto record = TakeOut((*waiting)->estate, arrived);
      if (record == nullptr) continue;
      bytes_ -= record->memory().size();
      --orphan_count_;
      unmapped_outside_the_lock = std::move(record);
      if ((*waiting)->estate.records.empty()) {
        over = std::move(*waiting);
        orphans_.erase(waiting);
      }
      break;
    }
  }
  if (over != nullptr) boost::asio::post(executor_, [over] { Unwatch(*over); });
}

void StoreCore::Close() {
  std::list<std::shared_ptr<Waiting>> orphans;
  std::vector<ReturnedShmem> returned;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    orphans.swap(orphans_);
    returned.swap(returned_);
    orphan_count_ = 0;
    bytes_ = 0;
  }
  for (const auto& waiting : orphans) Unwatch(*waiting);
  for (Waiter& waiter : std::exchange(waiters_, {})) {
    waiter.completion->Run(boost::asio::error::operation_aborted, {});
  }
}

// --- Those who wait ------------------------------------------------------------------------------

void StoreCore::Wait(std::uint64_t number, std::unique_ptr<ReturnedCompletion> completion) {
  waiters_.push_back({number, std::move(completion)});
  TellLater();
}

void StoreCore::Cancel(std::uint64_t number) {
  const auto found = std::ranges::find(waiters_, number, &Waiter::number);
  if (found == waiters_.end()) return;
  boost::asio::post(executor_, [completion = std::shared_ptr(std::move(found->completion))] {
    completion->Run(boost::asio::error::operation_aborted, {});
  });
  waiters_.erase(found);
}

void StoreCore::TellLater() {
  boost::asio::post(executor_, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->Tell();
  });
}

void StoreCore::Tell() {
  if (waiters_.empty()) return;
  auto returned = TakeReturned();
  if (returned.empty()) return;
  const auto completion = std::move(waiters_.front().completion);
  waiters_.pop_front();
  completion->Run({}, std::move(returned));
}

}  // namespace baton::internal
