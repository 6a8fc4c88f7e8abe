// The part of Channel that keeps received frames for later, and what becomes of them.
#include <utility>

#include "runtime/channel/channel.h"

namespace baton::internal {

// A question that waits is open, and counted as such, from here on.
void Channel::Hold(Frame& frame) {
  const bool asks = IsQuestion(frame.header);
  if (asks && !frame.has_waited) {
    if (const auto call = CheckCall(frame.header); !call) {
      return (void)Fault(call.error(), "a question that has to wait");
    }
  }
  if (asks) ++unanswered_;
  HeldFrame held(std::move(frame));
  held.frame().has_waited = true;
  backlog_.Push(std::move(held));
}

void Channel::DispatchHeld(HeldFrame held) {
  if (IsQuestion(held.header())) --unanswered_;
  OnFrame(held.frame());
  if (goodbye_waits_ && backlog_.empty()) {
    End(ActorDestroyReason::kNormalShutdown, {}, {}, Errc::kPeerClosed);
  }
}

}  // namespace baton::internal
