#include "runtime/channel/channel_freezing.h"

#include <algorithm>
#include <utility>

#include "runtime/channel/control_messages.h"

namespace baton::internal {
namespace {

// Stands for UNMAP among the questions; the frame names no message.
constexpr wire::Message kUnmapMessage = {.name = "UNMAP",
                                         .id = 0,
                                         .parameters = &kReleaseTable,
                                         .reply = &wire::kNothing,
                                         .role = wire::MessageRole::kLoan};

void Finish(Freezing freezing, CallBase& call) {
  auto frozen = std::move(freezing).Finish();
  if (!frozen) return call.Finish(frozen.error());
  *static_cast<FrozenShmem*>(call.reply()) = *std::move(frozen);
  call.Finish({});
}

// However the question ends, answered, given up or with the channel: the memory is frozen then, or
// copied.
class UnmapCall final : public CallBase {
 public:
  UnmapCall(Freezing freezing, std::shared_ptr<CallBase> call)
      : freezing_(std::move(freezing)), call_(std::move(call)) {}

  void* reply() override { return nullptr; }
  void DropReply() override {}

 private:
  void OnFinished() override { internal::Finish(std::move(freezing_), *call_); }

  Freezing freezing_;
  const std::shared_ptr<CallBase> call_;
};

}  // namespace

void ChannelFreezing::Start(Shmem& shmem, const std::shared_ptr<CallBase>& call) {
  auto frozen = channel_.memory_->Freeze(shmem);
  if (frozen) {
    *static_cast<FrozenShmem*>(call->reply()) = *std::move(frozen);
    return call->Finish({});
  }
  const bool is_mapped = frozen.error() == Errc::kMappedElsewhere;
  if (!is_mapped && frozen.error() != Errc::kNeverFreezes) return call->Finish(frozen.error());
  const bool is_theirs_too = ShmemAccess::record(shmem)->transfers() > 0;
  const bool asks = is_mapped && is_theirs_too && channel_.CheckSend() && channel_.CheckCalls();
  using PeerWhoKnows = ShmemTable::PeerWhoKnows;
  auto freezing =
      channel_.memory_->BeginFreezing(shmem, asks ? PeerWhoKnows::kIsAsked : PeerWhoKnows::kIsTold);
  if (!freezing) return call->Finish(freezing.error());
  if (asks) return AskToUnmap(*std::move(freezing), call);
  internal::Finish(*std::move(freezing), *call);
}

void ChannelFreezing::AskToUnmap(Freezing freezing, const std::shared_ptr<CallBase>& call) {
  FrameHeader header;
  header.kind = FrameKind::kUnmap;
  header.call = kLoanCall + ++channel_.last_loan_;
  const ShmemId id = freezing.id();
  const std::uint64_t transfers = freezing.transfers();
  const void* const values[] = {&id.high, &id.low, &transfers};
  const auto encoded =
      channel_.encoder_.Encode(kReleaseTable, values, channel_.options_.max_message_bytes);
  BATON_CHECK(encoded);  // three numbers
  channel_.queue_.Push(header, encoded->bytes);
  auto asked = std::make_shared<UnmapCall>(std::move(freezing), call);
  channel_.calls_.emplace(header.call, PendingCall{&kUnmapMessage, std::move(asked), 0, {}});
  call->Sent(channel_.weak_from_this(), header.call);
  const auto deadline = std::clamp(channel_.options_.unmap_deadline, {}, kLongestWait);
  channel_.GiveUpCallAt(header.call, Clock::now() + deadline);
  channel_.Flush();
}

void ChannelFreezing::OnUnmap(Frame& frame) {
  const FrameHeader header = frame.header;
  ShmemRelease memory = {};
  void* const values[] = {&memory.id.high, &memory.id.low, &memory.transfers};
  const auto decoded = channel_.Decode(frame, kReleaseTable, values);
  if (!decoded) return (void)channel_.Fault(decoded.error(), "UNMAP");
  if (const auto call = channel_.CheckCall(header); !call) {
    return (void)channel_.Fault(call.error(), "UNMAP");
  }
  if (const auto unmapped = channel_.memory_->PeerReleased(memory); !unmapped) {
    return (void)channel_.Fault(unmapped.error(), "UNMAP");
  }
  FrameHeader answer;
  answer.kind = FrameKind::kUnmapped;
  answer.call = header.call;
  channel_.queue_.Push(answer, {});
  channel_.Flush();  // somebody waits
}

void ChannelFreezing::OnUnmapped(Frame& frame) {
  const wire::Message* message = nullptr;
  std::error_code given_up;
  const auto call = channel_.TakeCall(frame.header, message, given_up);
  if (call != nullptr) channel_.FinishLoan(call, *message, given_up);
}

}  // namespace baton::internal
