#include "runtime/meeting/connector.h"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include <baton/platform/local_listener.h>
#include <baton/platform/local_socket.h>
#include <baton/platform/state_point.h>

#include "runtime/meeting/asio_error.h"

namespace baton::internal {
namespace {

constexpr std::chrono::milliseconds kLongestRetry{50};

ConnectOptions Sensible(ConnectOptions options) {
  if (options.accept == nullptr) options.accept = IsSameUser;
  return options;
}

// Gives the parts to whoever runs the io_context that it was made for.
class BlockingCompletion final : public MeetingCompletion {
 public:
  explicit BlockingCompletion(Result<EndpointParts>& result) : result_(result) {}

  void Run(boost::system::error_code error, MetParts parts) override {
    if (error) {
      result_ = Fail(error);
    } else {
      result_ = std::move(parts.endpoint);
    }
  }

 private:
  Result<EndpointParts>& result_;
};

}  // namespace

Connector::Connector(const boost::asio::any_io_executor& executor, ConnectOptions options)
    : executor_(executor),
      options_(Sensible(std::move(options))),
      deadline_(executor_),
      retry_(executor_),
      watch_(executor_) {}

void Connector::Start(std::unique_ptr<MeetingCompletion> completion) {
  completion_ = std::move(completion);
  deadline_.expires_after(options_.deadline);
  deadline_.async_wait(
      [this, keep = Keep(shared_from_this())](boost::system::error_code error) mutable {
        const auto kept = keep.Take();
        if (!error) Finish(std::make_error_code(std::errc::timed_out));
      });
  // The filter runs on the executor, too.
  boost::asio::post(executor_, [this, keep = Keep(shared_from_this())]() mutable {
    const auto kept = keep.Take();
    Try();
  });
}

void Connector::Cancel() {
  Finish(boost::system::error_code(boost::asio::error::operation_aborted));
}

void Connector::Try() {
  if (completion_ == nullptr) return;
  auto socket = platform::ConnectLocal(options_.address);
  if (!socket) {
    return IsWorthRetrying(socket.error()) ? RetryLater() : Finish(socket.error());
  }
  try {
    const auto introduced = Introduce(*std::move(socket));
    return introduced ? OnReadable() : Finish(introduced.error());
  } catch (...) {  // by the filter
    Finish(std::make_error_code(std::errc::permission_denied));
    throw;
  }
}

// A full backlog empties; a listener may come.
bool Connector::IsWorthRetrying(std::error_code error) const {
  if (error == std::errc::operation_would_block) return true;
  return options_.wait_for_listener &&
         (error == std::errc::no_such_file_or_directory || error == std::errc::connection_refused);
}

void Connector::RetryLater() {
  retry_.expires_after(retry_after_);
  retry_after_ = std::min(2 * retry_after_, kLongestRetry);
  retry_.async_wait([self = shared_from_this()](boost::system::error_code) { self->Try(); });
}

Result<void> Connector::Introduce(platform::Handle socket) {
  BATON_TRY(auto listener, platform::IdentifyPeer(socket));
  if (!options_.accept(listener.identity)) {
    return Fail(std::make_error_code(std::errc::permission_denied));
  }
  parts_ = {{std::move(socket), std::move(listener.death)}, listener.identity};
  parts_.endpoint.identity = listener.identity;
  const auto bytes = EncodeIntroduction({options_.token});
  const auto sent = platform::SendSome(parts_.endpoint.socket, bytes, {});
  // Whoever has hung up may have told us why.
  if (!sent && sent.error() != Cause::kPeerGone) return Fail(sent.error());
  if (sent && *sent != bytes.size()) return Fail(std::make_error_code(std::errc::io_error));
  platform::StatePoint("introduction.said");
  boost::system::error_code error;
  watch_.assign(parts_.endpoint.socket.get(), error);
  if (error) return Fail(error);
  return {};
}

void Connector::AwaitVerdict() {
  watch_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                    [self = shared_from_this()](boost::system::error_code error) {
                      if (!error) self->OnReadable();
                    });
}

void Connector::OnReadable() {
  if (completion_ == nullptr) return;
  const auto complete = ReadVerdict();
  if (!complete) return Finish(complete.error());
  if (!*complete) return AwaitVerdict();
  const auto verdict = DecodeVerdict(verdict_);
  if (!verdict) return Finish(verdict.error());
  platform::StatePoint("verdict.heard");
  switch (*verdict) {
    case Verdict::kAdmitted: return Finish({});
    case Verdict::kNotAdmitted: return Finish(Errc::kNotAdmitted);
    case Verdict::kVersion: return Finish(Rule::kWireVersion);
  }
}

// Not a byte more than the verdict: what follows is for the channel.
Result<bool> Connector::ReadVerdict() {
  while (received_ < verdict_.size()) {
    std::vector<platform::Handle> handles;
    const auto rest = std::span(verdict_).subspan(received_);
    const auto received = platform::ReceiveSome(parts_.endpoint.socket, rest, handles);
    if (!received && received.error() == std::errc::operation_would_block) return false;
    if (!received && received.error() != Cause::kPeerGone) return Fail(received.error());
    if (!received || *received == 0) return Fail(Errc::kPeerDied);
    if (!handles.empty()) return Fail(Rule::kIntroduction);
    received_ += *received;
  }
  return true;
}

void Connector::Finish(std::error_code error) {
  if (completion_ == nullptr) return;
  if (watch_.is_open()) watch_.release();
  MetParts parts = std::exchange(parts_, {});
  if (error) parts = {};
  LetGo();
  boost::asio::post(executor_, [completion = std::move(completion_), error = ToAsioError(error),
                                parts = std::move(parts)]() mutable {
    completion->Run(error, std::move(parts));
  });
}

void Connector::LetGo() {
  deadline_.cancel();
  retry_.cancel();
  if (watch_.is_open()) watch_.release();
  parts_ = {};
}

void Connector::Abandon() {
  if (watch_.is_open()) watch_.release();
  parts_ = {};
  const auto dropped = std::move(completion_);  // may own whatever waits for it
}

std::shared_ptr<Connector> MakeConnector(const boost::asio::any_io_executor& executor,
                                         ConnectOptions options) {
  return std::make_shared<Connector>(executor, std::move(options));
}

void StartConnect(const std::shared_ptr<Connector>& connector,
                  std::unique_ptr<MeetingCompletion> completion) {
  connector->Start(std::move(completion));
}

void CancelConnect(const std::weak_ptr<Connector>& connector) {
  if (const auto self = connector.lock()) self->Cancel();
}

Result<EndpointParts> ConnectParts(ConnectOptions options) {
  Result<EndpointParts> result = Fail(Errc::kClosed);
  boost::asio::io_context io(1);
  const auto connector = std::make_shared<Connector>(io.get_executor(), std::move(options));
  connector->Start(std::make_unique<BlockingCompletion>(result));
  io.run();
  return result;
}

}  // namespace baton::internal
