// What a Listener does.
//
//   accept -> identity -> filter -> introduction -> token -> ready -> verdict -> an Accept's
//   handler
//
// A connection that fails anywhere on the way is closed and counted, and nothing else happens. Most
// introductions are there when the connection is accepted; only the others become half open.
//
// Lifetime: the Listener and every pending operation own it. Threads: all on the executor.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>

#include <baton/listener.h>
#include <baton/platform/local_listener.h>

#include "runtime/meeting/half_open.h"
#include "runtime/meeting/introduction.h"
#include "runtime/meeting/issued_tokens.h"

namespace baton::internal {

class ListenerCore : public std::enable_shared_from_this<ListenerCore> {
 public:
  static Result<std::shared_ptr<ListenerCore>> Create(const boost::asio::any_io_executor& executor,
                                                      ListenerOptions options);

  ListenerCore(platform::LocalListener listener, boost::asio::any_io_executor executor,
               ListenerOptions options);
  ~ListenerCore();

  // --- For the Listener (listener_core.cc) ------------------------------------------------------
  const boost::asio::any_io_executor& executor() const { return executor_; }
  std::uint64_t NextAccept() { return ++last_accept_; }
  void Accept(std::uint64_t number, std::unique_ptr<MeetingCompletion> completion);
  void CancelAccept(std::uint64_t number);
  void Cancel() { CompleteAll(boost::asio::error::operation_aborted); }
  void Close();
  IssuedTokens& tokens() { return tokens_; }
  ListenerStatistics statistics() const;

 private:
  struct Waiter {
    std::uint64_t number;
    std::unique_ptr<MeetingCompletion> completion;
  };

  // What every pending operation holds. Destroyed without having run, it says that the io_context
  // has gone: handlers that wait here may own the Listener, and that circle must be broken.
  class Keep {
   public:
    explicit Keep(std::shared_ptr<ListenerCore> core) : core_(std::move(core)) {}
    Keep(Keep&&) noexcept = default;
    Keep& operator=(Keep&&) = delete;
    ~Keep() {
      if (core_ != nullptr) core_->Abandon();
    }
    std::shared_ptr<ListenerCore> Take() { return std::move(core_); }

   private:
    std::shared_ptr<ListenerCore> core_;
  };
  Keep KeepAlive() { return Keep(shared_from_this()); }

  // Accepting (listener_core.cc).
  void WaitForConnections();
  void PostAcceptSome();
  void AcceptSome();
  void AcceptFailed(std::error_code error);
  void RetryLater();
  void StopWaitingIfIdle();
  void Deliver();
  void Complete(Waiter waiter, boost::system::error_code error, MetParts parts);
  void CompleteAll(boost::system::error_code error);
  void LetGo();
  void Abandon();

  // Introductions (listener_introductions.cc).
  void Greet(platform::Handle socket);
  bool IsAccepted(const platform::Handle& socket, const PeerIdentity& peer);
  void Read(const std::shared_ptr<HalfOpen>& connection);
  void ReadFailed(const std::shared_ptr<HalfOpen>& connection, std::error_code error);
  void AwaitMore(const std::shared_ptr<HalfOpen>& connection);
  bool BecomeHalfOpen(const std::shared_ptr<HalfOpen>& connection);
  void Judge(const std::shared_ptr<HalfOpen>& connection);
  void Drop(const std::shared_ptr<HalfOpen>& connection, std::uint64_t& counter, Verdict verdict);
  void Forget(const std::shared_ptr<HalfOpen>& connection);
  void WatchDeadlines();
  void DropLate();

  const boost::asio::any_io_executor executor_;
  const ListenerOptions options_;
  std::optional<platform::LocalListener> listener_;  // until Close
  boost::asio::posix::stream_descriptor watch_;      // watches, does not own
  boost::asio::steady_timer retry_;                  // after a shortage
  boost::asio::steady_timer deadline_;               // of the oldest that is half open
  bool waiting_ = false;                             // for connections, or for the next try
  bool watching_deadlines_ = false;

  std::uint64_t last_accept_ = 0;
  std::list<Waiter> waiters_;
  HalfOpenList half_open_;
  HalfOpenList ready_;  // introduced; empty while there are waiters
  IssuedTokens tokens_;
  ListenerStatistics statistics_;
};

}  // namespace baton::internal
