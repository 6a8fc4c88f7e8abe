// Keeping a child running: launched, started again when it ends, given up when that does not help.
//
//   auto supervisor = *baton::ChildSupervisor::Create(io.get_executor(), {.launch = {path}});
//   for (;;) {
//     auto [error, event] = co_await supervisor.Next<PFooParent>(as_tuple(use_awaitable));
//     if (error) break;                       // given up, or stopped
//     if (event.end) {                        // what it was doing is lost
//       foo.reset();
//     } else {
//       foo = std::make_shared<Foo>();        // each incarnation has an actor of its own
//       const auto bound = std::move(event.endpoint).Bind(foo, io.get_executor());
//     }
//   }
//
// docs/supervision.md draws its states, and says what children can rely on when their parent dies.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include <baton/base/result.h>
#include <baton/endpoint.h>
#include <baton/internal/meeting_completion.h>
#include <baton/launch.h>

namespace baton {

// When to start again, and when to give up. All times are of the steady clock.
struct RestartPolicy {
  // How many restarts `window` may see. The next end is the last: the supervisor gives up.
  std::size_t max_restarts = 5;
  std::chrono::milliseconds window{60'000};

  // Before the first restart; twice as long before each further one in the window, up to
  // `longest_delay`.
  std::chrono::milliseconds first_delay{100};
  std::chrono::milliseconds longest_delay{10'000};

  // An incarnation that ran as long was sound: the restarts before it are forgotten. Above 0.
  std::chrono::milliseconds min_uptime{10'000};
};

struct SupervisorOptions {
  LaunchOptions launch;
  RestartPolicy restarts = {};

  // How long Stop waits for the child to end by itself before it is killed.
  std::chrono::milliseconds stop_deadline{2'000};

  // Of every incarnation's endpoint: a restart does not change whom the child belongs to.
  std::uint64_t trust_label = 0;
};

// One run of the program.
struct Incarnation {
  std::uint64_t epoch = 0;  // 1, 2, ...; failed launches count
  int pid = 0;              // 0 when it could not be launched
};

enum class ChildEndKind : std::uint8_t {
  kExited,       // by itself: ChildEnd::status.code
  kSignalled,    // by a signal of somebody's: ChildEnd::status.signal
  kKilled,       // by Kill, or after `stop_deadline`
  kNotLaunched,  // ChildEnd::error says why
};

enum class AfterEnd : std::uint8_t {
  kRestart,  // after ChildEnd::delay
  kGiveUp,   // this was one end too many
  kStop,     // as Stop said
};

// How an incarnation ended, and what follows.
struct ChildEnd {
  ChildEndKind kind = ChildEndKind::kExited;
  platform::ExitStatus status = {};
  std::error_code error = {};
  AfterEnd after = AfterEnd::kRestart;
  std::chrono::milliseconds delay{0};
};

namespace internal {

struct ChildEventParts {
  Incarnation incarnation;
  EndpointParts endpoint;
  std::optional<ChildEnd> end;
};

using ChildEventCompletion = CompletionWith<ChildEventParts>;

class SupervisorCore;

}  // namespace internal

// An incarnation has started: `endpoint` is our end of its channel, for a new actor. Or it has
// ended: `end` says how.
template <class Parent>
struct ChildEvent {
  explicit ChildEvent(internal::ChildEventParts parts = {})
      : incarnation(parts.incarnation), endpoint(std::move(parts.endpoint)), end(parts.end) {}

  Incarnation incarnation;
  Endpoint<Parent> endpoint;
  std::optional<ChildEnd> end;
};

// Move-only. All of it happens on the executor given (of a single-threaded io_context, or a
// strand): call everything there, or before it runs. While a child runs there is no timer, and no
// wake-up before it ends. It owns one thread, that sleeps: see platform::Launcher.
class ChildSupervisor {
 public:
  // Nothing is launched yet. Errors: those of the system (no more threads).
  static Result<ChildSupervisor> Create(const boost::asio::any_io_executor& executor,
                                        SupervisorOptions options);

  ChildSupervisor(ChildSupervisor&&) noexcept = default;
  ChildSupervisor& operator=(ChildSupervisor&& other) noexcept;
  // Kills the child and reaps it; a waiting Next completes with operation_aborted.
  ~ChildSupervisor();

  // Completes with void(boost::system::error_code, ChildEvent<Parent>) when an incarnation has
  // started or ended, in turns; never inside this call. An end without a start is that of a launch
  // that failed. Several may wait; the first gets the first. Can be cancelled as any Asio
  // operation. `Parent` is PFooParent.
  //
  // A child is launched only while somebody waits here: so nothing new starts before the end of the
  // old one is known, and events do not pile up. Errors: operation_aborted after a cancellation,
  // after giving up, Stop, or the supervisor's end, when there is nothing more to tell.
  template <class Parent, class CompletionToken>
  auto Next(CompletionToken&& token);

  // Ends the child at once; for one that hangs. What follows is as after any other end. Nothing
  // happens when none is running.
  void Kill();

  // No more restarts. A child that runs has `stop_deadline` to end by itself, so close its actor
  // first; then it is killed. Next tells of its end, then of ours.
  void Stop();

  // The last one that was launched, or tried to be; epoch 0 before the first.
  Incarnation incarnation() const;

  // A child is there and not known to have ended.
  bool is_running() const;

  const boost::asio::any_io_executor& get_executor() const;

 private:
  explicit ChildSupervisor(std::shared_ptr<internal::SupervisorCore> core)
      : core_(std::move(core)) {}

  std::shared_ptr<internal::SupervisorCore> core_;  // null when moved from
};

namespace internal {

const boost::asio::any_io_executor& ExecutorOf(const SupervisorCore& core);
std::uint64_t NextNext(SupervisorCore& core);
void StartNext(const std::shared_ptr<SupervisorCore>& core, std::uint64_t number,
               std::unique_ptr<ChildEventCompletion> completion);
void CancelNext(const std::weak_ptr<SupervisorCore>& core, std::uint64_t number);

}  // namespace internal

template <class Parent, class CompletionToken>
auto ChildSupervisor::Next(CompletionToken&& token) {
  static_assert(Parent::kSide == Side::kParent, "Next takes the parent's class, PFooParent");
  return boost::asio::async_initiate<CompletionToken,
                                     void(boost::system::error_code, ChildEvent<Parent>)>(
      [core = core_](auto&& handler) {
        const std::uint64_t number = internal::NextNext(*core);
        const auto cancel = [weak = std::weak_ptr(core), number] {
          internal::CancelNext(weak, number);
        };
        internal::StartNext(
            core, number,
            internal::MakeMeetingCompletion<ChildEvent<Parent>, internal::ChildEventParts>(
                std::forward<decltype(handler)>(handler), internal::ExecutorOf(*core), cancel));
      },
      token);
}

}  // namespace baton
