// Lets go of pooled memory that nobody uses: one timer for each channel, made when something is
// pooled for the first time, set only while something is.
//
// Owned by the ShmemTable that it looks after, by way of ShmemTable::WatchPool, and gone with
// ShmemTable::Close. On the channel's executor.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "runtime/shmem/shmem_table.h"

namespace baton::internal {

class PoolTrimmer : public std::enable_shared_from_this<PoolTrimmer> {
 public:
  // What is not used from one look to the next one is let go: the second after the last use is the
  // last one.
  static constexpr std::chrono::milliseconds kBetweenLooks{1'000};

  // How often memory was short on this machine, as MemoryPressure::Count.
  using CountPressure = std::uint64_t (*)();

  static void LookAfter(const std::shared_ptr<ShmemTable>& table,
                        boost::asio::any_io_executor executor,
                        CountPressure count_pressure = OfMachine);

  PoolTrimmer(std::weak_ptr<ShmemTable> table, boost::asio::any_io_executor executor,
              CountPressure count_pressure)
      : table_(std::move(table)), executor_(std::move(executor)), count_pressure_(count_pressure) {}

 private:
  static std::uint64_t OfMachine();
  void LookLater();
  void Look();

  const std::weak_ptr<ShmemTable> table_;
  const boost::asio::any_io_executor executor_;
  const CountPressure count_pressure_;
  std::optional<boost::asio::steady_timer> timer_;
  std::optional<std::uint64_t> pressure_seen_;  // from the first look on
};

}  // namespace baton::internal
