// How long the answer to one question may take, whatever its [Deadline] says:
//
//   camera->SendMeasure(path, baton::Within(50ms, use_awaitable));
//   camera->SendMeasure(path, as_tuple(baton::Within(50ms, use_awaitable)));  // the same
//
// It adapts any completion token, and may be adapted in turn. It counts from SendX. Without an
// answer by then the question completes with std::errc::timed_out. Where several are nested, the
// outermost decides. Around the token of any other operation than a SendX it changes nothing.
#pragma once

#include <boost/asio/associator.hpp>
#include <boost/asio/async_result.hpp>
#include <chrono>
#include <type_traits>
#include <utility>

namespace baton {

// `Within(baton::kForever, token)`: no deadline, not even that of the message.
inline constexpr std::chrono::steady_clock::duration kForever =
    std::chrono::steady_clock::duration::max();

namespace internal {

// Longer is for ever.
inline constexpr std::chrono::hours kCentury{24 * 365 * 100};

// No deadline was given; not a duration.
struct NoDeadline {};

template <class Handler, class Default = NoDeadline>
struct AssociatedDeadline;

// Asio's adapters pass on what is associated with the handler that they adapt.
template <class Handler, class Default>
concept PassesDeadlineOn = requires {
  typename boost::asio::associator<AssociatedDeadline, Handler, Default>::type;
};

template <class Handler, class Default>
struct AssociatedDeadline {
  using type = Default;
  static type get(const Handler&, const Default& otherwise = {}) { return otherwise; }
};

template <class Handler, class Default>
requires PassesDeadlineOn<Handler, Default>
struct AssociatedDeadline<Handler, Default>
    : boost::asio::associator<AssociatedDeadline, Handler, Default> {
};

template <class Handler>
struct HandlerWithin {
  template <class... Values>
  void operator()(Values&&... values) {
    std::move(handler)(std::forward<Values>(values)...);
  }

  Handler handler;
  std::chrono::steady_clock::duration within;
};

template <class Handler, class Default>
struct AssociatedDeadline<HandlerWithin<Handler>, Default> {
  using type = std::chrono::steady_clock::duration;
  static type get(const HandlerWithin<Handler>& handler, const Default& = {}) {
    return handler.within;
  }
};

// Begins an operation with a handler that knows its deadline.
template <class Initiation>
struct InitiationWithin {
  template <class Handler, class... Arguments>
  void operator()(Handler&& handler, Arguments&&... arguments) {
    std::move(initiation)(
        HandlerWithin<std::decay_t<Handler>>{std::forward<Handler>(handler), within},
        std::forward<Arguments>(arguments)...);
  }

  Initiation initiation;
  std::chrono::steady_clock::duration within;
};

// Some of Asio's adapters ask for the return type of what they adapt, where it has one.
template <class AsyncResult>
struct ReturnTypeOf {};
template <class AsyncResult>
requires requires {
  typename AsyncResult::return_type;
}
struct ReturnTypeOf<AsyncResult> {
  using return_type = typename AsyncResult::return_type;
};

template <class Token>
struct TokenWithin {
  Token token;
  std::chrono::steady_clock::duration within;
};

}  // namespace internal

// Nothing, or less, has passed already.
template <class Count, class Period, class Token>
auto Within(std::chrono::duration<Count, Period> time, Token&& token) {
  using Seconds = std::chrono::duration<double>;
  const bool is_for_ever = Seconds(time) > Seconds(internal::kCentury);
  return internal::TokenWithin<std::decay_t<Token>>{
      std::forward<Token>(token),
      is_for_ever ? kForever
                  : std::chrono::duration_cast<std::chrono::steady_clock::duration>(time)};
}

}  // namespace baton

namespace boost::asio {

template <class Token, class... Signatures>
class async_result<baton::internal::TokenWithin<Token>, Signatures...>
    : public baton::internal::ReturnTypeOf<async_result<Token, Signatures...>> {
 public:
  template <class Initiation, class Adapted, class... Arguments>
  static auto initiate(Initiation&& initiation, Adapted&& adapted, Arguments&&... arguments) {
    auto token = std::forward<Adapted>(adapted).token;
    return async_initiate<Token, Signatures...>(
        baton::internal::InitiationWithin<std::decay_t<Initiation>>{
            std::forward<Initiation>(initiation), adapted.within},
        token, std::forward<Arguments>(arguments)...);
  }
};

// All else that is associated with a handler stays so.
template <template <class, class> class Associator, class Handler, class Default>
struct associator<Associator, baton::internal::HandlerWithin<Handler>, Default>
    : Associator<Handler, Default> {
  static auto get(const baton::internal::HandlerWithin<Handler>& handler) {
    return Associator<Handler, Default>::get(handler.handler);
  }
  static auto get(const baton::internal::HandlerWithin<Handler>& handler,
                  const Default& otherwise) {
    return Associator<Handler, Default>::get(handler.handler, otherwise);
  }
};

}  // namespace boost::asio
