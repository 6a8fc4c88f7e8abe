// The answer that a handler owes: one value or one refusal, now or later.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <system_error>
#include <type_traits>
#include <utility>
#include <variant>

#include <baton/base/result.h>
#include <baton/wire/table.h>

namespace baton {

class Actor;

namespace internal {
class Channel;
struct Frame;
enum class SyncLevel : std::uint8_t;

// The untyped half of Replier. Move-only.
class AnyReplier {
 public:
  AnyReplier() = default;
  AnyReplier(std::weak_ptr<Channel> channel, const wire::Message& message, std::uint64_t call,
             std::uint32_t actor)
      : channel_(std::move(channel)), message_(&message), call_(call), actor_(actor) {}
  AnyReplier(AnyReplier&& other) noexcept
      : channel_(std::move(other.channel_)),
        message_(std::exchange(other.message_, nullptr)),
        call_(other.call_),
        actor_(other.actor_) {}
  AnyReplier& operator=(AnyReplier&& other) noexcept;
  ~AnyReplier();

  void Answer(void* reply);
  void Reject(std::error_code reason);

 private:
  std::weak_ptr<Channel> channel_;
  const wire::Message* message_ = nullptr;  // null once answered
  std::uint64_t call_ = 0;
  std::uint32_t actor_ = 0;  // who was asked
};

// What C++ would take for a bool although nobody means one: `reply("text")`.
template <class T, class Reply>
concept IsPointerForBool = std::is_same_v<Reply, bool> &&
    (std::is_pointer_v<std::decay_t<T>> || std::is_null_pointer_v<std::decay_t<T>>);

}  // namespace internal

// Answers one message, once: `reply(value)` or `reply.Reject(error)`. May be kept, used and
// destroyed later, on the actor's executor. Dropped unanswered, it rejects with
// Errc::kReplierDropped; answering twice is a bug and aborts. Answers after the channel has ended
// go nowhere, and so do those of an actor that has gone: who asked has been told. Shared memory in
// an answer that cannot be sent is freed.
template <class Reply>
class Replier {
 public:
  explicit Replier(internal::AnyReplier any) : any_(std::move(any)) {}

  void operator()(Reply value) { any_.Answer(&value); }
  template <class T>
  requires internal::IsPointerForBool<T, Reply>
  void operator()(T&&) = delete;

  // The caller's completion gets `reason`: system errors and Errc arrive as they are, anything else
  // as Errc::kRejected. A PeerFault closes the channel instead.
  void Reject(std::error_code reason) { any_.Reject(reason); }
  void Reject(Failure failure) { any_.Reject(failure.error()); }

 private:
  internal::AnyReplier any_;
};

// What a sync message without `returns` is answered with.
struct NoReply {};

// The same for a message with `fails`: `reply(value)`, `reply.Fail(error)` or
// `reply.Reject(error)`. An `Error` is an answer of the protocol's own, which the caller gets as a
// value; a rejection says that there was none.
template <class Answer, class Error>
class FallibleReplier {
 public:
  explicit FallibleReplier(internal::AnyReplier any) : any_(std::move(any)) {}

  void operator()(Answer value) { Say<0>(std::move(value)); }
  template <class T>
  requires internal::IsPointerForBool<T, Answer>
  void operator()(T&&) = delete;

  void Fail(Error error) { Say<1>(std::move(error)); }

  // As that of Replier.
  void Reject(std::error_code reason) { any_.Reject(reason); }
  void Reject(Failure failure) { any_.Reject(failure.error()); }

 private:
  template <std::size_t I, class T>
  void Say(T value) {
    std::variant<Answer, Error> reply(std::in_place_index<I>, std::move(value));
    any_.Answer(&reply);
  }

  internal::AnyReplier any_;
};

// One received message on its way into a handler; used by generated code.
class Incoming {
 public:
  // The id of the message, to be compared with wire::Message::id.
  std::uint32_t message() const { return message_; }

  // Verifies and decodes the message into `values` (see wire/decoder.h) and takes over its memory.
  // On failure the channel is already closing, or the message was refused: return at once.
  Result<void> Take(const wire::Message& message, std::span<void* const> values);

  // The replier of a message that is answered; after a successful Take.
  internal::AnyReplier TakeReplier();

  // While the handler of a sync message runs; after a successful Take.
  class [[nodiscard]] SyncScope {
   public:
    explicit SyncScope(Incoming& incoming);
    SyncScope(const SyncScope&) = delete;
    SyncScope& operator=(const SyncScope&) = delete;
    ~SyncScope();

   private:
    internal::Channel& channel_;
    const internal::SyncLevel before_;
  };

  // Of a constructor: makes `actor` a managed one of the actor that is spoken to. False when it
  // cannot be one: it is null, or bound already, or its manager is no more. Then nothing is left to
  // do but to refuse the question of a sync one.
  bool Construct(const std::shared_ptr<Actor>& actor);

  // There is no such message in this direction: the peer's fault.
  Result<void> Unknown();

 private:
  friend class internal::Channel;
  Incoming(internal::Channel& channel, std::uint32_t message, internal::Frame& frame,
           Actor* receiver)
      : channel_(channel), message_(message), frame_(frame), receiver_(receiver) {}

  internal::Channel& channel_;
  std::uint32_t message_;
  internal::Frame& frame_;
  Actor* const receiver_;                 // null: it has gone
  const wire::Message* known_ = nullptr;  // which message it is, from Take on
  const wire::Message* taken_ = nullptr;
  std::uint32_t constructed_ = 0;  // the id of the actor that it is about
  bool has_constructed_ = false;
};

}  // namespace baton
