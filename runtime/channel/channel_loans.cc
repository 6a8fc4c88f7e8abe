// The part of Channel that has memory made by the peer, and makes it for the peer.
//
//   asker                                              lender
//   AllocShmem -> AskForMemory --ASK, control lane--> OnAsk -> ShmemTable::Lend
//   OnLent -> ShmemTable::ArriveLent <--REPLY, handle-- Lend
//
// Questions are numbered, bounded, given up and answered late as all others (channel_calls.cc).
#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include <baton/platform/state_point.h>

#include "runtime/channel/channel.h"
#include "runtime/channel/control_messages.h"
#include "runtime/channel/loans.h"
#include "runtime/shmem/record_labels.h"

namespace baton::internal {
namespace {

template <class Memory>
constexpr bool kIsSafe = std::is_same_v<Memory, Shmem>;

template <class Memory>
Result<Memory> Make(ShmemTable& table, std::uint64_t size, ShmemUse use) {
  if constexpr (kIsSafe<Memory>) {
    return table.Allocate(size, use);
  } else {
    return table.AllocateUnsafe(size);
  }
}

template <class Memory>
Result<void> MakeInto(ShmemTable& table, std::uint64_t size, void* into) {
  BATON_TRY(*static_cast<Memory*>(into), Make<Memory>(table, size, ShmemUse::kOrdinary));
  return {};
}

}  // namespace

bool Channel::IsNotPermitted(std::error_code error) {
  return error == std::errc::operation_not_permitted || error == std::errc::permission_denied ||
         error == std::errc::function_not_supported;
}

// --- Ours ----------------------------------------------------------------------------------------

bool Channel::AsksInstead(std::error_code refusal) const {
  return options_.memory_from == MemorySource::kPeerWhenRefused && IsNotPermitted(refusal);
}

template <class Memory>
Result<Memory> Channel::MakeOrBorrow(std::uint64_t size, const wire::Message& message,
                                     ShmemUse use) {
  if (options_.memory_from != MemorySource::kPeer) {
    auto made = Make<Memory>(*memory_, size, use);
    if (made || !AsksInstead(made.error())) return made;
  }
  BATON_CHECKED(CheckSend());
  const Keep keep = KeepAlive();
  const auto call = std::make_shared<SyncCall<Memory>>();
  const auto deadline = std::clamp(options_.memory_deadline, {}, kLongestWait);
  SyncWait wait(wait_, *call, Clock::now() + deadline, false);
  BATON_TRY(const std::uint64_t number, AskForMemory(message, size, call));
  BATON_CHECKED(AwaitAnswer(wait, number, call));
  return std::move(call->value);
}

Result<Shmem> Channel::AllocShmem(std::uint64_t size, ShmemUse use) {
  const bool is_borrowed = options_.memory_from == MemorySource::kPeer;  // who has it anyway
  if (use != ShmemUse::kSurvivable || is_borrowed) {
    return MakeOrBorrow<Shmem>(size, kAwaitedShmem, use);
  }
  BATON_CHECKED(CheckSend());
  if (queue_.control_frames() >= kMostControlWaiting) return Fail(Errc::kWouldBlock);
  auto shmem = memory_->AllocateKept(size);
  if (!shmem && AsksInstead(shmem.error())) return MakeOrBorrow<Shmem>(size, kAwaitedShmem, use);
  if (!shmem) return shmem;
  const ShmemId id = shmem->id();
  const void* const values[] = {&id.high, &id.low, &size};
  std::vector<Travelling> handle;
  handle.emplace_back(ShmemAccess::record(*shmem));
  QueueControl(FrameKind::kKeep, &kKeepTable, values, std::move(handle));
  platform::StatePoint("keep.queued");
  Flush();
  return shmem;
}

Result<UnsafeShmem> Channel::AllocUnsafeShmem(std::uint64_t size) {
  return MakeOrBorrow<UnsafeShmem>(size, kAwaitedUnsafe, ShmemUse::kOrdinary);
}

void Channel::StartAllocation(ShmemKind kind, std::uint64_t size,
                              const std::shared_ptr<CallBase>& call) {
  const bool is_safe = kind == ShmemKind::kSafe;
  if (options_.memory_from != MemorySource::kPeer) {
    const auto made = is_safe ? MakeInto<Shmem>(*memory_, size, call->reply())
                              : MakeInto<UnsafeShmem>(*memory_, size, call->reply());
    if (made) return call->Finish({});
    if (!AsksInstead(made.error())) return call->Finish(made.error());
  }
  const auto asked = AskForMemory(is_safe ? kLoanOfShmem : kLoanOfUnsafe, size, call);
  if (!asked) return call->Finish(asked.error());
  call->Sent(weak_from_this(), *asked);
  const auto deadline = std::clamp(options_.memory_deadline, {}, kLongestWait);
  GiveUpCallAt(*asked, Clock::now() + deadline);
  Flush();
}

// Returns the question's number. There must be room for the answer, as far as this side knows.
Result<std::uint64_t> Channel::AskForMemory(const wire::Message& message, std::uint64_t size,
                                            std::shared_ptr<CallBase> call) {
  BATON_CHECKED(CheckSend());
  BATON_CHECKED(memory_->CheckRoom(size));
  BATON_CHECKED(CheckCalls());
  QueueTransfers();  // what was freed before makes room there
  FrameHeader header;
  header.kind = FrameKind::kAsk;
  header.message = message.id;
  header.call = kLoanCall + ++last_loan_;
  const void* const values[] = {&size};
  const auto encoded = encoder_.Encode(kAskTable, values, options_.max_message_bytes);
  BATON_CHECK(encoded);  // one number
  queue_.Push(header, encoded->bytes);
  ++counts_.messages_sent;
  PendingCall pending = {&message, std::move(call), 0, {}};
  pending.asked = size;
  calls_.emplace(header.call, std::move(pending));
  return header.call;
}

// Where this side could make none, or is not to. Until the answer has come, and after a refusal,
// all of this direction goes by the stream.
void Channel::AskForRing() {
  const bool wants_it = options_.ring_bytes != 0 && outgoing_ring_ == std::nullopt;
  if (!wants_it || options_.memory_from == MemorySource::kSelf || phase_ != Phase::kOpen) return;
  const std::uint64_t size = RingMemorySize(options_.ring_bytes);
  if (AskForMemory(kLoanOfRing, size, std::make_shared<RingCall>())) Flush();
}

void Channel::OnLent(Frame& frame) {
  const auto found = calls_.find(frame.header.call);
  const std::uint64_t asked = found == calls_.end() ? 0 : found->second.asked;
  const wire::Message* message = nullptr;
  std::error_code given_up;
  const auto call = TakeCall(frame.header, message, given_up);
  if (call == nullptr) return;
  std::error_code error;
  if (const auto taken = TakeLent(frame, *message, asked, call->reply()); !taken) {
    error = taken.error();
  }
  if (error == Cause::kPeerFault) {
    (void)Fault(error, message->name);
    error = Errc::kPeerFault;
  }
  if (given_up) call->DropReply();
  FinishLoan(call, *message, given_up ? given_up : error);
}

// What was asked for, new, and nothing else.
Result<void> Channel::TakeLent(Frame& frame, const wire::Message& message, std::uint64_t asked,
                               void* into) {
  if ((frame.header.flags & kCarried) != 0) return Fail(Rule::kFrameHeader);
  void* const values[] = {into};
  BATON_TRY(const auto slots, Decode(frame, *message.reply, values));
  BATON_CHECK(slots.size() == 1);  // a field that cannot be absent
  if (message.id != kLoanOfRing.id) {
    return memory_->ArriveLent(slots.front(), std::move(frame.handles), asked);
  }
  BATON_CHECKED(memory_->Arrive(slots, std::move(frame.handles)));
  return TakeLentRing(std::move(*static_cast<FileDescriptor*>(into)), asked);
}

Result<void> Channel::TakeLentRing(platform::Handle ring, std::uint64_t asked) {
  BATON_TRY(auto memory,
            platform::SharedMemory::AdoptRing(std::move(ring), asked, options_.unsealed_memory));
  if (memory.size() != asked) return Fail(Rule::kHandleSize);
  BATON_TRY(outgoing_memory_, memory.Map({.revocation = platform::Revocation::kNone}));
  queue_.AttachRing(outgoing_ring_.emplace(outgoing_memory_.bytes()));
  return {};
}

// What is to be completed runs code of the user's: never inside of a wait, or of a handler.
void Channel::FinishLoan(const std::shared_ptr<CallBase>& call, const wire::Message& message,
                         std::error_code error) {
  if (message.is_sync) return call->Finish(error);
  boost::asio::post(executor_, [call, error] { call->Finish(error); });
}

// --- The peer's ----------------------------------------------------------------------------------

// A dozen system calls each: one of these is enough for a turn.
void Channel::OnAsk(Frame& frame) {
  const FrameHeader header = frame.header;
  const wire::Message* const message = FindLoan(header.message);
  if (message == nullptr) {
    return (void)Fault(Rule::kUnknownMessage, "a loan of sort " + std::to_string(header.message));
  }
  std::uint64_t size = 0;
  void* const values[] = {&size};
  const auto decoded = Decode(frame, kAskTable, values);
  if (!decoded) return (void)Fault(decoded.error(), message->name);
  if (const auto call = CheckCall(header); !call) return (void)Fault(call.error(), message->name);
  turn_is_over_ = true;
  ++unanswered_;
  Result<void> lent = Fail(std::make_error_code(std::errc::operation_not_permitted));
  if (message->id == kLoanOfRing.id) {
    const bool may_be = inbox_.ring() == nullptr && IsRingMemorySize(size);
    if (!may_be) return (void)Fault(Rule::kRing, message->name);
    if (options_.lends_memory == LendsMemory::kToAnyone) lent = LendRing(header.call, size);
  } else if (options_.lends_memory == LendsMemory::kToAnyone) {
    lent = Lend(*message, header.call, size);
  }
  if (!lent) {
    const Rejection rejection = ToRejection(lent.error());
    const void* const reason[] = {&rejection.space, &rejection.value};
    BATON_CHECK(AnswerLoan(*message, header.call, FrameKind::kReject, kRejectTable,
                           reason));  // needs no room
  }
  --unanswered_;
  ++counts_.messages_sent;
  Flush();  // somebody waits
}

Result<void> Channel::Lend(const wire::Message& message, std::uint64_t call, std::uint64_t size) {
  const auto answer = [&](const void* memory) {
    return AnswerLoan(message, call, FrameKind::kReply, *message.reply, std::span(&memory, 1));
  };
  if (message.id == kLoanOfShmem.id) {
    BATON_TRY(Shmem memory, memory_->Lend(size));
    return answer(&memory);
  }
  BATON_TRY(UnsafeShmem memory, memory_->LendUnsafe(size));
  auto answered = answer(&memory);
  if (!answered) memory_->TakeBack(memory.id());
  return answered;
}

// This side reads from it from now on: the peer writes into it as soon as it has it.
Result<void> Channel::LendRing(std::uint64_t call, std::uint64_t size) {
  const std::string name = std::string("baton:") + actor_->protocol_.name + ":ring";
  BATON_TRY(auto memory, platform::SharedMemory::CreateRing(name, size));
  LabelRing(memory, actor_->protocol_.name);
  BATON_TRY(auto mapping, memory.Map({.revocation = platform::Revocation::kNone}));
  BATON_TRY(FileDescriptor ring, memory.handle().Duplicate());
  const void* const values[] = {&ring};
  BATON_CHECKED(AnswerLoan(kLoanOfRing, call, FrameKind::kReply, kLentRingTable, values));
  incoming_memory_ = std::move(mapping);
  inbox_.AttachRing(incoming_memory_.bytes());
  return {};
}

// Errors: there is no room for the answer, or the system's.
Result<void> Channel::AnswerLoan(const wire::Message& message, std::uint64_t call, FrameKind kind,
                                 const wire::Table& table, std::span<const void* const> values) {
  FrameHeader header;
  header.kind = kind;
  header.message = message.id;
  header.call = call;
  return Queue(header, table, values);
}

}  // namespace baton::internal
