#include "runtime/meeting/listener_core.h"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include <baton/platform/local_socket.h>
#include <baton/platform/state_point.h>

#include "runtime/meeting/asio_error.h"

namespace baton::internal {
namespace {

// A listener to which many come lets others on the same executor have their turn.
constexpr int kAcceptsPerTurn = 16;

constexpr std::chrono::milliseconds kRetryAfter{50};

bool IsShortage(std::error_code error) {
  return error == Cause::kExhausted || error == std::errc::no_buffer_space;
}

bool IsTheirEnd(std::error_code error) {
  return error == std::errc::connection_aborted || error == std::errc::connection_reset ||
         error == std::errc::protocol_error;
}

ListenerOptions Sensible(ListenerOptions options) {
  options.max_half_open = std::max<std::size_t>(options.max_half_open, 1);
  if (options.accept == nullptr) options.accept = IsSameUser;
  return options;
}

}  // namespace

Result<std::shared_ptr<ListenerCore>> ListenerCore::Create(
    const boost::asio::any_io_executor& executor, ListenerOptions options) {
  BATON_TRY(auto listener, platform::LocalListener::Listen(options.address, options.mode));
  auto core = std::make_shared<ListenerCore>(std::move(listener), executor, std::move(options));
  boost::system::error_code error;
  core->watch_.assign(core->listener_->handle().get(), error);
  if (error) return Fail(error);
  return core;
}

ListenerCore::ListenerCore(platform::LocalListener listener, boost::asio::any_io_executor executor,
                           ListenerOptions options)
    : executor_(std::move(executor)),
      options_(Sensible(std::move(options))),
      listener_(std::move(listener)),
      watch_(executor_),
      retry_(executor_),
      deadline_(executor_),
      tokens_(options_.max_tokens) {}

ListenerCore::~ListenerCore() {
  LetGo();
}

ListenerStatistics ListenerCore::statistics() const {
  ListenerStatistics statistics = statistics_;
  statistics.half_open = half_open_.size();
  return statistics;
}

void ListenerCore::Accept(std::uint64_t number, std::unique_ptr<MeetingCompletion> completion) {
  Waiter waiter = {number, std::move(completion)};
  if (!listener_) {
    return Complete(std::move(waiter), boost::asio::error::operation_aborted, {});
  }
  waiters_.push_back(std::move(waiter));
  Deliver();
  WaitForConnections();
}

void ListenerCore::CancelAccept(std::uint64_t number) {
  const auto found = std::ranges::find(waiters_, number, &Waiter::number);
  if (found == waiters_.end()) return;
  Complete(std::move(*found), boost::asio::error::operation_aborted, {});
  waiters_.erase(found);
  StopWaitingIfIdle();
}

void ListenerCore::Close() {
  if (!listener_) return;
  retry_.cancel();
  deadline_.cancel();
  LetGo();
  Cancel();
}

// --- Accepting -----------------------------------------------------------------------------------

void ListenerCore::WaitForConnections() {
  if (waiting_ || !listener_ || waiters_.empty()) return;
  waiting_ = true;
  watch_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                    [this, keep = KeepAlive()](boost::system::error_code error) mutable {
                      const auto kept = keep.Take();
                      waiting_ = false;
                      if (!error) return AcceptSome();
                      if (error != boost::asio::error::operation_aborted) CompleteAll(error);
                      WaitForConnections();
                    });
}

void ListenerCore::PostAcceptSome() {
  if (waiting_ || !listener_ || waiters_.empty()) return;
  waiting_ = true;
  boost::asio::post(executor_, [this, keep = KeepAlive()]() mutable {
    const auto kept = keep.Take();
    waiting_ = false;
    AcceptSome();
  });
}

void ListenerCore::AcceptSome() {
  try {
    for (int turn = 0; turn < kAcceptsPerTurn; ++turn) {
      if (!listener_ || waiters_.empty()) return;
      auto socket = listener_->Accept();
      if (!socket) return AcceptFailed(socket.error());
      Greet(*std::move(socket));
    }
  } catch (...) {  // by the filter
    PostAcceptSome();
    throw;
  }
  PostAcceptSome();
}

void ListenerCore::AcceptFailed(std::error_code error) {
  if (error == std::errc::operation_would_block) return WaitForConnections();
  if (IsTheirEnd(error)) {
    ++statistics_.hung_up;
    return PostAcceptSome();
  }
  if (!IsShortage(error)) return CompleteAll(ToAsioError(error));
  ++statistics_.shortages;
  RetryLater();
}

// Whoever waits is still there, so waiting for him would not wait.
void ListenerCore::RetryLater() {
  waiting_ = true;
  retry_.expires_after(kRetryAfter);
  retry_.async_wait([this, keep = KeepAlive()](boost::system::error_code) mutable {
    const auto kept = keep.Take();
    waiting_ = false;
    AcceptSome();
  });
}

void ListenerCore::StopWaitingIfIdle() {
  if (!waiters_.empty() || !waiting_) return;
  boost::system::error_code closed_already;
  watch_.cancel(closed_already);
  retry_.cancel();
}

// --- Giving out ----------------------------------------------------------------------------------

// Who was introduced is told so when there is somebody to take him, and not before.
void ListenerCore::Deliver() {
  while (!waiters_.empty() && !ready_.empty()) {
    const auto connection = std::move(ready_.front());
    ready_.pop_front();
    const auto verdict = EncodeVerdict(Verdict::kAdmitted);
    const auto sent = platform::SendSome(connection->socket, verdict, {});
    if (!sent || *sent != verdict.size()) {
      ++(!sent && IsShortage(sent.error()) ? statistics_.shortages : statistics_.hung_up);
      continue;
    }
    platform::StatePoint("verdict.said");
    ++statistics_.admitted;
    Waiter waiter = std::move(waiters_.front());
    waiters_.pop_front();
    platform::PeerProcess& peer = connection->peer;
    MetParts met = {{platform::TakeAnew(std::move(connection->socket)), std::move(peer.death)},
                    peer.identity};
    met.endpoint.identity = peer.identity;
    Complete(std::move(waiter), {}, std::move(met));
  }
  StopWaitingIfIdle();
}

// Posted, so that a handler never runs inside a call of the user's.
void ListenerCore::Complete(Waiter waiter, boost::system::error_code error, MetParts parts) {
  boost::asio::post(executor_, [completion = std::move(waiter.completion), error,
                                parts = std::move(parts)]() mutable {
    completion->Run(error, std::move(parts));
  });
}

void ListenerCore::CompleteAll(boost::system::error_code error) {
  for (Waiter& waiter : std::exchange(waiters_, {})) Complete(std::move(waiter), error, {});
  StopWaitingIfIdle();
}

// --- The end -------------------------------------------------------------------------------------

void ListenerCore::LetGo() {
  if (watch_.is_open()) watch_.release();
  listener_.reset();
  // What waits for their words holds them.
  for (const auto& connection : half_open_) connection->StopWatching();
  half_open_.clear();
  ready_.clear();
}

void ListenerCore::Abandon() {
  LetGo();
  const auto dropped_last = std::exchange(waiters_, {});  // may destroy the Listener
}

}  // namespace baton::internal
