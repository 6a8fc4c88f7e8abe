// From a received message to the handler for it; used by generated code.
#pragma once

#include <cstddef>
#include <tuple>
#include <utility>

#include <baton/base/result.h>
#include <baton/replier.h>
#include <baton/wire/rows.h>

namespace baton {
namespace internal {

// The values of one message, and their addresses in the order of its parameters.
template <class... Values, std::size_t... I>
Result<void> TakeInto(Incoming& incoming, const wire::Message& message,
                      std::tuple<Values...>& values, std::index_sequence<I...>) {
  void* const addresses[] = {&std::get<I>(values)..., nullptr};
  return incoming.Take(message, std::span(addresses).first(sizeof...(I)));
}

template <class Self, class... Arguments, std::size_t... I>
Result<void> DeliverQuestion(Incoming& incoming, const wire::Message& message, Self& self,
                             void (Self::*receive)(Arguments...), std::index_sequence<I...> all) {
  using All = std::tuple<Arguments...>;
  std::tuple<std::tuple_element_t<I, All>...> values = {};
  BATON_CHECKED(TakeInto(incoming, message, values, all));
  std::tuple_element_t<sizeof...(I), All> replier(incoming.TakeReplier());
  (self.*receive)(std::move(std::get<I>(values))..., std::move(replier));
  return {};
}

}  // namespace internal

// Takes the values of `message` and gives them to `receive`, each by value. A Tainted<T> is filled
// as a T.
template <class Self, class... Arguments>
Result<void> Deliver(Incoming& incoming, const wire::Message& message, Self& self,
                     Result<void> (Self::*receive)(Arguments...)) {
  std::tuple<Arguments...> values = {};
  BATON_CHECKED(
      internal::TakeInto(incoming, message, values, std::index_sequence_for<Arguments...>()));
  return std::apply(
      [&](Arguments&... arguments) { return (self.*receive)(std::move(arguments)...); }, values);
}

// The same for a message with `returns`, whose handler takes its Replier last.
template <class Self, class... Arguments>
Result<void> Deliver(Incoming& incoming, const wire::Message& message, Self& self,
                     void (Self::*receive)(Arguments...)) {
  return internal::DeliverQuestion(incoming, message, self, receive,
                                   std::make_index_sequence<sizeof...(Arguments) - 1>());
}

}  // namespace baton
