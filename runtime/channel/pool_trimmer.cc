#include "runtime/channel/pool_trimmer.h"

#include <boost/asio/post.hpp>

#include <baton/platform/memory_pressure.h>

namespace baton::internal {

void PoolTrimmer::LookAfter(const std::shared_ptr<ShmemTable>& table,
                            boost::asio::any_io_executor executor, CountPressure count_pressure) {
  const auto self = std::make_shared<PoolTrimmer>(table, std::move(executor), count_pressure);
  // Called under the table's lock, on any thread.
  table->WatchPool([self] {
    boost::asio::post(self->executor_, [weak = self->weak_from_this()] {
      if (const auto still_there = weak.lock()) still_there->LookLater();
    });
  });
}

std::uint64_t PoolTrimmer::OfMachine() {
  return platform::MemoryPressure::OfMachine().Count();
}

void PoolTrimmer::LookLater() {
  if (!timer_) timer_.emplace(executor_);
  timer_->expires_after(kBetweenLooks);
  timer_->async_wait([weak = weak_from_this()](boost::system::error_code error) {
    const auto self = weak.lock();
    if (!error && self != nullptr) self->Look();
  });
}

void PoolTrimmer::Look() {
  const auto table = table_.lock();
  if (table == nullptr) return;
  const std::uint64_t pressure = count_pressure_();
  if (std::exchange(pressure_seen_, pressure).value_or(pressure) != pressure) table->Trim();
  if (table->TrimIdle()) LookLater();
}

}  // namespace baton::internal
