// What one Connect does: connect -> identity -> filter -> introduction -> verdict.
//
// Lifetime: its pending operations own it. Threads: all on the executor.
#pragma once

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>

#include <baton/connect.h>

#include "runtime/meeting/introduction.h"

namespace baton::internal {

class Connector : public std::enable_shared_from_this<Connector> {
 public:
  Connector(const boost::asio::any_io_executor& executor, ConnectOptions options);
  ~Connector() { LetGo(); }

  void Start(std::unique_ptr<MeetingCompletion> completion);
  void Cancel();

 private:
  // Held by the timer of the deadline, which runs until the end. Destroyed without having run, it
  // says that the io_context has gone: the handler must not be kept by what is pending.
  class Keep {
   public:
    explicit Keep(std::shared_ptr<Connector> connector) : connector_(std::move(connector)) {}
    Keep(Keep&&) noexcept = default;
    Keep& operator=(Keep&&) = delete;
    ~Keep() {
      if (connector_ != nullptr) connector_->Abandon();
    }
    std::shared_ptr<Connector> Take() { return std::move(connector_); }

   private:
    std::shared_ptr<Connector> connector_;
  };

  void Try();
  bool IsWorthRetrying(std::error_code error) const;
  void RetryLater();
  // Everything from the connection to the introduction.
  Result<void> Introduce(platform::Handle socket);
  void AwaitVerdict();
  // False when there is more to come.
  Result<bool> ReadVerdict();
  void OnReadable();
  void Finish(std::error_code error);
  void LetGo();
  void Abandon();

  const boost::asio::any_io_executor executor_;
  const ConnectOptions options_;
  boost::asio::steady_timer deadline_;
  boost::asio::steady_timer retry_;
  boost::asio::posix::stream_descriptor watch_;  // watches, does not own
  std::chrono::milliseconds retry_after_{1};
  std::unique_ptr<MeetingCompletion> completion_;  // until it is due
  MetParts parts_;
  std::array<std::byte, kVerdictSize> verdict_ = {};
  std::size_t received_ = 0;
};

}  // namespace baton::internal
