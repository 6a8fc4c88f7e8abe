#include <boost/asio/post.hpp>
#include <boost/asio/system_executor.hpp>
#include <utility>

#include <baton/async.h>

#include "runtime/channel/channel.h"

namespace baton::internal {

// Reaches the channel of an actor for the templates in <baton/async.h>.
class ActorAccess {
 public:
  static Channel* channel(const Actor& actor) { return actor.channel_.get(); }
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
               const std::shared_ptr<CallBase>& call) {
  Channel* const channel = ActorAccess::channel(actor);
  if (channel == nullptr) {
    const bool ended = ActorAccess::executor(actor) != nullptr;
    return call->Finish(ended ? Errc::kClosed : Errc::kNotBound);
  }
  if (const auto sent = channel->Send(message, values, call); !sent) call->Finish(sent.error());
}

std::uint64_t WaitUntilDrained(Actor& actor, std::function<void(std::error_code)> done) {
  if (Channel* const channel = ActorAccess::channel(actor)) {
    return channel->WaitUntilDrained(std::move(done));
  }
  const auto* const executor = ActorAccess::executor(actor);
  const std::error_code error = executor != nullptr ? Errc::kClosed : Errc::kNotBound;
  boost::asio::post(ExecutorOf(actor), [done = std::move(done), error] { done(error); });
  return 0;
}

void GiveUpDrained(Actor& actor, std::uint64_t number) {
  if (Channel* const channel = ActorAccess::channel(actor)) channel->GiveUpDrained(number);
}

}  // namespace baton::internal
