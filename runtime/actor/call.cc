#include <boost/asio/post.hpp>
#include <boost/asio/system_executor.hpp>
#include <utility>

#include <baton/async.h>

#include "runtime/channel/channel_freezing.h"

namespace baton::internal {

// Reaches the channel of an actor for the templates in <baton/async.h>.
class ActorAccess {
 public:
  static Channel* channel(const Actor& actor) { return actor.channel_.get(); }
  static Failure WhyNone(const Actor& actor) { return actor.NoChannel(); }
  static const boost::asio::any_io_executor* executor(const Actor& actor) {
    return static_cast<const boost::asio::any_io_executor*>(actor.executor_.get());
  }
};

boost::asio::any_io_executor ExecutorOf(const Actor& actor) {
  const auto* executor = ActorAccess::executor(actor);
  if (executor == nullptr) return boost::asio::system_executor();
  return *executor;
}

void StartCall(Actor& actor, const wire::Message& message, std::span<const void* const> values,
               const std::shared_ptr<CallBase>& call,
               std::chrono::steady_clock::duration deadline) {
  Channel* const channel = ActorAccess::channel(actor);
  if (channel == nullptr) return call->Finish(ActorAccess::WhyNone(actor).error());
  const auto sent = channel->Send(message, values, call, actor.actor_id());
  if (!sent) return call->Finish(sent.error());
  call->Sent(channel->weak_from_this(), channel->last_call());
  if (deadline == kForever) return;
  channel->GiveUpCallAt(channel->last_call(), std::chrono::steady_clock::now() + deadline);
}

namespace {

void Start(Actor& actor, ShmemKind kind, std::uint64_t size,
           const std::shared_ptr<CallBase>& call) {
  Channel* const channel = ActorAccess::channel(actor);
  if (channel == nullptr) return call->Finish(ActorAccess::WhyNone(actor).error());
  if (!channel->is_open()) return call->Finish(Errc::kClosed);
  channel->StartAllocation(kind, size, call);
}

}  // namespace

void StartAllocation(Actor& actor, std::uint64_t size,
                     const std::shared_ptr<TypedCall<Shmem>>& call) {
  Start(actor, ShmemKind::kSafe, size, call);
}

void StartAllocation(Actor& actor, std::uint64_t size,
                     const std::shared_ptr<TypedCall<UnsafeShmem>>& call) {
  Start(actor, ShmemKind::kUnsafe, size, call);
}

void StartFreezing(Actor& actor, Shmem& shmem,
                   const std::shared_ptr<TypedCall<FrozenShmem>>& call) {
  Channel* const channel = ActorAccess::channel(actor);
  if (channel == nullptr) return call->Finish(ActorAccess::WhyNone(actor).error());
  ChannelFreezing(*channel).Start(shmem, call);
}

std::error_code OperationAborted() {
  return std::make_error_code(std::errc::operation_canceled);
}

boost::system::error_code ForCompletion(std::error_code error) {
  if (error == std::errc::operation_canceled) return boost::asio::error::operation_aborted;
  if (error == std::errc::timed_out) return boost::asio::error::timed_out;
  return boost::system::error_code(error);
}

Result<void> Ask(Actor& actor, const wire::Message& message,
                 std::initializer_list<const void*> values,
                 const std::shared_ptr<SyncCallBase>& call, std::chrono::microseconds deadline) {
  Channel* const channel = ActorAccess::channel(actor);
  if (channel == nullptr) return ActorAccess::WhyNone(actor);
  return channel->Ask(message, std::span(values.begin(), values.size()), call, actor.actor_id(),
                      deadline);
}

Result<void> AskToConstruct(Actor& manager, const wire::Message& message,
                            const std::shared_ptr<Actor>& actor,
                            std::initializer_list<const void*> values,
                            const std::shared_ptr<SyncCallBase>& call,
                            std::chrono::microseconds deadline) {
  Channel* const channel = ActorAccess::channel(manager);
  if (channel == nullptr) return ActorAccess::WhyNone(manager);
  return channel->AskToConstruct(message, std::span(values.begin(), values.size()), manager, actor,
                                 call, deadline);
}

std::uint64_t WaitUntilDrained(Actor& actor, std::function<void(std::error_code)> done) {
  if (Channel* const channel = ActorAccess::channel(actor)) {
    return channel->WaitUntilDrained(std::move(done));
  }
  const std::error_code error = ActorAccess::WhyNone(actor).error();
  boost::asio::post(ExecutorOf(actor), [done = std::move(done), error] { done(error); });
  return 0;
}

void GiveUpDrained(Actor& actor, std::uint64_t number) {
  if (Channel* const channel = ActorAccess::channel(actor)) channel->GiveUpDrained(number);
}

}  // namespace baton::internal
