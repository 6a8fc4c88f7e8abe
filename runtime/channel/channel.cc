#include "runtime/channel/channel.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "runtime/channel/control_messages.h"

namespace baton::internal {
namespace {

constexpr std::chrono::milliseconds kRetryAfter{5};
constexpr std::size_t kReleasesInQueue = 256;

// Room for the runtime's own few numbers and a protocol's name.
constexpr std::size_t kSmallestLimit = 4096;

ChannelOptions Sensible(ChannelOptions options) {
  options.max_message_bytes = std::max(options.max_message_bytes, kSmallestLimit);
  options.max_shmem_count = std::min(options.max_shmem_count, kMaxUnreleased);
  return options;
}

}  // namespace

Result<void> Channel::Open(EndpointParts parts, const std::shared_ptr<Actor>& actor,
                           boost::asio::any_io_executor executor, const ChannelOptions& options) {
  BATON_CHECK(actor != nullptr && actor->channel_ == nullptr);
  auto channel = std::make_shared<Channel>(std::move(parts), std::move(executor), options);
  boost::system::error_code error;
  channel->socket_watch_.assign(channel->socket_.get(), error);
  if (!error && channel->peer_death_) {
    channel->death_watch_.assign(channel->peer_death_.get(), error);
  }
  if (error) return Fail(error);
  channel->Start(*actor);
  return {};
}

Channel::Channel(EndpointParts parts, boost::asio::any_io_executor executor,
                 const ChannelOptions& options)
    : executor_(std::move(executor)),
      options_(Sensible(options)),
      socket_(std::move(parts.socket)),
      peer_death_(std::move(parts.peer_death)),
      socket_watch_(executor_),
      death_watch_(executor_),
      deadline_(executor_),
      retry_(executor_),
      reader_(options_.max_message_bytes),
      queue_(options_.max_queued_bytes) {}

Channel::~Channel() {
  Detach();
}

void Channel::Start(Actor& actor) {
  actor_ = &actor;
  version_ = actor.protocol_.version;
  queue_.HoldData(!actor.protocol_.older_hashes.empty());
  actor.executor_ = std::make_shared<boost::asio::any_io_executor>(executor_);
  actor_->channel_ = shared_from_this();
  const auto on_release = [weak = weak_from_this(), executor = executor_] {
    boost::asio::post(executor, [weak] {
      if (const auto self = weak.lock()) self->Flush();
    });
  };
  memory_ =
      std::make_shared<ShmemTable>(actor_->side_, actor_->protocol_.name, options_, on_release);
  deadline_.expires_after(options_.handshake_deadline);
  deadline_.async_wait([this, keep = KeepAlive()](boost::system::error_code error) {
    if (!error && !hello_received_) {
      (void)Fault(Rule::kHelloDeadline, "the peer has not introduced itself in time");
    }
  });
  SayHello();
  WatchPeerDeath();
  WaitReadable();
}

// --- Writing -------------------------------------------------------------------------------------

void Channel::SayHello() {
  const wire::Protocol& protocol = actor_->protocol_;
  const std::string name = protocol.name;
  const auto side = static_cast<std::uint8_t>(actor_->side_);
  const void* const values[] = {&kWireVersion, &name, &protocol.schema_hash, &protocol.version,
                                &side};
  QueueControl(FrameKind::kHello, &kHelloTable, values);
  Flush();
}

Result<void> Channel::Send(const wire::Message& message, std::span<const void* const> values,
                           std::shared_ptr<CallBase> call) {
  if (phase_ != Phase::kOpen || !actor_is_alive()) return Fail(Errc::kClosed);
  if (write_broken_) return Fail(Errc::kPeerDied);
  if (message.since > version_) return Fail(Errc::kPeerTooOld);
  if (!wire::Exists(message, version_)) return Fail(Errc::kInvalidValue);  // it has been removed
  if (call != nullptr && calls_.size() >= kMaxUnansweredCalls) return Fail(Errc::kWouldBlock);
  FrameHeader header;
  header.lane = Lane::kData;
  header.kind = FrameKind::kMessage;
  header.message = message.id;
  header.call = call == nullptr ? 0 : last_call_ + 1;
  BATON_CHECKED(Queue(header, *message.parameters, values));
  if (!hello_received_) promised_since_ = std::max(promised_since_, message.since);
  if (call != nullptr) calls_[++last_call_] = {&message, std::move(call)};
  Flush();
  return {};
}

// Everything that can fail comes before the first thing that changes.
Result<void> Channel::Queue(FrameHeader header, const wire::Table& table,
                            std::span<const void* const> values) {
  BATON_TRY(const auto encoded,
            encoder_.Encode(table, values, options_.max_message_bytes, version_));
  BATON_CHECKED(memory_->CheckDeparture(encoded.shared_memory));
  if (header.kind == FrameKind::kMessage) BATON_CHECKED(queue_.Reserve(encoded.bytes.size()));
  BATON_TRY(auto travelling, memory_->Depart(encoded.shared_memory, encoded.bytes));
  queue_.Push(header, encoded.bytes, std::move(travelling));
  if (!hello_received_) promised_since_ = std::max(promised_since_, encoded.since);
  return {};
}

void Channel::QueueControl(FrameKind kind, const wire::Table* table,
                           std::span<const void* const> values) {
  FrameHeader header;
  header.lane = Lane::kControl;
  header.kind = kind;
  if (kind == FrameKind::kGoodbye) header.after = queue_.last_data_sequence();
  if (table == nullptr) {
    queue_.Push(header, {});
  } else {
    const auto encoded = encoder_.Encode(*table, values, options_.max_message_bytes);
    BATON_CHECK(encoded);  // our own few numbers
    queue_.Push(header, encoded->bytes);
  }
}

// A few at a time: a peer that sends memory and reads nothing must not fill our queue with the news
// that we have freed it. The rest waits in the table, where it is bounded.
void Channel::QueueReleases() {
  const std::size_t waiting = queue_.control_frames();
  if (phase_ != Phase::kOpen || waiting >= kReleasesInQueue) return;
  for (const ShmemRelease& release : memory_->TakeReleases(kReleasesInQueue - waiting)) {
    const void* const values[] = {&release.id.high, &release.id.low, &release.transfers};
    QueueControl(FrameKind::kRelease, &kReleaseTable, values);
  }
}

void Channel::Flush() {
  if (phase_ == Phase::kEnded || waiting_writable_ || !actor_is_alive()) return;
  while (!write_broken_) {
    QueueReleases();
    const auto flushed = queue_.Flush(socket_);
    if (!flushed) {
      WriteFailed(flushed.error());
    } else if (!*flushed) {
      return queue_.starved() ? RetryLater() : WaitWritable();
    } else if (phase_ != Phase::kOpen || !memory_->has_releases()) {
      break;
    }
  }
  if (write_broken_) queue_.Clear();
  if (phase_ == Phase::kClosing && queue_.empty()) {
    End(ActorDestroyReason::kNormalShutdown, {}, {}, Errc::kClosed);
  }
}

// Whatever the reason, nothing can be said to the peer any more. What it said before is still to be
// read, a goodbye perhaps; then it counts as gone.
void Channel::WriteFailed(std::error_code error) {
  write_broken_ = true;
  if (error != Cause::kPeerGone) end_error_ = error;
  if (phase_ == Phase::kOpen) PeerIsGone();
}

void Channel::WaitWritable() {
  waiting_writable_ = true;
  socket_watch_.async_wait(boost::asio::posix::stream_descriptor::wait_write,
                           [this, keep = KeepAlive()](boost::system::error_code error) {
                             waiting_writable_ = false;
                             if (!error) Flush();
                           });
}

void Channel::RetryLater() {
  waiting_writable_ = true;
  retry_.expires_after(kRetryAfter);
  retry_.async_wait([this, keep = KeepAlive()](boost::system::error_code error) {
    waiting_writable_ = false;
    if (!error) Flush();
  });
}

// --- The end -------------------------------------------------------------------------------------

void Channel::Close() {
  if (phase_ != Phase::kOpen || !actor_is_alive()) return;
  QueueReleases();
  phase_ = Phase::kClosing;
  deadline_.expires_after(options_.close_deadline);
  deadline_.async_wait([this, keep = KeepAlive()](boost::system::error_code error) {
    if (!error) End(ActorDestroyReason::kNormalShutdown, {}, {}, Errc::kClosed);
  });
  QueueControl(FrameKind::kGoodbye, nullptr, {});
  Flush();
}

Failure Channel::Fault(std::error_code rule, std::string detail) {
  detail = rule.message() + ": " + detail;
  End(ActorDestroyReason::kAbnormalShutdown, rule, std::move(detail), Errc::kPeerFault);
  return Fail(rule);
}

// Frees everything at once; what the user sees of it is posted, so that it never happens inside a
// call of the user's.
void Channel::End(ActorDestroyReason reason, std::error_code error, std::string detail,
                  std::error_code for_calls) {
  if (phase_ == Phase::kEnded || !actor_is_alive()) return;
  if (!end_error_) end_error_ = error;
  end_detail_ = std::move(detail);
  deadline_.cancel();
  retry_.cancel();
  Detach();
  // A completion that throws must not take the others, or ActorDestroy, along: a post each.
  for (auto& [id, pending] : std::exchange(calls_, {})) {
    boost::asio::post(executor_,
                      [call = std::move(pending.call), for_calls] { call->Finish(for_calls); });
  }
  boost::asio::post(executor_, [this, keep = KeepAlive(), reason] { DestroyActor(reason); });
}

void Channel::Detach() {
  phase_ = Phase::kEnded;
  // The handles close what they own; the watches must not close it a second time.
  if (socket_watch_.is_open()) socket_watch_.release();
  if (death_watch_.is_open()) death_watch_.release();
  socket_.Reset();
  peer_death_.Reset();
  queue_.Clear();
  if (memory_ != nullptr) memory_->Close();
}

void Channel::Abandon() {
  if (phase_ == Phase::kEnded) return;
  actor_ = nullptr;
  Detach();
  const auto dropped_last = std::exchange(calls_, {});  // may destroy the actor
}

void Channel::DestroyActor(ActorDestroyReason reason) {
  Actor& actor = *std::exchange(actor_, nullptr);
  actor.final_traffic_ = traffic();
  actor.close_error_ = end_error_;
  actor.close_detail_ = end_detail_;
  actor.channel_ = nullptr;
  actor.ActorDestroy(reason);
}

Traffic Channel::traffic() const {
  return {queue_.bytes_written(), bytes_received_, memory_->bytes_sent(),
          memory_->bytes_received()};
}

}  // namespace baton::internal
