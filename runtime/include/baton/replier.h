// The answer that a handler owes: one value or one refusal, now or later.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <system_error>
#include <utility>

#include <baton/base/result.h>
#include <baton/wire/table.h>

namespace baton {

namespace internal {
class Channel;
struct Frame;

// The untyped half of Replier. Move-only.
class AnyReplier {
 public:
  AnyReplier() = default;
  AnyReplier(std::weak_ptr<Channel> channel, const wire::Message& message, std::uint64_t call)
      : channel_(std::move(channel)), message_(&message), call_(call) {}
  AnyReplier(AnyReplier&& other) noexcept
      : channel_(std::move(other.channel_)),
        message_(std::exchange(other.message_, nullptr)),
        call_(other.call_) {}
  AnyReplier& operator=(AnyReplier&& other) noexcept;
  ~AnyReplier();

  void Answer(void* reply);
  void Reject(std::error_code reason);

 private:
  std::weak_ptr<Channel> channel_;
  const wire::Message* message_ = nullptr;  // null once answered
  std::uint64_t call_ = 0;
};

}  // namespace internal

// Answers one message, once: `reply(value)` or `reply.Reject(error)`. May be kept, used and
// destroyed later, on the actor's executor. Dropped unanswered, it rejects with
// Errc::kReplierDropped; answering twice is a bug and aborts. Answers after the channel has ended
// go nowhere. Shared memory in an answer that cannot be sent is freed.
template <class Reply>
class Replier {
 public:
  explicit Replier(internal::AnyReplier any) : any_(std::move(any)) {}

  void operator()(Reply value) { any_.Answer(&value); }

  // The caller's completion gets `reason`: system errors and Errc arrive as they are, anything else
  // as Errc::kRejected. A PeerFault closes the channel instead.
  void Reject(std::error_code reason) { any_.Reject(reason); }
  void Reject(Failure failure) { any_.Reject(failure.error()); }

 private:
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

  // The replier of a message with `returns`; after a successful Take.
  internal::AnyReplier TakeReplier();

  // There is no such message in this direction: the peer's fault.
  Result<void> Unknown();

 private:
  friend class internal::Channel;
  Incoming(internal::Channel& channel, std::uint32_t message, internal::Frame& frame)
      : channel_(channel), message_(message), frame_(frame) {}

  internal::Channel& channel_;
  std::uint32_t message_;
  internal::Frame& frame_;
  const wire::Message* taken_ = nullptr;
};

}  // namespace baton
