// The base of every generated actor class (PFooParent, PFooChild).
//
// An actor is one end of a conversation. It is made by the user, held by std::shared_ptr, and bound
// to a channel by Endpoint::Bind. From then on the runtime keeps it alive until ActorDestroy has
// run, also while one of its handlers runs: closing the channel, dropping the last reference of
// one's own, or losing the peer inside a handler is legal.
//
// Actors form a tree: a managed actor belongs to its manager, travels on the channel of the
// top-level one, and is bound by SendPFooConstructor, AllocPFoo or BindPFooEndpoint of the manager
// instead of Endpoint::Bind. It ends with its manager at the latest. docs/actors.md tells the whole
// story.
//
// What a handler throws closes the channel and leaves io_context::run().
//
// Threads: everything happens on the executor the actor was bound to. SendX, AllocShmem,
// DeallocShmem and Close must be called there (or before any of its work runs).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <baton/base/result.h>
#include <baton/frozen_shmem.h>
#include <baton/managed_endpoint.h>
#include <baton/platform/peer_identity.h>
#include <baton/replier.h>
#include <baton/shmem.h>
#include <baton/wire/table.h>

namespace baton {

class Actor;
class EndpointHolder;
class HoldBack;
struct Unresponsive;  // <baton/unresponsive.h>

namespace internal {
class ActorAccess;
class ActorTree;
class Channel;

// Takes the values of a received message and calls the RecvX of `self`; with a null `self`, which
// has gone meanwhile, lets go of what they own. Generated for each class.
using DispatchFunction = Result<void> (*)(Actor* self, Incoming& incoming);
}  // namespace internal

enum class Side : std::uint8_t { kParent, kChild };

// Why an actor has ended; the values of IPDL, which the wire knows, too.
enum class ActorDestroyReason : std::uint8_t {
  kDeletion = 0,          // `__delete__`, by either side
  kAncestorDeletion = 1,  // its manager ended, or its manager's manager
  kNormalShutdown = 2,    // one of the sides closed the channel
  kAbnormalShutdown = 3,  // the peer died, broke a rule, or the system failed
  kFailedConstructor = 4,
  kManagedEndpointDropped = 5,
};

// What has crossed an actor's channel so far, in bytes. Of a message over 65 KiB, which travels in
// memory of its own, only the frame counts.
struct Traffic {
  std::uint64_t bytes_sent = 0;  // through ring and socket, frame headers included
  std::uint64_t bytes_received = 0;
  std::uint64_t shmem_bytes_sent = 0;  // handed over in place: no byte of it was copied
  std::uint64_t shmem_bytes_received = 0;
};

// How an actor's channel is doing: counts since Bind, but for those at the end that say how it is
// now.
struct ChannelStatistics {
  std::uint64_t messages_sent = 0;        // answers included
  std::uint64_t messages_received = 0;    // the same
  std::uint64_t messages_refused = 0;     // received, and dropped for a shortage of ours
  std::uint64_t messages_late = 0;        // received, and dropped: for an actor that has gone
  std::uint64_t answers_late = 0;         // received, and dropped: the question was given up
  std::uint64_t messages_compressed = 0;  // received, and dropped: a newer one took their place
  std::uint64_t frames_stale = 0;         // received, and dropped: of an earlier incarnation
  std::uint64_t handler_errors = 0;       // handlers without `returns` that failed
  std::uint64_t would_blocks = 0;         // sends that found no room

  std::uint64_t ring_frames_sent = 0;  // without a system call each
  std::uint64_t ring_frames_received = 0;
  std::uint64_t doorbells_sent = 0;  // the peer slept and had to be woken
  std::uint64_t doorbells_received = 0;
  std::uint64_t sleeps = 0;      // this side found nothing for long enough
  std::uint64_t pings_sent = 0;  // the peer was silent, and something was expected of it

  std::uint64_t handles_sent = 0;  // with messages: of new shared memory, and whatever else
  std::uint64_t pool_hits = 0;     // Shmem that was allocated, and found a piece to use again
  std::uint64_t pool_misses = 0;   // that could have, and found none
  std::uint64_t pool_trims = 0;    // pieces that were let go again

  std::uint64_t pooled_bytes = 0;   // of this side's making, freed and kept: now
  std::uint64_t pooled_pieces = 0;  // the same
  std::uint64_t messages_held = 0;  // received, and not dispatched yet: now
  std::uint64_t queued_bytes = 0;   // data that waits for the peer now
  std::uint64_t most_queued_bytes = 0;
};

// Channels of this process that have ended, by reason: no error for a close in good order, a Rule
// where the peer broke one, else the system's. Any thread.
std::vector<std::pair<std::error_code, std::uint64_t>> ClosedChannels();

class Actor : public std::enable_shared_from_this<Actor> {
 public:
  Actor(const Actor&) = delete;
  Actor& operator=(const Actor&) = delete;
  virtual ~Actor();

  // Memory of `size` bytes (at least 1), owned by this side, to be sent through this actor's
  // channel. It is zeroed when it is new, and holds what this side or the peer has left there when
  // it is used again (ChannelOptions::max_pooled_bytes). Errors: kNotBound, kClosed, kOverQuota,
  // std::errc::invalid_argument (size 0), and the system's (no space, too many open files): a
  // shortage is never anybody's fault. Where this side makes none (ChannelOptions::memory_from),
  // the peer is asked, and the thread waits for its answer, in which no handler runs. Errors then
  // as well: timed_out after memory_deadline, kWouldBlock (too many questions open),
  // operation_not_permitted (it lends none), the peer's kOverQuota and shortages, and why the
  // channel has ended.
  // kSurvivable: the peer is given a handle at once; kWouldBlock when it does not read. Where the
  // peer makes the memory, `use` is a wish that is not known there.
  Result<Shmem> AllocShmem(std::uint64_t size, ShmemUse use = ShmemUse::kOrdinary);
  Result<UnsafeShmem> AllocUnsafeShmem(std::uint64_t size);

  // The same without ever blocking: complete with void(boost::system::error_code, Shmem), or an
  // UnsafeShmem, as messages with an answer do, never inside this call; may be cancelled, and given
  // another deadline by Within. The bodies are in <baton/async.h>.
  template <class Token>
  auto AllocShmemAsync(std::uint64_t size, Token&& token);
  template <class Token>
  auto AllocUnsafeShmemAsync(std::uint64_t size, Token&& token);

  // Frees memory that this side owns and empties the handle. Errors, with the handle untouched:
  // kEmptyShmem, kAlreadySent (the peer owns it), kWrongChannel; kNotBound, and kClosed after the
  // end (memory that outlived its channel is freed by destroying its handle).
  Result<void> DeallocShmem(Shmem& shmem);
  Result<void> DeallocShmem(UnsafeShmem& shmem);

  // Memory of another channel, one that has ended most likely, becomes this one's: its id, content
  // and address stay. What a peer has had comes only to a channel whose trust label is that of its
  // channel, and is not 0: that peer may still see it (kOtherTrustDomain; allocate and copy). From
  // a channel that goes on, it is as freed there. Errors, with the handle untouched, as well:
  // kNotBound, kClosed, kEmptyShmem, kAlreadySent, kOverQuota. ShmemStore gives back what was not
  // this side's.
  Result<void> Attach(Shmem& shmem);

  // Freezes memory that this side owns, without a copy. Other threads must not touch it meanwhile.
  // Errors: kEmptyShmem, kAlreadySent, kWrongChannel, kNotBound, kClosed; kMappedElsewhere:
  // somebody still maps it writable, as an honest peer does that has handed over memory which was
  // not made with kFreezable, or has a page of it in a pipe, for which the kernel waits a sixth of
  // a second inside of this call; kNeverFreezes: a peer has seen to that; and the system's. The
  // handle is untouched then; only where what was unmapped for this cannot be mapped again, or no
  // room is left for the frozen memory, it is empty and the memory freed.
  Result<FrozenShmem> Freeze(Shmem&& shmem);

  // The same whoever maps it: the peer is asked to unmap it for good, and after
  // ChannelOptions::unmap_deadline, or when somebody maps it all the same, the content is copied
  // into frozen memory of its own. The memory is gone from both sides then. The kernel may wait as
  // above in this call, and when the peer has answered. Completes with
  // void(boost::system::error_code, FrozenShmem), never inside this call; cancelling it ends the
  // wait, as its deadline does, which Within changes. Errors: as above but for kMappedElsewhere and
  // kNeverFreezes, with the handle untouched when there was nothing to freeze; else the memory is
  // freed: the system's, operation_not_permitted where this process may make no memory to copy to.
  // The body is in <baton/async.h>.
  template <class Token>
  auto AsyncFreeze(Shmem&& shmem, Token&& token);

  // Lets go of the memory that was freed and is kept to be used again. Does nothing when not bound.
  void TrimShmem();

  // True from Bind until the channel begins to end, or until a managed actor is deleted.
  bool CanSend() const;

  Side side() const { return side_; }

  // The number of a managed actor on its channel: the same on both sides, never used again. 0 for
  // a top-level one, and before a managed one is bound.
  std::uint32_t actor_id() const { return place_.id; }

  // Whom the peer belongs to, as this program has said when it bound the channel, or whoever gave
  // us the endpoint: never the peer itself. 0 when nobody has. Stays readable after the end.
  std::uint64_t trust_label() const;

  // Whose process the peer is, by the word of the kernel: of one that has connected, or that we
  // have connected to, from Bind on; of a child that was launched, or of who has launched us, from
  // its HELLO on. Nothing where the kernel was not asked. Stays readable after the end.
  std::optional<platform::PeerIdentity> peer_identity() const;

  // Which field it was, after a SendX that failed with kInvalidValue, kOutOfBounds or kPeerTooOld,
  // or an answer that OnHandlerError was told of: "size.width", "damage[3].x". Empty when there is
  // nothing to say.
  std::string send_error_detail() const;

  // Counted since Bind; stays readable after the end.
  Traffic traffic() const;
  ChannelStatistics statistics() const;

  // Completes with void(boost::system::error_code) once at most half of what may wait for the peer
  // does (ChannelOptions::max_queued_*), when the next SendX finds room: the thing to wait for
  // after Errc::kWouldBlock. On the handler's associated executor, by default the actor's, never
  // inside this call; may be cancelled. The body is in <baton/async.h>. The actor is held by a
  // std::shared_ptr. Errors: kNotBound, and why the channel has ended.
  template <class Token>
  auto Drained(Token&& token);

  // Ends the channel, with all actors on it, in good order: what was sent before is still
  // delivered, then the peer sees kNormalShutdown. ActorDestroy follows later, never from inside
  // this call. Does nothing twice. A peer that does not read in time loses the rest
  // (ChannelOptions::close_deadline; close_error() is std::errc::timed_out then). Without it
  // io_context::run() goes on: an open channel is work. A launched child is killed when its Process
  // goes away; to let it finish what it was sent, call Process::Wait first.
  void Close();

  // After ActorDestroy: what ended the channel. Empty after a close in good order; a Rule when the
  // peer broke one; else the system's error.
  // Empty as well for an actor that was deleted while the channel went on.
  std::error_code close_error() const;
  // For people. A fault of the peer's in words: protocol and message, the field if it was one, what
  // was seen, and the rule: "ns::PDecoder::Decode, field size.width: 70000 is over Max=16384 (value
  // is out of bounds)", "ns::PDecoder: version 1, schema hash 4f.. here, ...". The number in
  // brackets is that of an element, or of a map's entry, from 0.
  const std::string& close_detail() const;

 protected:
  Actor(const wire::Protocol& protocol, Side side, internal::DispatchFunction dispatch)
      : protocol_(protocol), dispatch_(dispatch), side_(side) {}

  // Runs exactly once for every bound actor, managed ones before their managers, after which no
  // other member is called by the runtime; only when the io_context is destroyed first it cannot
  // run any more. Never from inside a call of yours.
  virtual void ActorDestroy(ActorDestroyReason) {}

  // A handler of a message without `returns` failed for a reason that is not the peer's fault, or
  // memory ran out while a message was received. The message is dropped, the channel goes on.
  virtual void OnHandlerError(std::error_code) {}

  // Of a top-level actor: for ChannelOptions::unresponsive_after nothing has come from the peer,
  // although something was expected of it, and then, once, it has spoken again (after that, the
  // first may be called again). Called as handlers are; never before the peer has introduced
  // itself, nor while a handler of this channel runs. Nothing ends by itself: close the channel, or
  // kill the child, if it must not go on.
  virtual void OnUnresponsive(const Unresponsive&) {}
  virtual void OnResponsive() {}

  // `return PeerFault("width is zero");` in a handler, or `reply.Reject(PeerFault(...))`: the peer
  // sent what it must not send. The channel closes with Rule::kHandler and these words, which stay
  // on this side: log close_detail() in ActorDestroy. The peer sees that we are gone. To be used
  // where it is made: it is not kept for later.
  Failure PeerFault(std::string rule);

  // Why nothing can be sent just now: kNotBound before Bind, kClosed after the end of the channel,
  // kActorGone after that of the actor alone.
  Failure NoChannel() const;

  // For generated code: encodes by `message.parameters` and sends. When it fails, nothing changed.
  Result<void> SendMessage(const wire::Message& message, std::span<const void* const> values);
  Result<void> SendMessage(const wire::Message& message,
                           std::initializer_list<const void*> values) {
    return SendMessage(message, std::span<const void* const>(values));
  }

  // For generated code, about managed actors. None changes anything when it fails.
  // Makes `actor`, which is not bound yet, a managed one of this. Errors beside those of a message:
  // kWrongActor (null, or bound already), kOverQuota (too many of them).
  Result<void> SendConstructor(const wire::Message& message, const std::shared_ptr<Actor>& actor,
                               std::initializer_list<const void*> values);
  // Sends the last message of this actor and ends it, with all that it manages.
  Result<void> SendDelete(const wire::Message& message, std::initializer_list<const void*> values);
  // The endpoint of the other side for `actor`, which from now on is bound. Errors as above.
  Result<internal::AnyManagedEndpoint> OpenManaged(const std::shared_ptr<Actor>& actor);
  // Binds `actor` to an endpoint that came from the peer. Errors: kWrongActor (as above, or an
  // endpoint that is empty, of another manager, or did not come from the peer), kActorGone.
  Result<void> BindManaged(internal::AnyManagedEndpoint& endpoint,
                           const std::shared_ptr<Actor>& actor);
  std::shared_ptr<Actor> ManagerActor() const;  // null for a top-level one, and after the end
  std::vector<std::shared_ptr<Actor>> ManagedActors(std::uint64_t protocol) const;
  template <class A>
  std::vector<std::shared_ptr<A>> ManagedActorsOf() const {
    std::vector<std::shared_ptr<A>> found;
    for (auto& actor : ManagedActors(A::kProtocol.id)) {
      found.push_back(std::static_pointer_cast<A>(std::move(actor)));
    }
    return found;
  }

 private:
  friend class EndpointHolder;
  friend class HoldBack;
  friend class internal::ActorAccess;
  friend class internal::ActorTree;
  friend class internal::Channel;

  // Of a channel that has ended; all its actors share it.
  struct Ending {
    Traffic traffic;
    ChannelStatistics statistics;
    std::error_code error;
    std::string detail;
    std::uint64_t trust_label = 0;
    std::optional<platform::PeerIdentity> peer_identity;
  };

  // In the tree. The managed ones of an actor are a list, oldest first, whose first one's
  // `previous` is the last.
  struct Place {
    std::uint32_t id = 0;
    Actor* manager = nullptr;
    Actor* first_managed = nullptr;
    Actor* next = nullptr;
    Actor* previous = nullptr;
  };

  const wire::Protocol& protocol_;
  const internal::DispatchFunction dispatch_;
  std::shared_ptr<internal::Channel> channel_;  // while bound
  std::shared_ptr<void> executor_;              // an any_io_executor, from Bind on
  std::shared_ptr<const Ending> ending_;
  Place place_;
  const Side side_;
};

}  // namespace baton
