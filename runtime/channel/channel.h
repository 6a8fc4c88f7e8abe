// One connection: an actor, a socket, and everything between them.
//
//   Send: encode -> check memory -> reserve room -> revoke -> queue -> socket
//   Read: socket -> frames -> HELLO, calls, memory -> Actor::Dispatch
//
// Nothing the peer does can make it abort, hang or grow without bound: a broken rule ends it with
// Fault. It ends exactly once, with ActorDestroy posted behind everything that runs at that moment.
//
// Lifetime: the actor owns its channel; the channel's pending operations own both, so an open
// channel keeps its actor alive, and an io_context that goes away takes them along.
//
// Threads: all on the executor, but for `memory()`, which locks.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include <baton/actor.h>
#include <baton/channel_options.h>
#include <baton/endpoint.h>
#include <baton/internal/call_base.h>

#include "runtime/channel/frame_reader.h"
#include "runtime/channel/send_queue.h"
#include "runtime/shmem/shmem_table.h"
#include "runtime/wire/encoder.h"

namespace baton::internal {

class Channel : public std::enable_shared_from_this<Channel> {
 public:
  // Binds `actor`, says HELLO and begins to read.
  static Result<void> Open(EndpointParts parts, const std::shared_ptr<Actor>& actor,
                           boost::asio::any_io_executor executor, const ChannelOptions& options);

  Channel(EndpointParts parts, boost::asio::any_io_executor executor,
          const ChannelOptions& options);
  ~Channel();

  // --- For the actor (channel.cc) -------------------------------------------------------------
  // Sends a message; `call` for one with `returns`. On failure nothing has changed.
  Result<void> Send(const wire::Message& message, std::span<const void* const> values,
                    std::shared_ptr<CallBase> call);
  void Close();
  bool is_open() const { return phase_ == Phase::kOpen && !write_broken_; }
  void NoteHandlerFault(std::string rule) { handler_fault_ = std::move(rule); }
  const std::string& refused_field() const { return encoder_.refused_field(); }
  // The io_context has gone, or the actor is being destroyed, although the channel has not ended.
  void Abandon();
  ShmemTable& memory() { return *memory_; }
  const boost::asio::any_io_executor& executor() const { return executor_; }
  Traffic traffic() const;

  // --- For repliers and Incoming (channel_dispatch.cc) ------------------------------------------
  void ExpectAnswer() { ++unanswered_; }
  void Answer(const wire::Message& message, std::uint64_t call, void* reply);
  void Reject(const wire::Message& message, std::uint64_t call, std::error_code reason);
  Result<void> Take(Frame& frame, const wire::Message& message, std::span<void* const> values);
  // The peer broke `rule`; ends the channel.
  Failure Fault(std::error_code rule, std::string detail);

 private:
  enum class Phase {
    kOpen,
    kClosing,  // we have said GOODBYE and wait until it is written
    kEnded,
  };

  // What every pending operation holds.
  struct Keep {
    std::shared_ptr<Channel> channel;
    std::shared_ptr<Actor> actor;
  };
  Keep KeepAlive() { return {shared_from_this(), actor_->shared_from_this()}; }

  // Held by the operation that waits for bytes; an open channel always has one. Destroyed without
  // having run, it says that the io_context has gone: the channel gives up, and lets go of
  // completions that may hold the actor.
  class ReadGuard {
   public:
    explicit ReadGuard(Keep keep) : keep_(std::move(keep)) {}
    ReadGuard(ReadGuard&& other) noexcept : keep_(other.Release()) {}
    ReadGuard& operator=(ReadGuard&&) = delete;
    ~ReadGuard() {
      if (keep_.channel != nullptr) keep_.channel->Abandon();
    }
    Keep Release() { return {std::move(keep_.channel), std::move(keep_.actor)}; }

   private:
    Keep keep_;
  };
  ReadGuard KeepReading() { return ReadGuard(KeepAlive()); }

  // False while the actor is being destroyed, when nothing may keep it alive any more.
  bool actor_is_alive() const { return actor_ != nullptr && !actor_->weak_from_this().expired(); }

  void Start(Actor& actor);

  // Writing (channel.cc).
  Result<void> Queue(FrameHeader header, const wire::Table& table,
                     std::span<const void* const> values);
  void QueueControl(FrameKind kind, const wire::Table* table, std::span<const void* const> values);
  void SayHello();
  void QueueReleases();
  void Flush();
  void WaitWritable();
  void RetryLater();
  void WriteFailed(std::error_code error);

  // Reading (channel_read.cc).
  void WaitReadable();
  void WatchPeerDeath();
  void PeerIsGone();
  void PostReadable();
  void OnReadable();
  // False when there is nothing more to read for now.
  bool ReceiveOnce();
  void StreamEnded(std::error_code error);
  void DispatchBuffered();

  // Dispatch (channel_dispatch.cc).
  void OnFrame(Frame& frame);
  void OnHello(const Frame& frame);
  // Which version both sides speak; nothing when that was a fault.
  std::optional<std::uint32_t> AgreeOnVersion(std::uint32_t theirs, std::uint64_t their_hash);
  void OnMessage(Frame& frame);
  void OnReply(Frame& frame);
  void OnReject(const Frame& frame);
  void OnRelease(const Frame& frame);
  std::shared_ptr<CallBase> TakeCall(const FrameHeader& header, const wire::Message*& message);
  void HandlerFailed(std::error_code error, const char* message);
  void AnswerGiven();

  // The end (channel.cc).
  void End(ActorDestroyReason reason, std::error_code error, std::string detail,
           std::error_code for_calls);
  void DestroyActor(ActorDestroyReason reason);
  void Detach();

  struct PendingCall {
    const wire::Message* message;
    std::shared_ptr<CallBase> call;
  };

  const boost::asio::any_io_executor executor_;
  const ChannelOptions options_;
  Actor* actor_ = nullptr;  // until ActorDestroy has run
  std::shared_ptr<ShmemTable> memory_;
  platform::Handle socket_;
  platform::Handle peer_death_;
  boost::asio::posix::stream_descriptor socket_watch_;  // watches, does not own
  boost::asio::posix::stream_descriptor death_watch_;
  boost::asio::steady_timer deadline_;  // handshake first, later closing
  boost::asio::steady_timer retry_;

  Phase phase_ = Phase::kOpen;
  FrameReader reader_;
  SendQueue queue_;
  wire::Encoder encoder_;
  std::map<std::uint64_t, PendingCall> calls_;  // ours, unanswered
  std::uint64_t last_call_ = 0;                 // of ours
  std::uint64_t last_peer_call_ = 0;
  std::size_t unanswered_ = 0;  // the peer's
  std::uint64_t bytes_received_ = 0;
  bool hello_received_ = false;
  std::uint32_t version_ = 1;         // of the protocol: ours, then the smaller of both
  std::uint32_t promised_since_ = 1;  // what was sent before HELLO came needs this version
  bool reading_ = false;              // OnReadable is on the stack
  bool drained_ = false;              // the last receive seems to have emptied the socket
  bool waiting_writable_ = false;
  bool write_broken_ = false;  // the peer does not take anything any more
  bool peer_gone_ = false;
  std::string handler_fault_;
  std::error_code end_error_;
  std::string end_detail_;
};

}  // namespace baton::internal
