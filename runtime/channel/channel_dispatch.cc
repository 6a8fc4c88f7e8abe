// The half of Channel that understands frames.
#include <utility>
#include <vector>

#include "runtime/channel/channel.h"
#include "runtime/channel/channel_looking.h"
#include "runtime/channel/control_messages.h"
#include "runtime/wire/decoder.h"
#include "runtime/wire/flat_codec.h"

namespace baton::internal {
namespace {

// A reply's values lie at the offsets of its rows.
std::vector<void*> FieldsOf(const wire::Table& table, void* reply) {
  std::vector<void*> fields;
  for (const wire::Row& row : table.rows) {
    fields.push_back(static_cast<std::byte*>(reply) + row.offset);
  }
  return fields;
}

// Where it was, for close_detail().
std::string InField(const char* message, const std::string& field) {
  return field.empty() ? message : std::string(message) + ", field " + field;
}

}  // namespace

void Channel::OnFrame(Frame& frame) {
  if (frame.header.kind == FrameKind::kHello) return OnHello(frame);
  if (!hello_received_) {
    (void)Fault(Rule::kHelloExpected, "something else came first");
    return;
  }
  if (frame.header.kind == FrameKind::kGoodbye) {
    return End(ActorDestroyReason::kNormalShutdown, {}, {}, Errc::kPeerClosed);
  }
  if (phase_ == Phase::kClosing) return;  // we have closed: nothing is dispatched any more
  if (frame.header.lane == Lane::kData) ++counts_.messages_received;
  switch (frame.header.kind) {
    case FrameKind::kMessage: return OnMessage(frame);
    case FrameKind::kReply: return OnReply(frame);
    case FrameKind::kReject: return OnReject(frame);
    case FrameKind::kRelease: return OnRelease(frame);
    case FrameKind::kHello:
    case FrameKind::kGoodbye: return;
  }
}

Result<std::vector<wire::IncomingShmem>> Channel::Decode(Frame& frame, const wire::Table& table,
                                                         std::span<void* const> values,
                                                         std::string* field) {
  if (frame.may_change) {
    if (table.flat.field_count != 0 && wire::DecodeFlat(table, frame.payload, values)) {
      return std::vector<wire::IncomingShmem>();
    }
    inbox_.MakePrivate(frame);
  }
  return wire::Decode(table, frame.payload, values, {version_, field});
}

// --- Messages and questions of the peer's --------------------------------------------------------

void Channel::OnMessage(Frame& frame) {
  Incoming incoming(*this, frame.header.message, frame);
  handler_fault_.clear();
  const auto dispatched = DispatchMessage(incoming, frame);
  const bool counted_already = incoming.taken_ == nullptr;  // Take failed and said why
  if (!dispatched && !counted_already) HandlerFailed(dispatched.error(), incoming.taken_->name);
}

void Channel::HandlerFailed(std::error_code error, const char* message) {
  if (phase_ == Phase::kEnded) return;
  if (error == Errc::kTainted) {
    (void)Fault(Rule::kHandler, std::string(message) + ": " + error.message());
    return;
  }
  if (error == Errc::kPeerFault && !handler_fault_.empty()) {
    (void)Fault(Rule::kHandler, std::exchange(handler_fault_, {}));
    return;
  }
  ++counts_.handler_errors;
  actor_->OnHandlerError(error);
}

Result<void> Channel::Take(Frame& frame, const wire::Message& message,
                           std::span<void* const> values) {
  const FrameHeader& header = frame.header;
  if (!wire::Exists(message, version_)) return Fault(Rule::kUnknownMessage, message.name);
  if ((message.reply != nullptr) != (header.call != 0)) {
    return Fault(Rule::kFrameHeader, message.name);
  }
  if (header.call != 0) {
    if (header.call <= last_peer_call_) return Fault(Rule::kFrameHeader, message.name);
    last_peer_call_ = header.call;
    // An answer counts until it has left: a peer that does not read has not received it.
    const std::size_t open = unanswered_ + queue_.answers();
    if (open >= kMaxUnansweredCalls) return Fault(Rule::kQuota, "unanswered calls");
  }
  if (frame.shortage) return Refuse(message, header.call, frame.shortage);
  std::string field;
  const auto slots = Decode(frame, *message.parameters, values, &field);
  if (!slots) return Fault(slots.error(), InField(message.name, field));
  if (slots->empty() && frame.handles.empty()) return {};
  const auto arrived = memory_->Arrive(*slots, std::move(frame.handles));
  if (arrived) return {};
  if (arrived.error() == Cause::kPeerFault) return Fault(arrived.error(), message.name);
  return Refuse(message, header.call, arrived.error());
}

// For a shortage of ours: the message is dropped, the channel goes on.
Failure Channel::Refuse(const wire::Message& message, std::uint64_t call,
                        std::error_code shortage) {
  ++counts_.messages_refused;
  if (call != 0) {
    ++unanswered_;
    Reject(message, call, shortage);
  }
  actor_->OnHandlerError(shortage);
  return Fail(shortage);
}

void Channel::Answer(const wire::Message& message, std::uint64_t call, void* reply) {
  if (phase_ != Phase::kOpen || !actor_is_alive()) return;
  FrameHeader header;
  header.lane = Lane::kData;
  header.kind = FrameKind::kReply;
  header.message = message.id;
  header.call = call;
  const auto fields = FieldsOf(*message.reply, reply);
  const std::vector<const void*> values(fields.begin(), fields.end());
  if (const auto queued = QueueMessage(message, header, *message.reply, values); !queued) {
    actor_->OnHandlerError(queued.error());
    return Reject(message, call, queued.error());
  }
  AnswerGiven();
}

void Channel::Reject(const wire::Message& message, std::uint64_t call, std::error_code reason) {
  if (phase_ != Phase::kOpen || !actor_is_alive()) return;
  const bool is_fault = reason == Errc::kPeerFault && !handler_fault_.empty();
  if (is_fault || reason == Errc::kTainted) return HandlerFailed(reason, message.name);
  FrameHeader header;
  header.lane = Lane::kData;
  header.kind = FrameKind::kReject;
  header.message = message.id;
  header.call = call;
  const Rejection rejection = ToRejection(reason);
  const void* const values[] = {&rejection.space, &rejection.value};
  BATON_CHECK(QueueMessage(message, header, kRejectTable,
                           values));  // two numbers, and replies need no room
  AnswerGiven();
}

void Channel::AnswerGiven() {
  --unanswered_;
  ++counts_.messages_sent;
  FlushUnlessHeldBack();
}

// --- Answers to our questions --------------------------------------------------------------------

std::shared_ptr<CallBase> Channel::TakeCall(const FrameHeader& header,
                                            const wire::Message*& message) {
  const auto found = calls_.find(header.call);
  if (found == calls_.end() || found->second.message->id != header.message) {
    (void)Fault(Rule::kUnknownCall, "call " + std::to_string(header.call));
    return nullptr;
  }
  message = found->second.message;
  auto call = std::move(found->second.call);
  calls_.erase(found);
  if (!drained_waiters_.empty()) TellDrained();
  return call;
}

void Channel::OnReply(Frame& frame) {
  const wire::Message* message = nullptr;
  const auto call = TakeCall(frame.header, message);
  if (call == nullptr) return;
  if (frame.shortage) return FinishCall(*call, frame, *message, frame.shortage);
  const auto fields = FieldsOf(*message->reply, call->reply());
  std::string field;
  const auto slots = Decode(frame, *message->reply, fields, &field);
  std::error_code error;
  if (!slots) {
    error = slots.error();
  } else if (const auto arrived = memory_->Arrive(*slots, std::move(frame.handles)); !arrived) {
    error = arrived.error();
  }
  if (error == Cause::kPeerFault) {
    (void)Fault(error, "the reply to " + InField(message->name, field));
    error = Errc::kPeerFault;
  }
  FinishCall(*call, frame, *message, error);
}

void Channel::OnReject(Frame& frame) {
  Rejection rejection;
  void* const values[] = {&rejection.space, &rejection.value};
  const auto decoded = Decode(frame, kRejectTable, values);
  if (!decoded) return (void)Fault(decoded.error(), "REJECT");
  const wire::Message* message = nullptr;
  const auto call = TakeCall(frame.header, message);
  if (call != nullptr) FinishCall(*call, frame, *message, FromRejection(rejection));
}

void Channel::OnRelease(Frame& frame) {
  ShmemRelease release = {};
  void* const values[] = {&release.id.high, &release.id.low, &release.transfers};
  const auto decoded = Decode(frame, kReleaseTable, values);
  if (!decoded) return (void)Fault(decoded.error(), "RELEASE");
  if (const auto released = memory_->PeerReleased(release); !released) {
    (void)Fault(released.error(), "RELEASE");
  }
}

}  // namespace baton::internal
