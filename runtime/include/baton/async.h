// Completion tokens for messages with an answer: a callback, use_future, use_awaitable, as_tuple,
// deferred. Include this where SendX is called with one.
//
//   hello->SendGreet("Ada", [](boost::system::error_code error, std::string greeting) { ... });
//   std::future<std::string> greeting = hello->SendGreet("Ada", boost::asio::use_future);
//   auto [error, greeting] = co_await hello->SendGreet("Ada", as_tuple(use_awaitable));
//
// A question cannot be cancelled and has no deadline yet: to give up on a peer that does not
// answer, Close() the actor from a timer; its questions then complete with Errc::kClosed.
//
// GCC 12 destroys a temporary aggregate in a co_await expression wrongly: give a struct that is
// sent a name first (`const Note note = {...}; co_await actor->SendX(note, use_awaitable);`).
//
// The message is sent at once, not when the token gets round to it. The completion runs on the
// handler's associated executor, by default the actor's, and never inside SendX.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/system/error_code.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <system_error>
#include <type_traits>
#include <utility>

#include <baton/call.h>
#include <baton/internal/call_base.h>

namespace baton {
namespace internal {

// The executor that the actor is bound to, or the system's before that.
boost::asio::any_io_executor ExecutorOf(const Actor& actor);

// Sends; a failure finishes `call` at once and changes nothing else.
void StartCall(Actor& actor, const wire::Message& message, std::span<const void* const> values,
               const std::shared_ptr<CallBase>& call);

template <class Reply>
class TypedCall final : public CallBase, public std::enable_shared_from_this<TypedCall<Reply>> {
 public:
  explicit TypedCall(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  void* reply() override { return &reply_; }

  // Once. A call that is finished already completes through a post, never in here.
  template <class Handler>
  void Attach(Handler handler) {
    auto executor = boost::asio::get_associated_executor(handler, executor_);
    handler_ = std::make_unique<Completion<Handler, decltype(executor)>>(std::move(handler),
                                                                         std::move(executor));
    if (!this->finished()) return;
    boost::asio::post(executor_, [self = this->shared_from_this()] { self->OnFinished(); });
  }

 private:
  struct AnyCompletion {
    virtual ~AnyCompletion() = default;
    virtual void Run(boost::system::error_code error, Reply reply) = 0;
  };

  // Keeps the handler's executor busy until the handler has run, as every Asio operation does.
  template <class Handler, class Executor>
  struct Completion final : AnyCompletion {
    using Work = std::decay_t<decltype(boost::asio::prefer(
        std::declval<const Executor&>(), boost::asio::execution::outstanding_work.tracked))>;

    Completion(Handler handler, const Executor& executor)
        : handler(std::move(handler)),
          work(boost::asio::prefer(executor, boost::asio::execution::outstanding_work.tracked)) {}

    void Run(boost::system::error_code error, Reply reply) override {
      boost::asio::dispatch(
          work, [handler = std::move(handler), error, reply = std::move(reply)]() mutable {
            std::move(handler)(error, std::move(reply));
          });
    }

    Handler handler;
    Work work;
  };

  void OnFinished() override {
    if (handler_ == nullptr) return;
    const auto handler = std::move(handler_);
    handler->Run(boost::system::error_code(this->error_), std::move(reply_));
  }

  boost::asio::any_io_executor executor_;
  std::unique_ptr<AnyCompletion> handler_;
  Reply reply_{};
};

// `done` runs once, on the actor's executor, never in here. Returns a number for GiveUpDrained,
// which completes it with operation_canceled if it is still waiting.
std::uint64_t WaitUntilDrained(Actor& actor, std::function<void(std::error_code)> done);
void GiveUpDrained(Actor& actor, std::uint64_t number);

}  // namespace internal

template <class Token>
auto Actor::Drained(Token&& token) {
  return boost::asio::async_initiate<Token, void(boost::system::error_code)>(
      [](auto&& handler, std::shared_ptr<Actor> actor) {
        using Handler = std::decay_t<decltype(handler)>;
        auto slot = boost::asio::get_associated_cancellation_slot(handler);
        auto executor = boost::asio::get_associated_executor(handler, internal::ExecutorOf(*actor));
        auto work = boost::asio::prefer(executor, boost::asio::execution::outstanding_work.tracked);
        auto shared = std::make_shared<Handler>(std::forward<decltype(handler)>(handler));
        const std::uint64_t number = internal::WaitUntilDrained(
            *actor, [shared, work = std::move(work)](std::error_code error) {
              const boost::system::error_code reason =
                  error == std::errc::operation_canceled
                      ? make_error_code(boost::asio::error::operation_aborted)
                      : boost::system::error_code(error);
              boost::asio::dispatch(work, [shared, reason] { std::move (*shared)(reason); });
            });
        if (!slot.is_connected()) return;
        slot.assign([weak = std::weak_ptr(actor), number](boost::asio::cancellation_type) {
          if (const auto alive = weak.lock()) internal::GiveUpDrained(*alive, number);
        });
      },
      token, shared_from_this());
}

template <class Reply, class Token>
auto SendCall(Actor& actor, const wire::Message& message, std::span<const void* const> values,
              Token&& token) {
  auto call = std::make_shared<internal::TypedCall<Reply>>(internal::ExecutorOf(actor));
  internal::StartCall(actor, message, values, call);
  return boost::asio::async_initiate<Token, void(boost::system::error_code, Reply)>(
      [call = std::move(call)](auto&& handler) {
        call->Attach(std::forward<decltype(handler)>(handler));
      },
      token);
}

template <class Reply, class Token>
auto SendCall(Actor& actor, const wire::Message& message, std::initializer_list<const void*> values,
              Token&& token) {
  return SendCall<Reply>(actor, message, std::span<const void* const>(values),
                         std::forward<Token>(token));
}

}  // namespace baton
