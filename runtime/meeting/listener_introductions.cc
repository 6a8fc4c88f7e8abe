// The half of ListenerCore that gets to know those who connect.
#include <algorithm>

#include <baton/platform/local_socket.h>
#include <baton/platform/state_point.h>

#include "runtime/meeting/listener_core.h"

namespace baton::internal {
namespace {

using Clock = std::chrono::steady_clock;

// As far as it goes: whoever is turned away may be gone, or not read.
void Refuse(const platform::Handle& socket, Verdict verdict) {
  const auto bytes = EncodeVerdict(verdict);
  (void)platform::SendSome(socket, bytes, {});
}

}  // namespace

void ListenerCore::Greet(platform::Handle socket) {
  auto peer = platform::IdentifyPeer(socket);
  if (!peer) {
    ++(peer.error() == Cause::kPeerGone ? statistics_.hung_up : statistics_.shortages);
    return Refuse(socket, Verdict::kNotAdmitted);
  }
  if (!IsAccepted(socket, peer->identity)) return;
  Read(std::make_shared<HalfOpen>(std::move(socket), *std::move(peer), executor_));
}

bool ListenerCore::IsAccepted(const platform::Handle& socket, const PeerIdentity& peer) {
  const auto turn_away = [&] {
    ++statistics_.not_accepted;
    Refuse(socket, Verdict::kNotAdmitted);
  };
  try {
    if (!options_.accept(peer)) {
      turn_away();
      return false;
    }
  } catch (...) {
    turn_away();
    throw;
  }
  return listener_.has_value();  // the filter may have closed it
}

// Not a byte more than the introduction: what follows is for the channel.
void ListenerCore::Read(const std::shared_ptr<HalfOpen>& connection) {
  while (connection->received < kIntroductionSize) {
    std::vector<platform::Handle> handles;
    const auto rest = std::span(connection->bytes).subspan(connection->received);
    const auto received = platform::ReceiveSome(connection->socket, rest, handles);
    if (!received) return ReadFailed(connection, received.error());
    if (*received == 0) return Drop(connection, statistics_.hung_up, Verdict::kNotAdmitted);
    if (!handles.empty()) {
      return Drop(connection, statistics_.no_introduction, Verdict::kNotAdmitted);
    }
    connection->received += *received;
  }
  Judge(connection);
}

void ListenerCore::ReadFailed(const std::shared_ptr<HalfOpen>& connection, std::error_code error) {
  if (error == std::errc::operation_would_block) return AwaitMore(connection);
  auto& counter = error == Cause::kPeerGone ? statistics_.hung_up : statistics_.shortages;
  Drop(connection, counter, Verdict::kNotAdmitted);
}

void ListenerCore::AwaitMore(const std::shared_ptr<HalfOpen>& connection) {
  if (!connection->watch.is_open() && !BecomeHalfOpen(connection)) return;
  connection->watch.async_wait(
      boost::asio::posix::stream_descriptor::wait_read,
      [this, connection, keep = KeepAlive()](boost::system::error_code error) mutable {
        const auto kept = keep.Take();
        // Not open: it was dropped when this was already on its way.
        if (!error && connection->watch.is_open()) Read(connection);
      });
}

bool ListenerCore::BecomeHalfOpen(const std::shared_ptr<HalfOpen>& connection) {
  boost::system::error_code error;
  connection->watch.assign(connection->socket.get(), error);
  if (error) {
    Drop(connection, statistics_.shortages, Verdict::kNotAdmitted);
    return false;
  }
  if (half_open_.size() >= options_.max_half_open) {
    const auto displaced = *ChooseDisplaced(half_open_);
    Drop(displaced, statistics_.displaced, Verdict::kNotAdmitted);
  }
  connection->deadline = Clock::now() + options_.introduction_deadline;
  half_open_.push_back(connection);
  WatchDeadlines();
  return true;
}

void ListenerCore::Judge(const std::shared_ptr<HalfOpen>& connection) {
  const auto introduction = DecodeIntroduction(connection->bytes);
  if (!introduction && introduction.error() == Rule::kWireVersion) {
    return Drop(connection, statistics_.wrong_version, Verdict::kVersion);
  }
  if (!introduction) {
    return Drop(connection, statistics_.no_introduction, Verdict::kNotAdmitted);
  }
  const auto& token = introduction->token;
  const bool is_known = token ? tokens_.Take(*token) : !options_.require_token;
  if (!is_known) return Drop(connection, statistics_.wrong_token, Verdict::kNotAdmitted);
  platform::StatePoint("introduction.heard");
  Forget(connection);
  ready_.push_back(connection);
  Deliver();
}

void ListenerCore::Drop(const std::shared_ptr<HalfOpen>& connection, std::uint64_t& counter,
                        Verdict verdict) {
  ++counter;
  Refuse(connection->socket, verdict);
  Forget(connection);
  connection->socket.Reset();
  connection->peer.death.Reset();
}

void ListenerCore::Forget(const std::shared_ptr<HalfOpen>& connection) {
  connection->StopWatching();
  std::erase(half_open_, connection);
  if (half_open_.empty()) deadline_.cancel();
}

void ListenerCore::WatchDeadlines() {
  if (watching_deadlines_ || half_open_.empty()) return;
  watching_deadlines_ = true;
  deadline_.expires_at(half_open_.front()->deadline);
  deadline_.async_wait([this, keep = KeepAlive()](boost::system::error_code error) mutable {
    const auto kept = keep.Take();
    watching_deadlines_ = false;
    if (!error) DropLate();
    WatchDeadlines();
  });
}

void ListenerCore::DropLate() {
  const auto now = Clock::now();
  while (!half_open_.empty() && half_open_.front()->deadline <= now) {
    const auto late = half_open_.front();
    Drop(late, statistics_.too_late, Verdict::kNotAdmitted);
  }
}

}  // namespace baton::internal
