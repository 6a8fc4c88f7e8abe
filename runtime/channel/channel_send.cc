// The half of Channel that sends.
#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include <baton/platform/state_point.h>

#include "runtime/channel/channel.h"
#include "runtime/channel/channel_looking.h"
#include "runtime/channel/control_messages.h"
#include "runtime/shmem/record_labels.h"
#include "runtime/wire/flat_codec.h"

namespace baton::internal {
namespace {

constexpr std::chrono::milliseconds kRetryAfter{5};
constexpr std::size_t kMostHeldBack = std::size_t{64} << 10;

}  // namespace

// A process that may not make memory, as in a sandbox, borrows it or does without.
Result<void> Channel::MakeRing(const char* protocol) {
  if (options_.ring_bytes == 0 || options_.memory_from == MemorySource::kPeer) return {};
  const std::size_t size = RingMemorySize(options_.ring_bytes);
  auto memory =
      platform::SharedMemory::CreateRing(std::string("baton:") + protocol + ":ring", size);
  if (!memory && IsNotPermitted(memory.error())) return {};
  if (!memory) return Fail(memory.error());
  LabelRing(*memory, protocol);
  BATON_TRY(outgoing_memory_, memory->Map({.revocation = platform::Revocation::kNone}));
  BATON_TRY(outgoing_handle_, memory->handle().Duplicate());
  queue_.AttachRing(outgoing_ring_.emplace(outgoing_memory_.bytes()));
  platform::StatePoint("ring.offered");
  return {};
}

void Channel::SayHello() {
  const wire::Protocol& protocol = actor_->protocol_;
  const std::string name = protocol.name;
  const auto side = static_cast<std::uint8_t>(actor_->side_);
  const void* const values[] = {&kWireVersion,     &name, &protocol.schema_hash,
                                &protocol.version, &side, &view_.flow};
  platform::StatePoint("hello.saying");
  std::vector<Travelling> ring;
  if (outgoing_handle_) ring.emplace_back(std::move(outgoing_handle_));
  const bool is_traced = view_.flow != 0;
  QueueControl(FrameKind::kHello, is_traced ? &kTracedHelloTable : &kHelloTable,
               std::span(values).first(is_traced ? 6 : 5), std::move(ring));
  Flush();
  platform::StatePoint("hello.said");
}

// Whether the message is one that both sides know.
Result<void> Channel::CheckVersion(const wire::Message& message) {
  if (wire::Exists(message, version_)) return {};
  encoder_.ForgetRefusal();
  return Fail(message.since > version_ ? Errc::kPeerTooOld : Errc::kInvalidValue);  // or removed
}

// Whether there may be one more of ours.
Result<void> Channel::CheckCalls() {
  if (calls_.size() < kMaxUnansweredCalls) return {};
  ++counts_.would_blocks;
  return Fail(Errc::kWouldBlock);
}

Result<void> Channel::Send(const wire::Message& message, std::span<const void* const> values,
                           std::shared_ptr<CallBase> call, std::uint32_t actor) {
  if (phase_ != Phase::kOpen || !actor_is_alive()) return Fail(Errc::kClosed);
  if (write_broken_) return Fail(Errc::kPeerDied);
  BATON_CHECKED(CheckVersion(message));
  if (call != nullptr) BATON_CHECKED(CheckCalls());
  FrameHeader header;
  header.lane = Lane::kData;
  header.kind = FrameKind::kMessage;
  header.message = message.id;
  header.actor = actor;
  header.call = call == nullptr ? 0 : last_call_ + 1;
  if (message.is_sync) header.flags = FlagsOf(message);
  BATON_CHECKED(QueueMessage(message, header, *message.parameters, values));
  ++counts_.messages_sent;
  if (!hello_received_) promised_since_ = std::max(promised_since_, message.since);
  if (call != nullptr) {
    calls_[++last_call_] = {&message, std::move(call), actor, {}};
    platform::StatePoint("call.opened");
  }
  message.queueing.is_lazy ? FlushLater() : FlushUnlessHeldBack();
  return {};
}

// Everything that can fail comes before the first thing that changes.
Result<void> Channel::Queue(const FrameHeader& header, const wire::Table& table,
                            std::span<const void* const> values) {
  if (QueueInPlace(header, table, values)) return {};
  BATON_TRY(const auto encoded,
            encoder_.Encode(table, values, options_.max_message_bytes, version_));
  if (!encoded.actors.empty()) BATON_CHECKED(DescribeActors(encoded.actors, encoded.bytes));
  const bool is_carried = encoded.bytes.size() > kMaxStreamPayload;
  if (!is_carried && encoded.shared_memory.empty()) {  // the short way
    BATON_CHECKED(Reserve(header.kind, encoded.bytes.size(), 0));
    if (!encoded.actors.empty()) DepartActors(encoded.actors);
    if (!hello_received_) promised_since_ = std::max(promised_since_, encoded.since);
    queue_.Push(header, encoded.bytes);
    return {};
  }
  // Memory that the peer has shrunk is its fault, also when it is this side that finds out. Posted:
  // who sends does not expect to be ended by that.
  const auto blame = [this](std::error_code error) {
    if (error == Cause::kPeerFault) {
      boost::asio::post(executor_, [this, error, keep = KeepAlive()] {
        (void)Fault(error, "memory that was to be sent");
      });
    }
    return Fail(error);
  };
  const auto handles = memory_->CheckDeparture(encoded.shared_memory);
  if (!handles) return blame(handles.error());
  BATON_CHECKED(Reserve(header.kind, encoded.bytes.size(), *handles + (is_carried ? 1 : 0)));
  memory_->DescribeDeparture(encoded.shared_memory, encoded.bytes);
  platform::Handle carrier;
  if (is_carried) {
    BATON_TRY(carrier, platform::CreateFrozenMemory("baton:message", encoded.bytes));
  }
  auto departed = memory_->Depart(encoded.shared_memory, table.name);
  if (!departed) return blame(departed.error());
  std::vector<Travelling> travelling = *std::move(departed);
  if (!hello_received_) promised_since_ = std::max(promised_since_, encoded.since);
  DepartActors(encoded.actors);
  if (!is_carried) {
    queue_.Push(header, encoded.bytes, std::move(travelling));
    return {};
  }
  travelling.emplace(travelling.begin(), std::move(carrier));
  FrameHeader carried = header;
  carried.flags |= kCarried;
  const std::uint64_t size = encoded.bytes.size();
  queue_.Push(carried, std::as_bytes(std::span(&size, 1)), std::move(travelling), size);
  return {};
}

bool Channel::QueueInPlace(const FrameHeader& header, const wire::Table& table,
                           std::span<const void* const> values) {
  if (table.flat.field_count == 0 || !queue_.CanLend()) return false;
  if (header.lane == Lane::kControl) return false;
  const std::size_t length = wire::FlatLength(table, values, options_.max_message_bytes);
  if (length == 0) return false;
  const std::span<std::byte> room = queue_.Loan(length);
  if (room.empty() || !wire::EncodeFlat(table, values, room)) return false;
  queue_.Commit(header, length);
  return true;
}

Result<void> Channel::Reserve(FrameKind kind, std::size_t payload, std::size_t handles) {
  if (kind == FrameKind::kReject) return {};  // as many as there are questions
  if (kind == FrameKind::kReply) return queue_.ReserveAnswer(payload, handles);
  const auto reserved = queue_.Reserve(payload, handles);
  if (!reserved) ++counts_.would_blocks;
  return reserved;
}

void Channel::QueueControl(FrameKind kind, const wire::Table* table,
                           std::span<const void* const> values,
                           std::vector<Travelling> travelling) {
  FrameHeader header;
  header.lane = Lane::kControl;
  header.kind = kind;
  if (table == nullptr) {
    queue_.Push(header, {}, std::move(travelling));
  } else {
    const auto encoded = encoder_.Encode(*table, values, options_.max_message_bytes);
    BATON_CHECK(encoded);  // our own few numbers
    queue_.Push(header, encoded->bytes, std::move(travelling));
  }
}

// --- Out of the queue ----------------------------------------------------------------------------

void Channel::LetGo() {
  BATON_CHECK(held_back_ > 0);
  if (--held_back_ > 0) return;
  Flush();
  ExpectAtRest();
}

void Channel::FlushAgain() {
  queue_.RingMayHaveRoom();
  Flush();
  TellQueue();
}

// What no ring has taken is held back only until it is worth a system call.
void Channel::FlushUnlessHeldBack() {
  const bool has_news = memory_->has_releases() || memory_->has_untold() || tree_.has_farewells();
  const bool is_all_seen = held_back_ == 0 && !has_news && queue_.IsSeen();
  if (!is_all_seen && (held_back_ == 0 || queue_.data_bytes() >= kMostHeldBack)) Flush();
  ExpectAtRest();
}

// What is lazy leaves with what is not, or at the end of this turn.
void Channel::FlushLater() {
  if (queue_.data_bytes() >= kMostHeldBack) return Flush();
  if (std::exchange(flush_posted_, true)) return;
  boost::asio::post(executor_, [this, keep = KeepAlive()] {
    flush_posted_ = false;
    FlushUnlessHeldBack();
  });
}

void Channel::Flush() {
  if (phase_ == Phase::kEnded || !actor_is_alive()) return;
  while (!write_broken_) {
    QueueTransfers();
    if (tree_.has_farewells()) QueueFarewells();
    const auto waits = queue_.Flush(*stream_, is_polled_);
    if (!waits) {
      if (waits.error() == Cause::kPeerFault)
        return (void)Fault(waits.error(), "the outgoing ring");
      WriteFailed(waits.error());
      break;
    }
    if (waits->for_stream) WaitWritable();
    if (waits->for_the_system) RetryLater();
    const bool waits_for_any = waits->for_stream || waits->for_the_system || waits->for_ring;
    if (waits_for_any || phase_ != Phase::kOpen || !memory_->has_releases()) break;
  }
  if (write_broken_) queue_.Clear();
  if (!drained_waiters_.empty()) TellDrained();
  if (phase_ != Phase::kClosing || !queue_.empty()) return;
  if (parting_ == Parting::kInOrder) return EndAsAgreed();
  if (!memory_->HasTheirs()) End(ActorDestroyReason::kNormalShutdown, {}, {}, Errc::kClosed);
}

// Whatever the reason, nothing can be said to the peer any more. What it said before is still to be
// read, a goodbye perhaps; then it counts as gone.
void Channel::WriteFailed(std::error_code error) {
  write_broken_ = true;
  if (error != Cause::kPeerGone) end_error_ = error;
  if (phase_ == Phase::kOpen) PeerIsGone();
}

void Channel::WaitWritable() {
  if (std::exchange(waiting_writable_, true)) return;
  stream_->WaitWritable([this, keep = KeepAlive()] {
    waiting_writable_ = false;
    queue_.StreamMayTakeMore();
    Flush();
    TellQueue();
  });
}

void Channel::RetryLater() {
  if (std::exchange(waiting_to_retry_, true)) return;
  retry_->expires_after(kRetryAfter);
  retry_->async_wait([this, keep = KeepAlive()](boost::system::error_code error) {
    waiting_to_retry_ = false;
    queue_.StreamMayTakeMore();
    if (!error) Flush();
    TellQueue();
  });
}

void Channel::RingDoorbell() {
  queue_.RequestDoorbell();
  Flush();
}

// --- Drained -------------------------------------------------------------------------------------

bool Channel::HasRoom() const {
  return queue_.is_drained() && calls_.size() <= kMaxUnansweredCalls / 2;
}

std::uint64_t Channel::WaitUntilDrained(std::function<void(std::error_code)> done) {
  const std::uint64_t number = ++last_drained_waiter_;
  std::error_code error;
  if (phase_ != Phase::kOpen || !actor_is_alive()) error = Errc::kClosed;
  if (!error && write_broken_) error = Errc::kPeerDied;
  if (!error && !HasRoom()) {
    drained_waiters_.emplace(number, std::move(done));
    if (reading_) WaitReadable();  // the doorbell for room, in a handler that runs the io_context
  } else {
    boost::asio::post(executor_, [done = std::move(done), error] { done(error); });
  }
  return number;
}

void Channel::GiveUpDrained(std::uint64_t number) {
  auto waiter = drained_waiters_.extract(number);
  if (waiter.empty()) return;
  boost::asio::post(executor_, [done = std::move(waiter.mapped())] {
    done(std::make_error_code(std::errc::operation_canceled));
  });
}

void Channel::TellDrained() {
  if (phase_ != Phase::kOpen || write_broken_ || !HasRoom()) return;
  for (auto& [number, done] : std::exchange(drained_waiters_, {})) {
    boost::asio::post(executor_, [done = std::move(done)] { done({}); });
  }
}

}  // namespace baton::internal
