// One connection: an actor, a stream, a ring each way, and everything between them.
//
//   Send: encode -> check memory -> reserve room -> revoke -> queue -> ring or stream
//   Read: ring and stream -> frames in order -> HELLO, calls, memory -> Actor::Dispatch
//
// Nothing the peer does can make it abort, hang or grow without bound: a broken rule ends it with
// Fault. It ends exactly once, with ActorDestroy posted behind everything that runs at that moment.
//
// Awake, its poller looks into the ring; asleep, a doorbell in the stream wakes it. The stream is
// waited for in both states: what comes there, and the peer's end, comes by itself.
//
// Lifetime: the actor owns its channel; the channel's pending operations own both, so an open
// channel keeps its actor alive, and an io_context that goes away takes them along.
//
// Threads: all on the executor, but for `memory()`, which locks.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <baton/actor.h>
#include <baton/channel_options.h>
#include <baton/endpoint.h>
#include <baton/internal/call_base.h>
#include <baton/sync.h>

#include "runtime/actor/actor_tree.h"
#include "runtime/channel/backlog.h"
#include "runtime/channel/heartbeat.h"
#include "runtime/channel/inbox.h"
#include "runtime/channel/pending_call.h"
#include "runtime/channel/queueing_rules.h"
#include "runtime/channel/ring_poller.h"
#include "runtime/channel/send_queue.h"
#include "runtime/channel/stream.h"
#include "runtime/channel/sync_wait.h"
#include "runtime/looking/channel_view.h"
#include "runtime/looking/looking.h"
#include "runtime/shmem/shmem_table.h"
#include "runtime/wire/encoder.h"

namespace baton::internal {

class Channel final : public std::enable_shared_from_this<Channel>, private Polled {
 public:
  // Binds `actor`, says HELLO and begins to read.
  static Result<void> Open(EndpointParts parts, const std::shared_ptr<Actor>& actor,
                           boost::asio::any_io_executor executor, const ChannelOptions& options);

  // Of `parts` all but the socket and the source.
  Channel(std::unique_ptr<Stream> stream, EndpointParts parts,
          boost::asio::any_io_executor executor, const ChannelOptions& options);
  ~Channel();

  // --- For the actor (channel_send.cc, channel.cc) ---------------------------------------------
  // Sends a message; `call` for one with `returns`. On failure nothing has changed.
  Result<void> Send(const wire::Message& message, std::span<const void* const> values,
                    std::shared_ptr<CallBase> call, std::uint32_t actor = 0);
  void Close();
  // Runs `done` once the queue is at most half full, or with why it will not be; never in here.
  // Returns its number, for GiveUpDrained, which completes it with operation_canceled.
  std::uint64_t WaitUntilDrained(std::function<void(std::error_code)> done);
  void GiveUpDrained(std::uint64_t number);
  // While held back, what is sent waits, and leaves in one go when the last of these has ended.
  void HoldBack() { ++held_back_; }
  void LetGo();
  bool is_open() const { return phase_ == Phase::kOpen && !write_broken_; }
  void NoteHandlerFault(std::string rule) { handler_fault_ = std::move(rule); }
  const std::string& refused_field() const { return encoder_.refused_field(); }
  // The io_context has gone, or the actor is being destroyed, although the channel has not ended.
  void Abandon();
  ShmemTable& memory() { return *memory_; }
  const boost::asio::any_io_executor& executor() const { return executor_; }
  Traffic traffic() const;
  ChannelStatistics statistics() const;
  std::uint64_t trust_label() const { return options_.trust_label; }
  // Empty where the peer's process is not known, and after the end.
  const platform::Handle& peer_death() const { return peer_life_->death(); }
  const std::optional<platform::PeerIdentity>& peer_identity() const { return identity_; }

  // --- For our own questions (channel_calls.cc) -------------------------------------------------
  // Of the question that was sent last.
  std::uint64_t last_call() const { return last_call_; }
  // Completes it with `reason`, later, and drops its answer when that comes. Nothing happens to one
  // that is answered or given up.
  void GiveUpCall(std::uint64_t number, std::error_code reason);
  // With std::errc::timed_out at that time, instead of at any other; never at the clock's last.
  void GiveUpCallAt(std::uint64_t number, std::chrono::steady_clock::time_point time);

  // --- For managed actors (channel_actors.cc, channel_constructors.cc); errors as in Actor -------
  // Returns the new actor's id. `call` for a constructor that is sync.
  Result<std::uint32_t> Construct(const wire::Message& message, std::span<const void* const> values,
                                  Actor& manager, const std::shared_ptr<Actor>& actor,
                                  std::shared_ptr<CallBase> call = nullptr);
  Result<void> Delete(const wire::Message& message, std::span<const void* const> values,
                      Actor& actor);
  Result<AnyManagedEndpoint> OpenManaged(Actor& manager, const std::shared_ptr<Actor>& actor);
  Result<void> BindManaged(AnyManagedEndpoint& endpoint, Actor& manager,
                           const std::shared_ptr<Actor>& actor);
  // A ManagedEndpoint that was neither sent nor bound has gone away.
  void EndpointDropped(std::uint32_t id);

  // --- For sync messages (channel_sync.cc) ------------------------------------------------------
  // Sends, and blocks until there is an answer, or none comes any more; nested questions of the
  // peer's are dispatched meanwhile. Errors as Send's; resource_deadlock_would_occur where the peer
  // would not answer; timed_out, as of an answer that was refused, and why the channel has ended.
  Result<void> Ask(const wire::Message& message, std::span<const void* const> values,
                   const std::shared_ptr<SyncCallBase>& call, std::uint32_t actor,
                   std::chrono::microseconds deadline);
  // The same with a constructor. Once it was sent, `actor` is bound; it ends when it is refused.
  Result<void> AskToConstruct(const wire::Message& message, std::span<const void* const> values,
                              Actor& manager, const std::shared_ptr<Actor>& actor,
                              const std::shared_ptr<SyncCallBase>& call,
                              std::chrono::microseconds deadline);
  // A sync question's handler begins; what was handled before comes back with EndSync.
  SyncLevel BeginSync(const wire::Message& message);
  void EndSync(SyncLevel before);

  // --- For memory that the peer makes (channel_loans.cc) ----------------------------------------
  // As Actor's. Where the peer is to be asked, they block until there is an answer, or none comes
  // any more; nothing is dispatched meanwhile.
  Result<Shmem> AllocShmem(std::uint64_t size, ShmemUse use);
  Result<UnsafeShmem> AllocUnsafeShmem(std::uint64_t size);
  // The same without blocking: `call` finishes at once where the peer is not asked, or later; its
  // reply is a Shmem, or, for kUnsafe, an UnsafeShmem.
  void StartAllocation(ShmemKind kind, std::uint64_t size, const std::shared_ptr<CallBase>& call);

  // --- For repliers and Incoming (channel_dispatch.cc) ------------------------------------------
  void ExpectAnswer() { ++unanswered_; }
  void Answer(const wire::Message& message, std::uint64_t call, void* reply, std::uint32_t actor);
  void Reject(const wire::Message& message, std::uint64_t call, std::error_code reason,
              std::uint32_t actor);
  Result<void> Take(Frame& frame, const wire::Message& message, std::span<void* const> values);
  bool Constructed(Incoming& incoming, const std::shared_ptr<Actor>& actor);
  // The peer broke `rule`; ends the channel. All say the same things in the same order:
  // "ns::PDecoder::Decode, field size.width: 70000 is over Max=16384 (value is out of bounds)".
  // Fault is for what belongs to no message, and puts the protocol before `what`.
  Failure Fault(std::error_code rule, const std::string& what);
  Failure FaultIn(std::string detail, std::error_code rule);
  Failure UnknownMessage(std::uint32_t message, const Actor* receiver);
  // A message was taken and its handler is about to run. Tells who looks, if anybody does.
  void HandlerBegins(const Frame& frame, const wire::Message& message,
                     std::span<void* const> values);

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
  class ReadGuard;               // channel_read_guard.h
  friend class ChannelFreezing;  // channel_freezing.h

  // False while the actor is being destroyed, when nothing may keep it alive any more.
  bool actor_is_alive() const { return actor_ != nullptr && !actor_->weak_from_this().expired(); }

  Result<void> Start(Actor& actor);
  // Runs `what`, that calls handlers: what they throw ends the channel and goes on.
  template <class F>
  auto Guarded(F what) -> decltype(what());

  // Writing (channel_send.cc).
  Result<void> MakeRing(const char* protocol);
  Result<void> CheckVersion(const wire::Message& message);
  Result<void> CheckCalls();
  Result<void> Reserve(FrameKind kind, std::size_t payload, std::size_t handles);
  Result<void> Queue(const FrameHeader& header, const wire::Table& table,
                     std::span<const void* const> values);
  // The short way, straight into the ring. False: nothing has happened.
  bool QueueInPlace(const FrameHeader& header, const wire::Table& table,
                    std::span<const void* const> values);
  void QueueControl(FrameKind kind, const wire::Table* table, std::span<const void* const> values,
                    std::vector<Travelling> travelling = {});
  void SayHello();
  // Taken, kept, and said at the end (channel_parting.cc).
  void QueueTransfer(FrameKind kind, const ShmemTransfer& transfer);
  void QueueTransfers();
  void StartClosing(std::uint64_t after);
  void OnGoodbye();
  void EndAsAgreed();
  void OnTransfer(Frame& frame);
  void OnKeep(Frame& frame);
  // After a Send: held back, this is for later.
  void FlushUnlessHeldBack();
  void FlushLater();
  void Flush();
  // After a doorbell, or a while: there may be room in the ring.
  void FlushAgain();
  void WaitWritable();
  void RetryLater();
  void WriteFailed(std::error_code error);
  bool HasRoom() const;
  void TellDrained();
  void RingDoorbell();

  // Reading (channel_read.cc).
  void WaitReadable();
  void WatchPeerDeath();
  void PeerIsGone();
  void PostReadable();
  void OnReadable();
  void ReadTurn();
  enum class Received { kSomething, kNothing, kEnd };
  Received ReceiveOnce();
  void StreamEnded();
  std::uint64_t bytes_received() const { return stream_bytes_received_ + inbox_.ring_bytes(); }
  // Dispatches at most `most` frames. Says what is left. Fills `kept` before the first.
  enum class Left { kNothing, kMore, kEnded };
  Left DispatchFrames(int most, Keep& kept);
  // Lets the peer have the room of what was read; kNothing or kEnded.
  Left ReleaseRing();
  // Received frames that are kept for later (channel_backlog.cc). Data is held in its order, while
  // the backlog has room, and dispatched before any that is still in the inbox.
  void Hold(Frame& frame);
  void DispatchHeld(HeldFrame held);
  // The same for one, after up to `may_take` more have been taken from the inbox where priorities
  // want that.
  Left DispatchNextHeld(int& may_take, Keep& kept);
  Left ReadAhead(int& may_take, Keep& kept);
  Left ReadControl(Keep& kept);
  std::optional<HeldFrame> TakeHeld();
  void DropCompressed(HeldFrame held, const wire::Message& message);
  void ReadInside();
  Turn TurnOf(const FrameHeader& header);
  Found Poll() override;
  bool FallAsleep() override;
  bool FlushIntoRing();
  bool AwaitRoom();
  bool TryToSleep();
  void WakeUp();
  void Rest();

  // Whether the peer is there at all (channel_heartbeat.cc).
  bool IsExpecting() const;
  void TendHeartbeat();
  // Something was sent. Whoever is about to come to rest anyway sees it then.
  void ExpectAtRest() {
    const bool rests = !is_awake_ && !reading_ && wait_ == nullptr;
    if (rests && !heartbeat_.is_watching()) TendHeartbeat();
  }
  void SetHeartbeatTimer();
  void LookAtPeer();
  void SendPing();
  void QueueHeartbeat(FrameKind kind, std::uint64_t number);
  void ReadBeforeBlaming();
  void TellUnresponsive();
  void PeerHasSpoken();
  void OnPing(const Frame& frame);
  void OnPong(const Frame& frame);

  // Whose process it is (channel_identity.cc).
  bool MayHaveSent();
  std::string WhoElse() const;
  void SettleIdentity();
  void WatchLauncher();

  // Dispatch (channel_dispatch.cc).
  void OnFrame(Frame& frame);
  void OnHello(Frame& frame);  // and what follows: channel_hello.cc
  static void Silence(boost::asio::steady_timer& timer);
  bool TakeRing(platform::Handle handle);
  // Which version both sides speak; nothing when that was a fault.
  std::optional<std::uint32_t> AgreeOnVersion(std::uint32_t theirs, std::uint64_t their_hash);
  // The payload as values; each of its bytes is read once or from a private copy.
  Result<std::vector<wire::IncomingShmem>> Decode(
      Frame& frame, const wire::Table& table, std::span<void* const> values,
      std::string* field = nullptr, std::vector<wire::IncomingActor>* actors = nullptr);
  void OnMessage(Frame& frame);
  void OnReply(Frame& frame);
  void OnReject(Frame& frame);
  // `given_up`: why nobody waits for it any more.
  std::shared_ptr<CallBase> TakeCall(const FrameHeader& header, const wire::Message*& message,
                                     std::error_code& given_up);
  Failure Refuse(const wire::Message& message, const FrameHeader& header, std::error_code shortage);
  void ForgetHandlerFaults();
  void HandlerFailed(std::error_code error, const wire::Message& message, Actor& receiver);
  void AnswerGiven(const wire::Message& message);
  Result<void> CheckCall(const FrameHeader& header);

  // Sync messages (channel_sync.cc).
  std::uint32_t FlagsOf(const wire::Message& message) const;
  Result<void> CheckAsk(const wire::Message& message) const;
  template <class F>
  Result<void> AskBy(const wire::Message& message, const std::shared_ptr<SyncCallBase>& call,
                     std::chrono::microseconds deadline, F send);
  Result<void> AwaitAnswer(SyncWait& wait, std::uint64_t number,
                           const std::shared_ptr<SyncCallBase>& call);
  bool IsOver(const SyncWait& wait) const;
  // Nothing more is taken from the inbox for now.
  bool MustPause() const { return turn_is_over_ || goodbye_waits_; }
  bool MayNest(const FrameHeader& header) const;
  void Await(SyncWait& wait);
  bool TakeInWait(SyncWait& wait, bool looks_at_stream);
  bool ReceiveInWait(SyncWait& wait, bool& stream_is_empty);
  void OnFrameInWait(Frame& frame);
  void OnNested(Frame& frame);
  void DispatchHeldNested(const SyncWait& wait);
  bool SpinInWait(SyncWait& wait);
  void SleepInWait(SyncWait& wait);

  // Borrowed and lent memory (channel_loans.cc).
  static bool IsNotPermitted(std::error_code error);
  bool AsksInstead(std::error_code refusal) const;
  template <class Memory>
  Result<Memory> MakeOrBorrow(std::uint64_t size, const wire::Message& message, ShmemUse use);
  Result<std::uint64_t> AskForMemory(const wire::Message& message, std::uint64_t size,
                                     std::shared_ptr<CallBase> call);
  void AskForRing();
  void OnLent(Frame& frame);
  Result<void> TakeLent(Frame& frame, const wire::Message& message, std::uint64_t asked,
                        void* into);
  Result<void> TakeLentRing(platform::Handle ring, std::uint64_t asked);
  void FinishLoan(const std::shared_ptr<CallBase>& call, const wire::Message& message,
                  std::error_code error);
  void OnAsk(Frame& frame);
  Result<void> Lend(const wire::Message& message, std::uint64_t call, std::uint64_t size);
  Result<void> LendRing(std::uint64_t call, std::uint64_t size);
  Result<void> AnswerLoan(const wire::Message& message, std::uint64_t call, FrameKind kind,
                          const wire::Table& table, std::span<const void* const> values);

  // Managed actors (channel_actors.cc, channel_actor_frames.cc, channel_constructors.cc).
  Result<void> CheckSend() const;
  Result<void> CheckNew(const std::shared_ptr<Actor>& actor) const;
  void Register(std::uint32_t id, const std::shared_ptr<Actor>& actor, Actor& manager);
  void OnActorFrame(Frame& frame);  // for a managed actor, or about one
  void OnManaged(Frame& frame);
  void OnConstruct(Frame& frame);
  void OnOpen(Frame& frame);
  void OnGone(Frame& frame);
  bool IsNewIdRight(const Frame& frame);
  bool MayMake(const Frame& frame);
  void ConstructorFailed(std::uint32_t id);
  void DispatchManaged(Frame& frame);
  void DispatchConstruct(Frame& frame);
  void DispatchLate(Frame& frame, DispatchFunction dispatch);
  void RejectLate(const FrameHeader& header);
  void RejectCounted(const FrameHeader& header, std::error_code reason = Errc::kActorGone);
  void WaitForBind(Frame& frame, std::uint32_t endpoint);
  void DispatchWaiting();
  void DropUnbound(std::uint32_t id);
  void EndActor(Actor& actor, ActorDestroyReason reason);
  // Null when there is none.
  Actor* ActorOf(std::uint32_t id) const { return id == 0 ? actor_ : tree_.Find(id); }
  void QueueFarewells();
  void PostDestroys();
  void RunDestroys();
  // What values say about actors: before a message leaves, once it has left, and when one came.
  Result<std::uint32_t> IdToSend(const wire::OutgoingActor& outgoing) const;
  Result<void> DescribeActors(std::span<const wire::OutgoingActor> actors,
                              std::span<std::byte> bytes) const;
  static void DepartActors(std::span<const wire::OutgoingActor> actors);
  Result<void> ArriveActors(std::span<const wire::IncomingActor> actors);

  // For those who look: where messages pass them (channel_looking.h), and what is done when
  // somebody does (channel_looking.cc).
  Result<void> QueueMessage(const wire::Message& message, const FrameHeader& header,
                            const wire::Table& table, std::span<const void* const> values);
  Result<void> DispatchMessage(DispatchFunction dispatch, Actor* receiver, Incoming& incoming,
                               const Frame& frame);
  void FinishCall(CallBase& call, const Frame& frame, const wire::Message& message,
                  std::error_code error);
  Result<void> QueueSeen(const wire::Message& message, const FrameHeader& header,
                         const wire::Table& table, std::span<const void* const> values);
  void TellHandler(const Frame& frame, const wire::Message& message, std::span<void* const> values);
  Result<void> DispatchSeen(DispatchFunction dispatch, Actor* receiver, Incoming& incoming,
                            const Frame& frame);
  void FinishSeen(CallBase& call, const Frame& frame, const wire::Message& message,
                  std::error_code error);
  void TellBegin();
  void TellEnd();
  void TellRest();
  void TellSleep();
  void TellWake();
  void TellQueue();
  ChannelName SeenName() const;
  MessageSight SightOf(const wire::Message& message, const FrameHeader& header, bool is_sent) const;

  // The end (channel.cc).
  void End(ActorDestroyReason reason, std::error_code error, std::string detail,
           std::error_code for_calls);
  void DestroyActor(ActorDestroyReason reason);
  // Null while it goes on.
  std::shared_ptr<const Actor::Ending> TheEnding();
  // What must not outlive the io_context.
  void DropWatches();
  void Detach();

  void GiveUpCall(PendingCall& pending, std::error_code reason);
  void ForgetDeadline(PendingCall& pending);
  void SetTimer();
  void GiveUpLateCalls();
  void StopTimerUnlessNeeded();

  const boost::asio::any_io_executor executor_;
  const ChannelOptions options_;
  Actor* actor_ = nullptr;  // until ActorDestroy has run
  ActorTree tree_;
  std::deque<HeldFrame> bound_;  // what waited for an actor that has been bound by now
  bool destroys_posted_ = false;
  std::optional<ActorDestroyReason> destroy_reason_;  // of the top-level actor, when it is its turn
  std::shared_ptr<ShmemTable> memory_;
  std::unique_ptr<Stream> stream_;  // until the end
  const std::shared_ptr<PeerLife> peer_life_;
  std::optional<platform::PeerIdentity> identity_;  // of the peer
  PeerOrigin origin_;                               // kMet once HELLO has come
  int launched_pid_ = 0;
  bool may_look_at_process_;         // with a /proc that a sandbox may not have
  platform::PeerIdentity stranger_;  // who has spoken in the place of that
  // These must not outlive the io_context: Abandon drops them.
  std::optional<boost::asio::posix::stream_descriptor> death_watch_;  // watches, does not own
  std::optional<boost::asio::steady_timer> deadline_;  // handshake first, later closing
  std::optional<boost::asio::steady_timer> retry_;
  std::optional<boost::asio::steady_timer> call_timer_;       // made for the first deadline
  std::optional<boost::asio::steady_timer> heartbeat_timer_;  // the same

  // The rings: memory first, what lies in it after.
  platform::Mapping outgoing_memory_;
  platform::Handle outgoing_handle_;  // until HELLO
  platform::Mapping incoming_memory_;
  std::optional<RingWriter> outgoing_ring_;
  std::shared_ptr<RingPoller> poller_;
  SpinBudget spin_;
  bool is_awake_ = false;  // in the poller's list

  Phase phase_ = Phase::kOpen;
  Parting parting_ = Parting::kCut;
  Inbox inbox_;
  Backlog backlog_;
  QueueingRules queueing_rules_;
  bool looks_ahead_ = false;    // the peer may send what does not wait its turn
  bool goodbye_waits_ = false;  // for the backlog: it came after that
  SendQueue queue_;
  wire::Encoder encoder_;
  std::map<std::uint64_t, PendingCall> calls_;  // ours, unanswered
  std::uint64_t last_call_ = 0;                 // of ours
  std::size_t calls_given_up_ = 0;              // of calls_
  std::uint64_t last_loan_ = 0;                 // of ours
  CallDeadlines call_deadlines_;
  Clock::time_point timer_is_for_ = Clock::time_point::max();  // which is: it does not run
  Heartbeat heartbeat_;
  Pings pings_;
  bool is_unresponsive_ = false;  // the actor was told so
  std::uint64_t last_peer_call_ = 0;
  std::uint64_t last_peer_loan_ = 0;
  std::size_t unanswered_ = 0;  // the peer's
  std::map<std::uint64_t, std::function<void(std::error_code)>> drained_waiters_;
  std::uint64_t last_drained_waiter_ = 0;
  int held_back_ = 0;
  bool flush_posted_ = false;  // for lazy messages
  bool hello_received_ = false;
  std::uint32_t version_ = 1;             // of the protocol: ours, then the smaller of both
  std::uint32_t promised_since_ = 1;      // what was sent before HELLO came needs this version
  SyncWait* wait_ = nullptr;              // the innermost, on the stack
  SyncLevel handled_ = SyncLevel::kNone;  // the sync question whose handler is on the stack
  bool reading_ = false;                  // frames are being dispatched, on the stack
  Keep deferred_read_;                    // the stream became readable meanwhile
  bool turn_is_over_ = false;             // what was done took long: others have their turn
  bool stream_is_empty_ = false;          // the last receive seems to have emptied it
  bool waiting_readable_ = false;
  bool read_posted_ = false;
  bool is_polled_ = false;  // the poller looks: no doorbell is needed for room
  bool must_rest_ = false;  // the poller has let go of it while frames were dispatched
  bool waiting_writable_ = false;
  bool waiting_to_retry_ = false;
  bool write_broken_ = false;  // the peer does not take anything any more
  bool peer_gone_ = false;
  std::string handler_fault_;
  const void* refused_actor_ = nullptr;  // the value that ArriveActors has failed at
  bool stream_has_ended_ = false;
  std::error_code stream_error_;  // why, if not in good order
  std::shared_ptr<const Actor::Ending> ending_;
  std::error_code end_error_;
  std::string end_detail_;
  std::uint64_t stream_bytes_received_ = 0;
  std::uint64_t read_until_ = 0;  // bytes_received() at which a dead peer is believed to be dead
  ChannelStatistics counts_;
  ChannelView view_;
};

}  // namespace baton::internal
