// The body of a ShmemStore: estates that wait for a death, and memory that waits to be taken.
//
//   Inherit(estate) ── in good order ──▶ kInFlight: returned; kPeer: let go of
//                   └─ cut ──▶ orphans ── the process has ended ──▶ returned
//
// A death is waited for on the store's executor, by the kernel's handle to the process; where there
// is none, orphans stay until they are given up.
//
// Any thread for Inherit, TakeReturned, census and LetGoOfOrphans; the executor for the rest.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <baton/shmem_store.h>

#include "runtime/shmem/estate.h"

namespace baton::internal {

class StoreCore : public std::enable_shared_from_this<StoreCore> {
 public:
  StoreCore(boost::asio::any_io_executor executor, const ShmemStoreOptions& options)
      : executor_(std::move(executor)), options_(options) {}

  // The one of `store`, null for null.
  static std::shared_ptr<StoreCore> Of(const std::shared_ptr<ShmemStore>& store) {
    return store == nullptr ? nullptr : store->core_;
  }

  // Takes what a channel has left. Nobody else has its records but handles that were sent.
  void Inherit(Estate estate);

  std::vector<ReturnedShmem> TakeReturned();
  void PutBack(std::vector<ReturnedShmem> returned);
  ShmemStoreCensus census() const;
  std::size_t LetGoOfOrphans();
  // Of the orphan that is the same object as `arrived`, if there is one: who had it has handed it
  // over on another channel.
  void LetGoOf(const ShmemRecord& arrived);
  void Close();

  const boost::asio::any_io_executor& executor() const { return executor_; }
  std::uint64_t NextNumber() { return ++last_number_; }
  void Wait(std::uint64_t number, std::unique_ptr<ReturnedCompletion> completion);
  void Cancel(std::uint64_t number);

 private:
  // An estate whose former peer lives, or did when we looked last.
  struct Waiting {
    explicit Waiting(Estate what) : estate(std::move(what)) {}
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    ~Waiting();

    Estate estate;
    std::unique_ptr<boost::asio::posix::stream_descriptor> death;  // watches, does not own
  };
  class WatchGuard;
  struct Waiter {
    std::uint64_t number;
    std::unique_ptr<ReturnedCompletion> completion;
  };

  // Under the lock.
  void Trim(Estate& estate, std::vector<std::shared_ptr<ShmemRecord>>& dropped);
  void Return(const Estate& estate, std::shared_ptr<ShmemRecord> record, HowReturned how);
  void ReturnAll(Estate& estate);
  // What the dead had comes back, also where nothing watches them: the system was short of
  // something.
  void LookForDeaths();
  // Of `arrived` among these; null when there is none.
  static std::shared_ptr<ShmemRecord> TakeOut(Estate& estate, const ShmemRecord& arrived);

  static void Unwatch(Waiting& waiting);
  void Watch(const std::shared_ptr<Waiting>& waiting);
  void Died(const std::shared_ptr<Waiting>& waiting);
  void TellLater();
  void Tell();

  const boost::asio::any_io_executor executor_;
  const ShmemStoreOptions options_;

  mutable std::mutex mutex_;  // guards what follows
  std::vector<ReturnedShmem> returned_;
  std::list<std::shared_ptr<Waiting>> orphans_;
  std::size_t orphan_count_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t let_go_ = 0;
  bool closed_ = false;

  std::deque<Waiter> waiters_;  // on the executor
  std::uint64_t last_number_ = 0;
};

}  // namespace baton::internal
