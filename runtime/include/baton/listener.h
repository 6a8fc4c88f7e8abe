// Waiting for programs that were started on their own. <baton/connect.h> is the other side;
// docs/meeting.md explains both and what they defend against.
//
//   auto listener = *baton::Listener::Create(io.get_executor(), {.address = path});
//   for (;;) {
//     auto [error, met] = co_await listener.Accept<PFooParent>(as_tuple(use_awaitable));
//     if (error) break;
//     const auto bound = std::move(met.endpoint).Bind(std::make_shared<Foo>(), io.get_executor());
//   }
//
// Who connects must introduce himself at once (32 bytes) before he costs more than two descriptors.
// Whoever does not, or not in time, is dropped and counted, and the listener goes on.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
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

struct ListenerOptions {
  // The path of a socket file, or `@name` for an abstract name (see platform/local_listener.h).
  std::string address;

  // Of the socket file. Who may not write to it cannot connect, whatever `accept` says.
  unsigned mode = 0600;

  // Whom to admit: asked before a byte is read. By default processes of our own user. Called on the
  // executor; what it throws leaves run(), and that one connection is refused.
  std::function<bool(const PeerIdentity&)> accept = IsSameUser;

  // Admit nobody without a token of IssueToken. A wrong token is refused in any case.
  bool require_token = false;

  // Tokens that are out at the same time.
  std::size_t max_tokens = 64;

  // How long an introduction may take.
  std::chrono::milliseconds introduction_deadline{5'000};

  // Connections that have not introduced themselves, at least 1; each holds two descriptors. When
  // one more comes, the process that has most of them loses its oldest.
  std::size_t max_half_open = 32;
};

// Counted since Create.
struct ListenerStatistics {
  std::uint64_t admitted = 0;
  std::uint64_t not_accepted = 0;     // by `accept`
  std::uint64_t wrong_token = 0;      // wrong, used before, revoked, or none where it is required
  std::uint64_t no_introduction = 0;  // garbage, or with handles (Rule::kIntroduction)
  std::uint64_t wrong_version = 0;    // of the introduction (Rule::kWireVersion)
  std::uint64_t too_late = 0;         // over `introduction_deadline`
  std::uint64_t displaced = 0;        // over `max_half_open`
  std::uint64_t hung_up = 0;          // gone by itself before it was admitted
  std::uint64_t shortages = 0;        // nobody could be accepted: out of descriptors or memory
  std::size_t half_open = 0;          // now
};

// A peer that was admitted. `A` is PFooParent or PFooChild: either side may be the one that
// listens. HELLO is still to come: another protocol is found out after Bind.
template <class A>
struct Accepted {
  explicit Accepted(internal::MetParts parts = {})
      : endpoint(std::move(parts.endpoint)), peer(parts.peer) {}

  Endpoint<A> endpoint;
  PeerIdentity peer;
};

namespace internal {
class ListenerCore;
}

// Move-only. All of it happens on the executor given (of a single-threaded io_context, or a
// strand): call everything there, or before it runs. An idle listener has no timer and no wake-up.
class Listener {
 public:
  // Listens from now on. Errors: those of LocalListener::Listen.
  static Result<Listener> Create(const boost::asio::any_io_executor& executor,
                                 ListenerOptions options);

  Listener(Listener&&) noexcept = default;
  Listener& operator=(Listener&& other) noexcept;
  // As Close().
  ~Listener();

  // Completes with void(boost::system::error_code, Accepted<A>) when somebody was admitted; never
  // inside this call. Several may wait; the first gets the first. Can be cancelled as any Asio
  // operation. While nobody waits here, those who connect wait in the kernel (up to 128) and those
  // who began to introduce themselves are kept for the next Accept.
  //
  // Errors: operation_aborted after a cancellation, Cancel, Close or the listener's end; the
  // system's, when nothing can be accepted any more. A shortage of descriptors or memory is none:
  // the listener tries again 20 times a second, and counts.
  template <class A, class CompletionToken>
  auto Accept(CompletionToken&& token);

  // Completes every waiting Accept with operation_aborted; the listener goes on.
  void Cancel();

  // Stops listening: cancels, drops who has not been admitted, removes the socket file. Channels
  // that were met here live on.
  void Close();

  // A new token for one connection, to be passed to a program that we trust to come. It is good
  // until it is used or revoked. Errors: Errc::kOverQuota when `max_tokens` are out; the system's.
  Result<AdmissionToken> IssueToken();

  // False: it was used already, or was never ours.
  bool RevokeToken(const AdmissionToken& token);

  ListenerStatistics statistics() const;

  const boost::asio::any_io_executor& get_executor() const;

 private:
  explicit Listener(std::shared_ptr<internal::ListenerCore> core) : core_(std::move(core)) {}

  std::shared_ptr<internal::ListenerCore> core_;  // null when moved from
};

namespace internal {

const boost::asio::any_io_executor& ExecutorOf(const ListenerCore& core);
std::uint64_t NextAccept(ListenerCore& core);
void StartAccept(const std::shared_ptr<ListenerCore>& core, std::uint64_t number,
                 std::unique_ptr<MeetingCompletion> completion);
void CancelAccept(const std::weak_ptr<ListenerCore>& core, std::uint64_t number);

}  // namespace internal

template <class A, class CompletionToken>
auto Listener::Accept(CompletionToken&& token) {
  return boost::asio::async_initiate<CompletionToken, void(boost::system::error_code, Accepted<A>)>(
      [core = core_](auto&& handler) {
        const std::uint64_t number = internal::NextAccept(*core);
        const auto cancel = [weak = std::weak_ptr(core), number] {
          internal::CancelAccept(weak, number);
        };
        internal::StartAccept(
            core, number,
            internal::MakeMeetingCompletion<Accepted<A>>(std::forward<decltype(handler)>(handler),
                                                         internal::ExecutorOf(*core), cancel));
      },
      token);
}

}  // namespace baton
