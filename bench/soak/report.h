// What the parent of a soak knows of how it goes: what was done, whether it has failed, and a way
// to wait until something happens.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <cstdint>
#include <string>

#include "bench/soak/life.h"
#include "bench/soak/options.h"

namespace soak {

class Report final : public Witness {
 public:
  Report(boost::asio::io_context& io, const Options& options);

  // Prints the first few, each with the command that does it again, and stops the loop.
  void Fail(const std::string& what) override;
  void OnChange() override;

  bool has_failed() const { return failures_ > 0; }
  // Grows whenever something happens.
  std::uint64_t changes() const { return changes_; }

  // From now on all that fails does so because everything is gone.
  void Mute() { is_muted_ = true; }

  // Until the next change. Look again afterwards: it need not be the one that is waited for.
  boost::asio::awaitable<void> Change();

  // The line at the end.
  std::string Summary(std::uint64_t seconds) const;

  std::uint64_t round = 0;
  std::uint64_t kills = 0;  // by signal, through the supervisor, and crashes on command
  std::uint64_t stops = 0;
  std::uint64_t leaves = 0;
  std::uint64_t restarts = 0;
  std::uint64_t talks = 0;
  std::size_t actors = 0;  // top-level ones that are bound and have not ended

 private:
  boost::asio::io_context& io_;
  const Options& options_;
  boost::asio::steady_timer change_;
  std::uint64_t changes_ = 0;
  std::uint64_t failures_ = 0;
  bool is_muted_ = false;
};

}  // namespace soak
