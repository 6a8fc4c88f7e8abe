// The part of Channel that tells those who look at it.
#include <atomic>
#include <utility>
#include <vector>

#include <baton/platform/entropy.h>

#include "platform/probes.h"
#include "runtime/channel/channel.h"
#include "runtime/channel/control_messages.h"
#include "runtime/looking/shared_bytes.h"

namespace baton::internal {
namespace {

Moment Now() {
  return std::chrono::steady_clock::now();
}

std::uint64_t NewNumber() {
  static std::atomic<std::uint64_t> last = 0;
  return ++last;
}

// Never 0. Not a secret: it need only differ from those of other channels.
std::uint64_t NewFlow() {
  std::uint64_t flow = 0;
  if (!platform::FillRandom(std::as_writable_bytes(std::span(&flow, 1)))) return 0;
  return flow | 1;
}

std::uint64_t FlowOf(std::uint64_t first, Lane lane, std::uint64_t sequence) {
  if (first == 0) return 0;
  return lane == Lane::kData ? first + sequence : first - sequence;
}

// A reply's values lie at the offsets of its rows.
std::vector<const void*> ValuesOf(const wire::Table& table, const void* reply) {
  std::vector<const void*> values;
  for (const wire::Row& row : table.rows) {
    values.push_back(static_cast<const std::byte*>(reply) + row.offset);
  }
  return values;
}

bool IsWanted(const Lookers& lookers, const wire::Message& message) {
  return lookers.log != nullptr && lookers.log->Wants(message.name);
}

// A carried payload counts by its own size; its frame holds that size.
std::uint64_t PayloadBytes(std::uint64_t pushed) {
  const std::uint64_t payload = pushed - kFrameHeaderSize;
  return payload > kMaxStreamPayload ? payload - kCarriedPayload : payload;
}

}  // namespace

// One message while it is dispatched. The slice ends with this, also when the handler throws.
struct HandlerView {
  explicit HandlerView(ChannelView& view)
      : view(view), outer(std::exchange(view.handler, this)), lookers(CurrentLookers()) {}
  HandlerView(const HandlerView&) = delete;
  HandlerView& operator=(const HandlerView&) = delete;
  ~HandlerView() {
    view.handler = outer;
    if (has_begun) lookers.trace->EndHandler(Now());
  }

  void Begin(const MessageSight& sight, bool is_wanted) {
    const Moment now = Now();
    if (is_wanted) lookers.log->Tell(sight, now);
    has_begun = lookers.trace != nullptr;
    if (has_begun) lookers.trace->BeginHandler(sight, now);
  }

  ChannelView& view;  // of a channel that its caller keeps alive
  HandlerView* const outer;
  const Lookers lookers;
  bool has_begun = false;
};

// --- Messages ------------------------------------------------------------------------------------

Result<void> Channel::QueueSeen(const wire::Message& message, const FrameHeader& header,
                                const wire::Table& table, std::span<const void* const> values) {
  TellQueue();
  const Lookers lookers = CurrentLookers();
  MessageSight sight = SightOf(message, header, true);
  sight.shared_bytes = SharedBytes(table, values);  // before they are gone
  const bool is_wanted = IsWanted(lookers, message);
  if (header.kind == FrameKind::kReject) {
    const Rejection rejection = {*static_cast<const std::uint8_t*>(values[0]),
                                 *static_cast<const std::int32_t*>(values[1])};
    sight.problem = FromRejection(rejection).message();
  } else if (is_wanted) {
    sight.values = PrintValues(table, values);
  }
  const Moment begin = Now();
  const std::uint64_t before = queue_.accepted_bytes();
  auto queued = Queue(header, table, values);
  platform::ProbeSend(message.name, view_.number, queue_.last_sequence(header.lane), header.call);
  if (queued) {
    sight.sequence = queue_.last_sequence(header.lane);
    sight.flow = FlowOf(view_.flow, header.lane, sight.sequence);
    sight.bytes = PayloadBytes(queue_.accepted_bytes() - before);
    if (lookers.trace != nullptr) lookers.trace->Send(sight, begin, Now());
  } else {
    sight.problem = "not sent: " + queued.error().message();
  }
  if (is_wanted) lookers.log->Tell(sight, begin);
  return queued;
}

Result<void> Channel::DispatchSeen(DispatchFunction dispatch, Actor* receiver, Incoming& incoming,
                                   const Frame& frame) {
  const std::uint64_t call = frame.header.call;
  const HandlerView handler(view_);
  auto dispatched = dispatch(receiver, incoming);
  platform::ProbeHandlerEnd(frame.header.message, view_.number, call);
  return dispatched;
}

void Channel::TellHandler(const Frame& frame, const wire::Message& message,
                          std::span<void* const> values) {
  HandlerView& handler = *view_.handler;
  const std::vector<const void*> read(values.begin(), values.end());
  MessageSight sight = SightOf(message, frame.header, false);
  sight.bytes = frame.payload.size();
  sight.shared_bytes = SharedBytes(*message.parameters, read);
  if (IsWanted(handler.lookers, message)) sight.values = PrintValues(*message.parameters, read);
  handler.Begin(sight, IsWanted(handler.lookers, message));
}

void Channel::FinishSeen(CallBase& call, const Frame& frame, const wire::Message& message,
                         std::error_code error) {
  HandlerView handler(view_);
  MessageSight sight = SightOf(message, frame.header, false);
  sight.bytes = frame.payload.size();
  if (error) {
    sight.problem = error.message();
  } else {
    const auto values = ValuesOf(*message.reply, call.reply());
    sight.shared_bytes = SharedBytes(*message.reply, values);
    if (IsWanted(handler.lookers, message)) sight.values = PrintValues(*message.reply, values);
  }
  handler.Begin(sight, IsWanted(handler.lookers, message));
  call.Finish(error);
}

ChannelName Channel::SeenName() const {
  return {actor_->protocol_.name, actor_->side_, view_.number};
}

MessageSight Channel::SightOf(const wire::Message& message, const FrameHeader& header,
                              bool is_sent) const {
  MessageSight sight = {.channel = SeenName(),
                        .message = message.name,
                        .kind = header.kind,
                        .is_sent = is_sent,
                        .call = header.call & ~kConstructorCall};
  if (is_sent) return sight;
  sight.sequence = header.sequence;
  sight.flow = FlowOf(view_.peer_flow, header.lane, header.sequence);
  return sight;
}

// --- The channel ---------------------------------------------------------------------------------

void Channel::TellBegin() {
  BeginLooking();
  view_.number = NewNumber();
  if (!SomebodyLooks()) return;
  const Lookers lookers = CurrentLookers();
  if (lookers.log != nullptr) lookers.log->Tell(SeenName(), "open", Now());
  if (lookers.trace == nullptr) return;
  view_.flow = NewFlow();
  lookers.trace->Instant("open", SeenName(), Now());
}

void Channel::TellEnd() {
  platform::ProbeClose(actor_->protocol_.name, view_.number, end_error_.value());
  if (!SomebodyLooks()) return;
  const Lookers lookers = CurrentLookers();
  std::string event = "closed";
  if (!end_detail_.empty()) {
    event += ": " + end_detail_;
  } else if (end_error_) {
    event += ": " + end_error_.message();
  } else if (phase_ != Phase::kEnded) {
    event += ": its actor or its io_context has gone";
  }
  if (lookers.log != nullptr) lookers.log->Tell(SeenName(), event, Now());
  if (lookers.trace == nullptr) return;
  lookers.trace->Instant(event, SeenName(), Now());
  lookers.trace->Flush();
}

// Nobody knows how long: what a trace has so far must not be lost meanwhile.
void Channel::TellRest() {
  if (!SomebodyLooks()) return;
  if (Trace* const trace = CurrentLookers().trace) trace->Flush();
}

void Channel::TellSleep() {
  platform::ProbeSleep(actor_->protocol_.name, view_.number, counts_.sleeps);
  if (!SomebodyLooks()) return;
  Trace* const trace = CurrentLookers().trace;
  if (trace == nullptr) return;
  trace->Instant("sleep", SeenName(), Now());
  trace->Flush();
}

void Channel::TellWake() {
  if (!SomebodyLooks()) return;
  if (Trace* const trace = CurrentLookers().trace) trace->Instant("wake", SeenName(), Now());
}

void Channel::TellQueue() {
  if (!SomebodyLooks() || !actor_is_alive()) return;
  const std::uint64_t bytes = queue_.data_bytes();
  if (bytes == view_.queued_bytes) return;
  Trace* const trace = CurrentLookers().trace;
  if (trace == nullptr) return;
  view_.queued_bytes = bytes;
  trace->Queue(SeenName(), bytes, Now());
}

}  // namespace baton::internal
