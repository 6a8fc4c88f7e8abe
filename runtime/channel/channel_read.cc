// The half of Channel that reads.
#include <boost/asio/post.hpp>

#include <baton/platform/local_socket.h>

#include "runtime/channel/channel.h"

namespace baton::internal {
namespace {

// A channel with more to read lets others on the same executor have their turn.
constexpr int kReceivesPerTurn = 16;

}  // namespace

void Channel::WaitReadable() {
  socket_watch_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                           [this, keep = KeepReading()](boost::system::error_code error) mutable {
                             const Keep kept = keep.Release();
                             if (!error) OnReadable();
                           });
}

// A grandchild that inherited the socket hides the hang-up; the process handle does not. What the
// peer sent before it died is read first.
void Channel::WatchPeerDeath() {
  if (!death_watch_.is_open()) return;
  death_watch_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                          [this, keep = KeepAlive()](boost::system::error_code error) {
                            if (!error && phase_ != Phase::kEnded) PeerIsGone();
                          });
}

// Whatever it sent is in the socket by now: read until that is empty, then end.
void Channel::PeerIsGone() {
  peer_gone_ = true;
  socket_watch_.cancel();
  PostReadable();
}

void Channel::PostReadable() {
  boost::asio::post(executor_, [this, keep = KeepReading()]() mutable {
    const Keep kept = keep.Release();
    OnReadable();
  });
}

void Channel::OnReadable() {
  if (reading_ || phase_ == Phase::kEnded) return;
  struct Reading {
    explicit Reading(bool& flag) : flag(flag) { flag = true; }
    ~Reading() { flag = false; }
    bool& flag;
  };
  try {
    const Reading reading(reading_);
    for (int turn = 0; turn < kReceivesPerTurn; ++turn) {
      const bool received = ReceiveOnce();
      if (received) DispatchBuffered();
      if (phase_ == Phase::kEnded) return;
      if (!received || (drained_ && !peer_gone_)) return WaitReadable();
    }
  } catch (...) {
    End(ActorDestroyReason::kAbnormalShutdown, std::make_error_code(std::errc::io_error),
        "a handler threw", Errc::kClosed);
    throw;
  }
  PostReadable();
}

bool Channel::ReceiveOnce() {
  const auto space = reader_.Space();
  const auto received = platform::ReceiveSome(socket_, space, reader_.incoming_handles());
  if (received && *received > 0) {
    // Less than there was room for: most likely that was all, and waiting asks the kernel anyway.
    drained_ = *received < space.size();
    bytes_received_ += *received;
    reader_.Commit(*received);
    return true;
  }
  if (!received && received.error() == std::errc::operation_would_block && !peer_gone_) {
    return false;
  }
  StreamEnded(received ? std::error_code() : received.error());
  return false;
}

// `error` is empty at the end of the stream.
void Channel::StreamEnded(std::error_code error) {
  const bool gone =
      !error || error == Cause::kPeerGone || error == std::errc::operation_would_block;
  if (error == Cause::kPeerFault) {
    (void)Fault(error, "handles were lost");
  } else if (phase_ == Phase::kClosing) {
    End(ActorDestroyReason::kNormalShutdown, gone ? std::error_code() : error, {}, Errc::kClosed);
  } else {
    const std::error_code reason = gone ? Errc::kPeerDied : error;
    const char* where = reader_.AtBoundary() ? "between two messages" : "inside a message";
    End(ActorDestroyReason::kAbnormalShutdown, reason, reason.message() + ", " + where,
        Errc::kPeerDied);
  }
}

void Channel::DispatchBuffered() {
  while (phase_ != Phase::kEnded) {
    auto frame = reader_.Next();
    if (!frame) {
      (void)Fault(frame.error(), "in the stream of frames");
      return;
    }
    if (!frame->has_value()) return;
    OnFrame(**frame);
  }
}

}  // namespace baton::internal
