// Sending a sync message: SendX returns the answer. Used by generated code.
//
// The thread waits, and everything else on its executor with it, until the answer has come or the
// deadline is over: docs/runtime.md says what happens meanwhile.
#pragma once

#include <chrono>
#include <initializer_list>
#include <memory>
#include <type_traits>
#include <utility>

#include <baton/actor.h>
#include <baton/base/result.h>
#include <baton/internal/call_base.h>
#include <baton/replier.h>

namespace baton {

// As the deadline of a SendX: ChannelOptions::sync_deadline.
inline constexpr std::chrono::microseconds kSyncDeadline = std::chrono::microseconds::min();

namespace internal {

// Where the answer goes. The channel keeps it until the peer has answered, however late.
class SyncCallBase : public CallBase {
 public:
  // After it has finished.
  std::error_code error() const { return error_; }

 protected:
  void OnFinished() override {}  // the waiting thread looks
};

template <class Reply>
class SyncCall final : public SyncCallBase {
 public:
  void* reply() override { return &value; }
  void DropReply() override { value = Reply{}; }

  Reply value{};
};

// Returns when `call` has finished.
Result<void> Ask(Actor& actor, const wire::Message& message,
                 std::initializer_list<const void*> values,
                 const std::shared_ptr<SyncCallBase>& call, std::chrono::microseconds deadline);
Result<void> AskToConstruct(Actor& manager, const wire::Message& message,
                            const std::shared_ptr<Actor>& actor,
                            std::initializer_list<const void*> values,
                            const std::shared_ptr<SyncCallBase>& call,
                            std::chrono::microseconds deadline);

template <class Reply>
using StoredReply = std::conditional_t<std::is_void_v<Reply>, NoReply, Reply>;

// What has been asked, answered by now.
template <class Reply>
Result<Reply> TakeAnswer(SyncCall<StoredReply<Reply>>& call) {
  if constexpr (std::is_void_v<Reply>) {
    return {};
  } else {
    return std::move(call.value);
  }
}

}  // namespace internal

// `Reply` is void for a message without `returns`. When sending fails, every argument is untouched;
// after any other error the peer may have handled the message, or may still do so.
template <class Reply>
Result<Reply> SendSync(Actor& actor, const wire::Message& message,
                       std::initializer_list<const void*> values,
                       std::chrono::microseconds deadline) {
  const auto call = std::make_shared<internal::SyncCall<internal::StoredReply<Reply>>>();
  BATON_CHECKED(internal::Ask(actor, message, values, call, deadline));
  return internal::TakeAnswer<Reply>(*call);
}

// The same with a constructor. Once it was sent, `actor` is bound. When the other side has no actor
// or refuses (its error, Errc::kRejected or kOverQuota), `actor` ends with kFailedConstructor. It
// lives on after std::errc::timed_out, and after an answer that could not be taken here; then a
// late refusal ends it.
template <class Reply>
Result<Reply> SendSyncConstructor(Actor& manager, const wire::Message& message,
                                  const std::shared_ptr<Actor>& actor,
                                  std::initializer_list<const void*> values,
                                  std::chrono::microseconds deadline) {
  const auto call = std::make_shared<internal::SyncCall<internal::StoredReply<Reply>>>();
  BATON_CHECKED(internal::AskToConstruct(manager, message, actor, values, call, deadline));
  return internal::TakeAnswer<Reply>(*call);
}

}  // namespace baton
