// Where messages pass those who look at them. Inline, because while nobody does, each of these is
// the call that it is named after, a branch that is not taken, and probes (platform/probes.h).
#pragma once

#include "platform/probes.h"
#include "runtime/channel/channel.h"

namespace baton::internal {

inline Result<void> Channel::QueueMessage(const wire::Message& message, const FrameHeader& header,
                                          const wire::Table& table,
                                          std::span<const void* const> values) {
  if (SomebodyLooks()) [[unlikely]]
    return QueueSeen(message, header, table, values);
  auto queued = Queue(header, table, values);
  platform::ProbeSend(message.name, view_.number, queue_.last_sequence(header.lane), header.call);
  return queued;
}

inline Result<void> Channel::DispatchMessage(DispatchFunction dispatch, Actor* receiver,
                                             Incoming& incoming, const Frame& frame) {
  if (SomebodyLooks()) [[unlikely]]
    return DispatchSeen(dispatch, receiver, incoming, frame);
  auto dispatched = dispatch(receiver, incoming);
  platform::ProbeHandlerEnd(frame.header.message, view_.number, frame.header.call);
  return dispatched;
}

inline void Channel::HandlerBegins(const Frame& frame, const wire::Message& message,
                                   std::span<void* const> values) {
  const FrameHeader& header = frame.header;
  platform::ProbeReceive(message.name, view_.number, header.sequence, frame.payload.size());
  if (view_.handler != nullptr) [[unlikely]]
    TellHandler(frame, message, values);
  platform::ProbeHandlerBegin(message.name, view_.number, header.call);
}

inline void Channel::FinishCall(CallBase& call, const Frame& frame, const wire::Message& message,
                                std::error_code error) {
  platform::ProbeReceive(message.name, view_.number, frame.header.sequence, frame.payload.size());
  if (SomebodyLooks()) [[unlikely]]
    return FinishSeen(call, frame, message, error);
  call.Finish(error);
}

}  // namespace baton::internal
