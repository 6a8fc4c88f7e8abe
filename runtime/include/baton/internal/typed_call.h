// A call with its reply and its completion handler: what there is of a question while its answer is
// awaited, in one piece of memory where the handler is small.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <new>
#include <optional>
#include <system_error>
#include <type_traits>
#include <utility>

#include <baton/internal/call_base.h>
#include <baton/within.h>

namespace baton::internal {

// What a call that was cancelled completes with.
std::error_code OperationAborted();

// As completions carry it: cancellation and time-out as Asio's own operations report them.
boost::system::error_code ForCompletion(std::error_code error);

template <class Reply>
class TypedCall final : public CallBase, public std::enable_shared_from_this<TypedCall<Reply>> {
 public:
  explicit TypedCall(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}
  ~TypedCall() override { DestroyCompletion(); }

  void* reply() override { return &reply_; }
  void DropReply() override { reply_ = Reply(); }

  // Once. A call that is finished already completes through a post, never in here.
  template <class Handler>
  void Attach(Handler handler) {
    was_attached_ = true;
    const auto slot = boost::asio::get_associated_cancellation_slot(handler);
    const auto within = AssociatedDeadline<Handler>::get(handler);
    using Executor = boost::asio::associated_executor_t<Handler, boost::asio::any_io_executor>;
    Keep<Completion<Handler, Executor>>(std::move(handler), executor_);
    if (this->finished()) {
      boost::asio::post(executor_, [self = this->shared_from_this()] { self->OnFinished(); });
      return;
    }
    if constexpr (!std::is_same_v<decltype(within), const NoDeadline>) GiveUpAfter(within);
    if (slot.is_connected()) Watch(slot);
  }

  // Unless a handler was attached, deadlines of one that comes later count from here. One that was
  // attached may be completing already, on another thread.
  void NoteTime() {
    if (!was_attached_) sent_ = Clock::now();
  }

 private:
  using Clock = std::chrono::steady_clock;

  // A coroutine's handler fits, and so do most callbacks.
  static constexpr std::size_t kRoom = 128;

  struct AnyCompletion {
    virtual ~AnyCompletion() = default;
    virtual void Run(TypedCall& call, boost::system::error_code error, Reply reply) = 0;
  };

  // Keeps the handler's executor busy until the handler has run, as every Asio operation does; but
  // not the actor's own, which an open channel keeps busy.
  template <class Handler, class Executor>
  struct Completion final : AnyCompletion {
    using Work = std::decay_t<decltype(boost::asio::prefer(
        std::declval<const Executor&>(), boost::asio::execution::outstanding_work.tracked))>;

    Completion(Handler given, const boost::asio::any_io_executor& actors)
        : handler(std::move(given)) {
      const Executor executor = boost::asio::get_associated_executor(handler, actors);
      if constexpr (std::is_constructible_v<boost::asio::any_io_executor, Executor>) {
        if (boost::asio::any_io_executor(executor) == actors) return;
      }
      elsewhere.emplace(
          boost::asio::prefer(executor, boost::asio::execution::outstanding_work.tracked));
    }

    // A call finishes on the actor's executor: what is to run there runs here. The handler may do
    // anything, so it leaves the call first.
    void Run(TypedCall& call, boost::system::error_code error, Reply reply) override {
      Handler mine = std::move(handler);
      const std::optional<Work> work = std::move(elsewhere);
      call.DestroyCompletion();
      if (!work) {
        std::move(mine)(error, std::move(reply));
        return;
      }
      boost::asio::dispatch(*work,
                            [mine = std::move(mine), error, reply = std::move(reply)]() mutable {
                              std::move(mine)(error, std::move(reply));
                            });
    }

    Handler handler;
    std::optional<Work> elsewhere;
  };

  template <class Kept, class... Arguments>
  void Keep(Arguments&&... arguments) {
    if constexpr (sizeof(Kept) <= kRoom && alignof(Kept) <= alignof(std::max_align_t)) {
      completion_ = new (room_) Kept(std::forward<Arguments>(arguments)...);
    } else {
      completion_ = new Kept(std::forward<Arguments>(arguments)...);
    }
  }

  void DestroyCompletion() {
    AnyCompletion* const completion = std::exchange(completion_, nullptr);
    if (static_cast<void*>(completion) == room_) {
      completion->~AnyCompletion();
    } else {
      delete completion;
    }
  }

  void OnFinished() override {
    if (completion_ == nullptr) return;
    if (!this->error_) return completion_->Run(*this, {}, std::move(reply_));
    completion_->Run(*this, ForCompletion(this->error_), Reply());
  }

  void GiveUpAfter(Clock::duration time) {
    if (time == kForever) return this->GiveUpAt(Clock::time_point::max());
    this->GiveUpAt((sent_ == Clock::time_point() ? Clock::now() : sent_) + time);
  }

  template <class Slot>
  void Watch(Slot slot) {
    slot.assign([weak = this->weak_from_this()](boost::asio::cancellation_type type) {
      const auto self = weak.lock();
      if (self == nullptr || type == boost::asio::cancellation_type::none) return;
      boost::asio::dispatch(self->executor_, [self] { self->GiveUp(OperationAborted()); });
    });
  }

  const boost::asio::any_io_executor executor_;
  AnyCompletion* completion_ = nullptr;  // in `room_`, or on the heap
  bool was_attached_ = false;
  Clock::time_point sent_;  // if no handler was attached at once
  Reply reply_{};
  alignas(std::max_align_t) std::byte room_[kRoom];
};

}  // namespace baton::internal
