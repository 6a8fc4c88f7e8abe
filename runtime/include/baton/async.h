// Completion tokens for messages with an answer: a callback, use_future, use_awaitable, as_tuple,
// deferred. Include this where SendX is called with one.
//
//   hello->SendGreet("Ada", [](boost::system::error_code error, std::string greeting) { ... });
//   std::future<std::string> greeting = hello->SendGreet("Ada", boost::asio::use_future);
//   auto [error, greeting] = co_await hello->SendGreet("Ada", as_tuple(use_awaitable));
//
// A question waits as long as its [Deadline] says, without one for ever; Within(50ms, token) says
// otherwise for one question. Then it completes with std::errc::timed_out. It may be cancelled
// through the handler's cancellation slot, on the actor's executor, and completes with
// boost::asio::error::operation_aborted; so `co_await (actor->SendX(use_awaitable) || ...)` works.
// The peer does not hear of either. An answer that comes late is dropped, with all that it brings,
// and counted (ChannelStatistics::answers_late); until then the question is one of the 1024 that a
// side may have open.
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
#include <boost/asio/prefer.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <system_error>
#include <type_traits>
#include <utility>

#include <baton/call.h>
#include <baton/internal/call_base.h>
#include <baton/internal/typed_call.h>
#include <baton/within.h>

namespace baton {
namespace internal {

// The executor that the actor is bound to, or the system's before that.
boost::asio::any_io_executor ExecutorOf(const Actor& actor);

// Sends; a failure finishes `call` at once and changes nothing else. It is given up when no answer
// has come after `deadline`; kForever: never.
void StartCall(Actor& actor, const wire::Message& message, std::span<const void* const> values,
               const std::shared_ptr<CallBase>& call, std::chrono::steady_clock::duration deadline);

constexpr std::chrono::steady_clock::duration DeadlineOf() {
  return kForever;
}
constexpr std::chrono::steady_clock::duration DeadlineOf(std::chrono::microseconds deadline) {
  return deadline < kCentury ? std::chrono::steady_clock::duration(deadline) : kForever;
}

// Makes memory or asks for it; finishes `call`, whose reply is of that type, at once or later.
void StartAllocation(Actor& actor, std::uint64_t size,
                     const std::shared_ptr<TypedCall<Shmem>>& call);
void StartAllocation(Actor& actor, std::uint64_t size,
                     const std::shared_ptr<TypedCall<UnsafeShmem>>& call);

template <class Memory, class Token>
auto AllocateAsync(Actor& actor, std::uint64_t size, Token&& token) {
  struct AtLast {
    ~AtLast() { call->NoteTime(); }
    const std::shared_ptr<TypedCall<Memory>> call;
  };
  const AtLast started = {std::make_shared<TypedCall<Memory>>(ExecutorOf(actor))};
  StartAllocation(actor, size, started.call);
  return boost::asio::async_initiate<Token, void(boost::system::error_code, Memory)>(
      [call = started.call](auto&& handler) {
        call->Attach(std::forward<decltype(handler)>(handler));
      },
      token);
}

// Freezes `shmem`, which is emptied unless there is nothing to freeze; finishes `call`, at once or
// later.
void StartFreezing(Actor& actor, Shmem& shmem, const std::shared_ptr<TypedCall<FrozenShmem>>& call);

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

template <class Token>
auto Actor::AllocShmemAsync(std::uint64_t size, Token&& token) {
  return internal::AllocateAsync<Shmem>(*this, size, std::forward<Token>(token));
}

template <class Token>
auto Actor::AllocUnsafeShmemAsync(std::uint64_t size, Token&& token) {
  return internal::AllocateAsync<UnsafeShmem>(*this, size, std::forward<Token>(token));
}

template <class Token>
auto Actor::AsyncFreeze(Shmem&& shmem, Token&& token) {
  using Call = internal::TypedCall<FrozenShmem>;
  struct AtLast {
    ~AtLast() { call->NoteTime(); }
    const std::shared_ptr<Call> call;
  };
  const AtLast started = {std::make_shared<Call>(internal::ExecutorOf(*this))};
  internal::StartFreezing(*this, shmem, started.call);
  return boost::asio::async_initiate<Token, void(boost::system::error_code, FrozenShmem)>(
      [call = started.call](auto&& handler) {
        call->Attach(std::forward<decltype(handler)>(handler));
      },
      token);
}

template <class Reply, class Token, class... Deadline>
auto SendCall(Actor& actor, const wire::Message& message, std::initializer_list<const void*> values,
              Token&& token, Deadline... deadline) {
  struct AtLast {
    ~AtLast() { call->NoteTime(); }
    const std::shared_ptr<internal::TypedCall<Reply>> call;
  };
  const AtLast sent = {std::make_shared<internal::TypedCall<Reply>>(internal::ExecutorOf(actor))};
  internal::StartCall(actor, message, values, sent.call, internal::DeadlineOf(deadline...));
  return boost::asio::async_initiate<Token, void(boost::system::error_code, Reply)>(
      [call = sent.call](auto&& handler) {
        call->Attach(std::forward<decltype(handler)>(handler));
      },
      token);
}

}  // namespace baton
