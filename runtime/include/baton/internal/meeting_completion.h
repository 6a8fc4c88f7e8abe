// The completion of an Accept, a Connect or a Next, of whatever type, until it is due.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/system/error_code.hpp>
#include <memory>
#include <type_traits>
#include <utility>

#include <baton/endpoint.h>
#include <baton/platform/peer_identity.h>

namespace baton::internal {

// A channel's end whose other end is known.
struct MetParts {
  EndpointParts endpoint;
  platform::PeerIdentity peer;
};

// `Parts` is what the untyped half of an operation hands over.
template <class Parts>
class CompletionWith {
 public:
  virtual ~CompletionWith() = default;

  // Once; on the handler's executor, through a dispatch. `parts` is empty when there is an error.
  virtual void Run(boost::system::error_code error, Parts parts) = 0;
};

using MeetingCompletion = CompletionWith<MetParts>;

// Keeps the handler's executor busy until the handler has run, as every Asio operation does.
// `Value` is made of the parts, or of the endpoint in them.
template <class Value, class Parts, class Handler>
class TypedCompletion final : public CompletionWith<Parts> {
  using Executor = boost::asio::associated_executor_t<Handler, boost::asio::any_io_executor>;
  using Work = std::decay_t<decltype(boost::asio::prefer(
      std::declval<const Executor&>(), boost::asio::execution::outstanding_work.tracked))>;

 public:
  TypedCompletion(Handler handler, const boost::asio::any_io_executor& fallback)
      : work_(boost::asio::prefer(boost::asio::get_associated_executor(handler, fallback),
                                  boost::asio::execution::outstanding_work.tracked)),
        handler_(std::move(handler)) {}

  void Run(boost::system::error_code error, Parts parts) override {
    boost::asio::dispatch(
        work_, [handler = std::move(handler_), error, value = Make(std::move(parts))]() mutable {
          std::move(handler)(error, std::move(value));
        });
  }

 private:
  static Value Make(Parts parts) {
    if constexpr (std::is_constructible_v<Value, Parts>) {
      return Value(std::move(parts));
    } else {
      return Value(std::move(parts.endpoint));
    }
  }

  Work work_;
  Handler handler_;
};

// Makes the completion and, where the handler can be cancelled, has `cancel` called for that, on
// whatever thread the user cancels: as with all of Asio that must be where the executor runs.
template <class Value, class Parts = MetParts, class Handler, class Cancel>
std::unique_ptr<CompletionWith<Parts>> MakeMeetingCompletion(
    Handler handler, const boost::asio::any_io_executor& fallback, Cancel cancel) {
  auto slot = boost::asio::get_associated_cancellation_slot(handler);
  if (slot.is_connected()) {
    slot.assign([cancel = std::move(cancel)](boost::asio::cancellation_type type) {
      if (type != boost::asio::cancellation_type::none) cancel();
    });
  }
  return std::make_unique<TypedCompletion<Value, Parts, Handler>>(std::move(handler), fallback);
}

}  // namespace baton::internal
