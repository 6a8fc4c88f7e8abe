// From a received message to the handler for it; used by generated code.
//
// `self` is the actor spoken to, null when it has gone: then the values are taken, so that whatever
// they own is let go of, and that is all.
#pragma once

#include <cstddef>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

#include <baton/actor.h>
#include <baton/base/result.h>
#include <baton/replier.h>
#include <baton/tainted.h>
#include <baton/wire/rows.h>

namespace baton {
namespace internal {

// What the runtime decodes into for a parameter of type T: an actor comes as
// std::shared_ptr<Actor>, and is of the right class, as the field's type says.
template <class T>
struct Parameter {
  using Stored = T;
  static T&& Take(T& stored) { return std::move(stored); }
  static const T& Look(const T& stored) { return stored; }
};
template <class A>
requires std::is_base_of_v<Actor, A>
struct Parameter<std::shared_ptr<A>> {
  using Stored = std::shared_ptr<Actor>;
  static std::shared_ptr<A> Take(Stored& stored) {
    return std::static_pointer_cast<A>(std::move(stored));
  }
  static std::shared_ptr<A> Look(const Stored& stored) {
    return std::static_pointer_cast<A>(stored);
  }
};

// The values of one message, and their addresses in the order of its parameters.
template <class... Values, std::size_t... I>
Result<void> TakeInto(Incoming& incoming, const wire::Message& message,
                      std::tuple<Values...>& values, std::index_sequence<I...>) {
  void* const addresses[] = {&std::get<I>(values)..., nullptr};
  BATON_CHECKED(incoming.Take(message, std::span(addresses).first(sizeof...(I))));
  (NameParameter(std::get<I>(values), message.parameters->rows[I].name), ...);
  return {};
}

template <class Self, class... Arguments, std::size_t... I>
Result<void> DeliverTo(Incoming& incoming, const wire::Message& message, Self* self,
                       Result<void> (Self::*receive)(Arguments...), std::index_sequence<I...> all) {
  std::tuple<typename Parameter<Arguments>::Stored...> values = {};
  BATON_CHECKED(TakeInto(incoming, message, values, all));
  if (self == nullptr) return {};
  return (self->*receive)(Parameter<Arguments>::Take(std::get<I>(values))...);
}

template <class Self, class... Arguments, std::size_t... I>
Result<void> DeliverQuestion(Incoming& incoming, const wire::Message& message, Self* self,
                             void (Self::*receive)(Arguments...), std::index_sequence<I...> all) {
  using All = std::tuple<Arguments...>;
  std::tuple<typename Parameter<std::tuple_element_t<I, All>>::Stored...> values = {};
  BATON_CHECKED(TakeInto(incoming, message, values, all));
  if (self == nullptr) return {};
  std::tuple_element_t<sizeof...(I), All> replier(incoming.TakeReplier());
  (self->*receive)(Parameter<std::tuple_element_t<I, All>>::Take(std::get<I>(values))...,
                   std::move(replier));
  return {};
}

// What the handler of a sync message has returned.
template <class Reply>
void AnswerWith(AnyReplier& replier, Result<Reply> answer) {
  if (!answer) {
    replier.Reject(answer.error());
  } else if constexpr (std::is_void_v<Reply>) {
    NoReply none;
    replier.Answer(&none);
  } else {
    replier.Answer(&*answer);
  }
}

template <class Self, class Reply, class... Arguments, std::size_t... I>
Result<void> DeliverSyncTo(Incoming& incoming, const wire::Message& message, Self* self,
                           Result<Reply> (Self::*receive)(Arguments...),
                           std::index_sequence<I...> all) {
  std::tuple<typename Parameter<Arguments>::Stored...> values = {};
  BATON_CHECKED(TakeInto(incoming, message, values, all));
  if (self == nullptr) return {};
  AnyReplier replier = incoming.TakeReplier();
  const Incoming::SyncScope scope(incoming);
  AnswerWith(replier, (self->*receive)(Parameter<Arguments>::Take(std::get<I>(values))...));
  return {};
}

template <class Self, class Managed, class Alloc, class... Arguments, std::size_t... I>
Result<void> DeliverConstructorTo(Incoming& incoming, const wire::Message& message, Self* self,
                                  Alloc alloc,
                                  Result<void> (Self::*receive)(Managed&, Arguments...),
                                  std::index_sequence<I...> all) {
  std::tuple<typename Parameter<Arguments>::Stored...> values = {};
  BATON_CHECKED(TakeInto(incoming, message, values, all));
  if (self == nullptr) return {};
  const std::shared_ptr<Managed> actor =
      (self->*alloc)(Parameter<Arguments>::Look(std::get<I>(values))...);
  if (!incoming.Construct(actor)) return {};
  return (self->*receive)(*actor, Parameter<Arguments>::Take(std::get<I>(values))...);
}

template <class Self, class Managed, class Alloc, class Reply, class... Arguments, std::size_t... I>
Result<void> DeliverSyncConstructorTo(Incoming& incoming, const wire::Message& message, Self* self,
                                      Alloc alloc,
                                      Result<Reply> (Self::*receive)(Managed&, Arguments...),
                                      std::index_sequence<I...> all) {
  std::tuple<typename Parameter<Arguments>::Stored...> values = {};
  BATON_CHECKED(TakeInto(incoming, message, values, all));
  if (self == nullptr) return {};
  AnyReplier replier = incoming.TakeReplier();
  const Incoming::SyncScope scope(incoming);
  const std::shared_ptr<Managed> actor =
      (self->*alloc)(Parameter<Arguments>::Look(std::get<I>(values))...);
  if (incoming.Construct(actor)) {
    AnswerWith(replier,
               (self->*receive)(*actor, Parameter<Arguments>::Take(std::get<I>(values))...));
  } else {
    replier.Reject(Errc::kRejected);
  }
  return {};
}

}  // namespace internal

// Takes the values of `message` and gives them to `receive`, each by value. A Tainted<T> is filled
// as a T, and told its name.
template <class Self, class... Arguments>
Result<void> Deliver(Incoming& incoming, const wire::Message& message, Self* self,
                     Result<void> (Self::*receive)(Arguments...)) {
  return internal::DeliverTo(incoming, message, self, receive,
                             std::index_sequence_for<Arguments...>());
}

// The same for a message with `returns`, whose handler takes its Replier last.
template <class Self, class... Arguments>
Result<void> Deliver(Incoming& incoming, const wire::Message& message, Self* self,
                     void (Self::*receive)(Arguments...)) {
  return internal::DeliverQuestion(incoming, message, self, receive,
                                   std::make_index_sequence<sizeof...(Arguments) - 1>());
}

// The same for a sync message, whose handler returns the answer. An error refuses the question.
template <class Self, class Reply, class... Arguments>
Result<void> DeliverSync(Incoming& incoming, const wire::Message& message, Self* self,
                         Result<Reply> (Self::*receive)(Arguments...)) {
  return internal::DeliverSyncTo(incoming, message, self, receive,
                                 std::index_sequence_for<Arguments...>());
}

// The same for a constructor: `alloc` looks at the values and makes the actor, which is registered
// before `receive` gets them.
template <class Self, class Managed, class Alloc, class... Arguments>
Result<void> DeliverConstructor(Incoming& incoming, const wire::Message& message, Self* self,
                                Alloc alloc,
                                Result<void> (Self::*receive)(Managed&, Arguments...)) {
  return internal::DeliverConstructorTo(incoming, message, self, alloc, receive,
                                        std::index_sequence_for<Arguments...>());
}

// The same for a sync one: what `receive` returns is the answer. Without an actor, and with an
// error, the question is refused, and the actor ends.
template <class Self, class Managed, class Alloc, class Reply, class... Arguments>
Result<void> DeliverSyncConstructor(Incoming& incoming, const wire::Message& message, Self* self,
                                    Alloc alloc,
                                    Result<Reply> (Self::*receive)(Managed&, Arguments...)) {
  return internal::DeliverSyncConstructorTo(incoming, message, self, alloc, receive,
                                            std::index_sequence_for<Arguments...>());
}

}  // namespace baton
