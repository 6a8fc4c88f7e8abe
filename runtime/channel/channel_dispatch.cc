// The half of Channel that understands frames.
#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <utility>
#include <vector>

#include <baton/file_descriptor.h>
#include <baton/platform/state_point.h>
#include <baton/tainted.h>

#include "runtime/channel/channel.h"
#include "runtime/channel/channel_freezing.h"
#include "runtime/channel/channel_looking.h"
#include "runtime/channel/control_messages.h"
#include "runtime/wire/decoder.h"
#include "runtime/wire/flat_codec.h"
#include "runtime/wire/value_path.h"

namespace baton::internal {
namespace {

// A reply's values lie at the offsets of its rows.
template <class Pointer>
boost::container::small_vector<Pointer, 8> FieldsOf(const wire::Table& table, void* reply) {
  boost::container::small_vector<Pointer, 8> fields;
  for (const wire::Row& row : table.rows) {
    fields.push_back(static_cast<std::byte*>(reply) + row.offset);
  }
  return fields;
}

// The parameter of `message` that its handler has found to be invalid, if that can be told.
std::string InvalidParameterOf(const wire::Message& message) {
  const char* const name = TakeInvalid();
  const auto is_it = [name](const wire::Row& row) { return row.name == name; };  // one constant
  return std::ranges::any_of(message.parameters->rows, is_it) ? name : "";
}

// Those who get them now close them as they like.
void AcceptFiles(std::span<const wire::IncomingShmem> arrived) {
  for (const wire::IncomingShmem& one : arrived) {
    if (one.kind == wire::Kind::kFileDescriptor) static_cast<FileDescriptor*>(one.memory)->Accept();
  }
}

// Where it was, for close_detail().
std::string InField(const std::string& message, const std::string& field) {
  if (field.empty() || field.front() == ':') return message + field;
  return message + ", field " + field;
}

}  // namespace

void Channel::OnFrame(Frame& frame) {
  if (is_unresponsive_) [[unlikely]]
    PeerHasSpoken();
  platform::StatePoint("frame.taken");
  if (frame.header.kind == FrameKind::kHello) return OnHello(frame);
  if (!hello_received_) {
    (void)Fault(Rule::kHelloExpected, "something else came first");
    return;
  }
  if (frame.header.kind == FrameKind::kGoodbye) {
    goodbye_waits_ = !backlog_.empty();
    if (goodbye_waits_) return;
    return OnGoodbye();
  }
  // What the peer says about its memory also counts after we have closed; nothing else does.
  switch (frame.header.kind) {
    case FrameKind::kRelease:
    case FrameKind::kTaken: return OnTransfer(frame);
    case FrameKind::kKeep: return OnKeep(frame);
    default: break;
  }
  if (phase_ == Phase::kClosing) return;
  if (frame.header.lane == Lane::kData || IsAnswer(frame.header.kind)) ++counts_.messages_received;
  switch (frame.header.kind) {
    case FrameKind::kMessage:
      if (frame.header.actor != 0) return OnActorFrame(frame);
      return OnMessage(frame);
    case FrameKind::kReply: return OnReply(frame);
    case FrameKind::kReject: return OnReject(frame);
    case FrameKind::kPing: return OnPing(frame);
    case FrameKind::kPong: return OnPong(frame);
    case FrameKind::kAsk: return OnAsk(frame);
    case FrameKind::kUnmap: return ChannelFreezing(*this).OnUnmap(frame);
    case FrameKind::kUnmapped: return ChannelFreezing(*this).OnUnmapped(frame);
    case FrameKind::kConstruct:
    case FrameKind::kOpen:
    case FrameKind::kGone: return OnActorFrame(frame);
    case FrameKind::kHello:
    case FrameKind::kRelease:
    case FrameKind::kTaken:
    case FrameKind::kKeep:
    case FrameKind::kGoodbye: return;
  }
}

Result<std::vector<wire::IncomingShmem>> Channel::Decode(Frame& frame, const wire::Table& table,
                                                         std::span<void* const> values,
                                                         std::string* field,
                                                         std::vector<wire::IncomingActor>* actors) {
  if (frame.may_change) {
    if (table.flat.field_count != 0 && wire::DecodeFlat(table, frame.payload, values)) {
      return std::vector<wire::IncomingShmem>();
    }
    inbox_.MakePrivate(frame);
  }
  return wire::Decode(table, frame.payload, values, {version_, field, actors});
}

// --- Messages and questions of the peer's --------------------------------------------------------

void Channel::OnMessage(Frame& frame) {
  Incoming incoming(*this, frame.header.message, frame, actor_);
  ForgetHandlerFaults();
  Actor& actor = *actor_;
  const auto dispatched = DispatchMessage(actor.dispatch_, &actor, incoming, frame);
  const bool counted_already = incoming.taken_ == nullptr;  // Take failed and said why
  if (!dispatched && !counted_already) {
    HandlerFailed(dispatched.error(), *incoming.taken_, actor);
  }
}

Failure Channel::UnknownMessage(std::uint32_t message, const Actor* receiver) {
  const Actor& actor = receiver == nullptr ? *actor_ : *receiver;
  return FaultIn(std::string(actor.protocol_.name) + ": message id " + std::to_string(message),
                 Rule::kUnknownMessage);
}

// A handler begins, and has blamed nobody yet.
void Channel::ForgetHandlerFaults() {
  handler_fault_.clear();
  (void)TakeInvalid();
}

void Channel::HandlerFailed(std::error_code error, const wire::Message& message, Actor& receiver) {
  if (phase_ == Phase::kEnded) return;
  if (error == Errc::kTainted) {
    const std::string place = InField(message.name, InvalidParameterOf(message));
    (void)FaultIn(place + ": " + error.message(), Rule::kHandler);
    return;
  }
  if (error == Errc::kPeerFault && !handler_fault_.empty()) {
    const std::string words = std::exchange(handler_fault_, {});
    (void)FaultIn(message.name + (": " + words), Rule::kHandler);
    return;
  }
  ++counts_.handler_errors;
  if (ActorOf(receiver.place_.id) == &receiver) receiver.OnHandlerError(error);
}

// The number of a question: each larger than the last, and not too many without an answer. That of
// a constructor is the actor's, and has been looked at as such.
Result<void> Channel::CheckCall(const FrameHeader& header) {
  if (IsAboutMemory(header.kind)) {
    if (header.call != kLoanCall + last_peer_loan_ + 1) return Fail(Rule::kFrameHeader);
    ++last_peer_loan_;
  } else if (header.kind != FrameKind::kConstruct) {
    const bool is_next = header.call > last_peer_call_ && header.call < kLoanCall;
    if (!is_next) return Fail(Rule::kFrameHeader);
    last_peer_call_ = header.call;
  }
  // An answer counts until it has left: a peer that does not read has not received it.
  const std::size_t open = unanswered_ + queue_.answers();
  if (open >= kMaxUnansweredCalls) return Fail(Rule::kQuota);
  return {};
}

Result<void> Channel::Take(Frame& frame, const wire::Message& message,
                           std::span<void* const> values) {
  const FrameHeader& header = frame.header;
  if (!wire::Exists(message, version_)) {
    return FaultIn(std::string(message.name) + ": not in version " + std::to_string(version_),
                   Rule::kUnknownMessage);
  }
  const bool constructs = header.kind == FrameKind::kConstruct;
  const bool asks = IsQuestion(header);
  if ((message.reply != nullptr) != asks ||
      (message.role == wire::MessageRole::kConstructor) != constructs ||
      (header.flags & (kSync | kNested)) != (FlagsOf(message) & (kSync | kNested))) {
    return FaultIn(message.name, Rule::kFrameHeader);
  }
  if (asks && !frame.has_waited) {
    if (const auto call = CheckCall(header); !call) return FaultIn(message.name, call.error());
  }
  if (frame.shortage) return Refuse(message, header, frame.shortage);
  std::string field;
  std::vector<wire::IncomingActor> actors;
  const auto slots = Decode(frame, *message.parameters, values, &field, &actors);
  if (!slots) return FaultIn(InField(message.name, field), slots.error());
  if (!slots->empty() || !frame.handles.empty()) {
    const auto arrived = memory_->Arrive(*slots, std::move(frame.handles));
    if (!arrived && arrived.error() == Cause::kPeerFault) {
      field = wire::PathOf(*message.parameters, values, memory_->refused());
      return FaultIn(InField(message.name, field), arrived.error());
    }
    if (!arrived) return Refuse(message, header, arrived.error());
  }
  const auto arrived = ArriveActors(actors);
  if (arrived) {
    AcceptFiles(*slots);
    return {};
  }
  // A nested question may come before the news of an actor.
  const bool is_early = frame.is_early && arrived.error() == Rule::kUnknownActor;
  if (arrived.error() == Cause::kPeerFault && !is_early) {
    field = wire::PathOf(*message.parameters, values, refused_actor_);
    return FaultIn(InField(message.name, field), arrived.error());
  }
  ++counts_.messages_late;
  if (asks) RejectLate(header);
  return Fail(Errc::kActorGone);
}

// For a shortage of ours: the message is dropped, the channel goes on.
Failure Channel::Refuse(const wire::Message& message, const FrameHeader& header,
                        std::error_code shortage) {
  ++counts_.messages_refused;
  if (message.reply != nullptr) {
    ++unanswered_;
    Reject(message, QuestionOf(header), shortage, AskerOf(header));
  }
  if (Actor* const actor = ActorOf(header.actor)) actor->OnHandlerError(shortage);
  return Fail(shortage);
}

void Channel::Answer(const wire::Message& message, std::uint64_t call, void* reply,
                     std::uint32_t actor) {
  if (phase_ != Phase::kOpen || !actor_is_alive()) return;
  Actor* const answerer = ActorOf(actor);
  if (answerer == nullptr) return Reject(message, call, Errc::kActorGone, actor);
  FrameHeader header;
  header.actor = actor;
  header.lane = AnswerLane(message);
  header.kind = FrameKind::kReply;
  header.message = message.id;
  header.call = call;
  const auto values = FieldsOf<const void*>(*message.reply, reply);
  if (const auto queued = QueueMessage(message, header, *message.reply, values); !queued) {
    answerer->OnHandlerError(queued.error());
    return Reject(message, call, queued.error(), actor);
  }
  AnswerGiven(message);
}

void Channel::Reject(const wire::Message& message, std::uint64_t call, std::error_code reason,
                     std::uint32_t actor) {
  if (phase_ != Phase::kOpen || !actor_is_alive()) return;
  const bool constructs = IsConstructorCall(call);  // then the actor may never have been
  if (!constructs && ActorOf(actor) == nullptr) reason = Errc::kActorGone;  // whatever it would say
  const bool is_fault = reason == Errc::kPeerFault && !handler_fault_.empty();
  if (is_fault || reason == Errc::kTainted) return HandlerFailed(reason, message, *actor_);
  FrameHeader header;
  header.actor = actor;
  header.lane = AnswerLane(message);
  header.kind = FrameKind::kReject;
  header.message = message.id;
  header.call = call;
  const Rejection rejection = ToRejection(reason);
  const void* const values[] = {&rejection.space, &rejection.value};
  BATON_CHECK(QueueMessage(message, header, kRejectTable,
                           values));  // two numbers, and replies need no room
  AnswerGiven(message);
  if (constructs) ConstructorFailed(actor);
}

void Channel::AnswerGiven(const wire::Message& message) {
  --unanswered_;
  ++counts_.messages_sent;
  platform::StatePoint("answer.queued");
  message.is_sync ? Flush() : FlushUnlessHeldBack();  // somebody waits
}

// --- Answers to our questions --------------------------------------------------------------------

void Channel::OnReply(Frame& frame) {
  if (IsLoanCall(frame.header.call)) return OnLent(frame);
  const wire::Message* message = nullptr;
  std::error_code given_up;
  const auto call = TakeCall(frame.header, message, given_up);
  if (call == nullptr) return;
  if (frame.shortage) {
    return FinishCall(*call, frame, *message, given_up ? given_up : frame.shortage);
  }
  const auto fields = FieldsOf<void*>(*message->reply, call->reply());
  std::string field;
  std::vector<wire::IncomingActor> actors;
  const auto slots = Decode(frame, *message->reply, fields, &field, &actors);
  std::error_code error;
  if (!slots) {
    error = slots.error();
  } else if (const auto arrived = memory_->Arrive(*slots, std::move(frame.handles)); !arrived) {
    error = arrived.error();
    field = wire::PathOf(*message->reply, fields, memory_->refused());
  } else if (const auto known = ArriveActors(actors); !known) {
    error = known.error();
    field = wire::PathOf(*message->reply, fields, refused_actor_);
  }
  // The answer to a sync question may come before the news of an actor.
  if (message->is_sync && error == Rule::kUnknownActor) error = Errc::kActorGone;
  if (error == Cause::kPeerFault) {
    (void)FaultIn(InField(std::string(message->name) + ", reply", field), error);
    error = Errc::kPeerFault;
  }
  if (!error && !given_up) AcceptFiles(*slots);
  if (given_up) call->DropReply();
  FinishCall(*call, frame, *message, given_up ? given_up : error);
}

void Channel::OnReject(Frame& frame) {
  Rejection rejection;
  void* const values[] = {&rejection.space, &rejection.value};
  const auto decoded = Decode(frame, kRejectTable, values);
  if (!decoded) return (void)Fault(decoded.error(), "REJECT");
  const wire::Message* message = nullptr;
  std::error_code given_up;
  const auto call = TakeCall(frame.header, message, given_up);
  if (call == nullptr) return;
  const std::error_code reason = given_up ? given_up : FromRejection(rejection);
  if (IsLoanCall(frame.header.call)) return FinishLoan(call, *message, reason);
  FinishCall(*call, frame, *message, reason);
  if (IsConstructorCall(frame.header.call)) ConstructorFailed(frame.header.actor);
}

}  // namespace baton::internal
