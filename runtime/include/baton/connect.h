// Connecting to a program that was started on its own and listens (<baton/listener.h>).
//
//   const baton::ConnectOptions options = {.address = path};
//   auto endpoint = baton::Connect<PFooChild>(options);   // in main, before io.run(); or
//   auto [error, endpoint] = co_await baton::Connect<PFooChild>(
//       io.get_executor(), options, as_tuple(use_awaitable));
//
// (Give the options a name when there is a co_await: <baton/async.h> says why.)
// The endpoint is to be bound. That the listener speaks the same protocol is found out after that.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <baton/admission_token.h>
#include <baton/base/result.h>
#include <baton/endpoint.h>
#include <baton/internal/meeting_completion.h>
#include <baton/platform/peer_identity.h>

namespace baton {

using platform::IsSameUser;
using platform::PeerIdentity;

struct ConnectOptions {
  // The path of a socket file, or `@name` for an abstract name (see platform/local_listener.h).
  std::string address;

  // From the listener, if it gave us one.
  std::optional<AdmissionToken> token = {};

  // Whether the process that listens is one to talk to: anybody can take an abstract name first, or
  // a path in a folder like /tmp. By default processes of our own user. Called on the executor.
  std::function<bool(const PeerIdentity&)> accept = IsSameUser;

  // For everything up to the listener's verdict.
  std::chrono::milliseconds deadline{10'000};

  // Try again, up to every 50 ms, while nobody listens there yet; for programs that are started in
  // any order.
  bool wait_for_listener = false;
};

// Completes with void(boost::system::error_code, Endpoint<A>) on the handler's executor, by default
// `executor` (of a single-threaded io_context, or a strand); never inside this call. `A` is
// PFooParent or PFooChild, the side that the listener is not. Can be cancelled.
//
// Errors: no_such_file_or_directory or connection_refused (nobody listens), permission_denied (by
// the file, or by our `accept`), Errc::kNotAdmitted (the listener turned us away),
// Errc::kPeerDied (it has gone), Rule::kIntroduction (whoever listens is not Baton),
// Rule::kWireVersion (another version of it), timed_out, operation_aborted, filename_too_long,
// invalid_argument; the system's.
template <class A, class CompletionToken>
auto Connect(const boost::asio::any_io_executor& executor, ConnectOptions options,
             CompletionToken&& token);

// The same, waiting here for the verdict: for main, not for a handler.
template <class A>
Result<Endpoint<A>> Connect(ConnectOptions options);

namespace internal {

class Connector;

std::shared_ptr<Connector> MakeConnector(const boost::asio::any_io_executor& executor,
                                         ConnectOptions options);
void StartConnect(const std::shared_ptr<Connector>& connector,
                  std::unique_ptr<MeetingCompletion> completion);
void CancelConnect(const std::weak_ptr<Connector>& connector);
Result<EndpointParts> ConnectParts(ConnectOptions options);

}  // namespace internal

template <class A, class CompletionToken>
auto Connect(const boost::asio::any_io_executor& executor, ConnectOptions options,
             CompletionToken&& token) {
  return boost::asio::async_initiate<CompletionToken, void(boost::system::error_code, Endpoint<A>)>(
      [executor, options = std::move(options)](auto&& handler) mutable {
        const auto connector = internal::MakeConnector(executor, std::move(options));
        const auto cancel = [weak = std::weak_ptr(connector)] { internal::CancelConnect(weak); };
        internal::StartConnect(connector,
                               internal::MakeMeetingCompletion<Endpoint<A>>(
                                   std::forward<decltype(handler)>(handler), executor, cancel));
      },
      token);
}

template <class A>
Result<Endpoint<A>> Connect(ConnectOptions options) {
  BATON_TRY(auto parts, internal::ConnectParts(std::move(options)));
  return Endpoint<A>(std::move(parts));
}

}  // namespace baton
