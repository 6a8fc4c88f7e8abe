#include <baton/listener.h>

#include "runtime/meeting/listener_core.h"

namespace baton {

Result<Listener> Listener::Create(const boost::asio::any_io_executor& executor,
                                  ListenerOptions options) {
  BATON_TRY(auto core, internal::ListenerCore::Create(executor, std::move(options)));
  return Listener(std::move(core));
}

Listener& Listener::operator=(Listener&& other) noexcept {
  if (this != &other) {
    Close();
    core_ = std::move(other.core_);
  }
  return *this;
}

Listener::~Listener() {
  Close();
}

void Listener::Cancel() {
  core_->Cancel();
}

void Listener::Close() {
  if (core_ != nullptr) core_->Close();
}

Result<AdmissionToken> Listener::IssueToken() {
  return core_->tokens().Issue();
}

bool Listener::RevokeToken(const AdmissionToken& token) {
  return core_->tokens().Take(token);
}

ListenerStatistics Listener::statistics() const {
  return core_->statistics();
}

const boost::asio::any_io_executor& Listener::get_executor() const {
  return core_->executor();
}

namespace internal {

const boost::asio::any_io_executor& ExecutorOf(const ListenerCore& core) {
  return core.executor();
}

std::uint64_t NextAccept(ListenerCore& core) {
  return core.NextAccept();
}

void StartAccept(const std::shared_ptr<ListenerCore>& core, std::uint64_t number,
                 std::unique_ptr<MeetingCompletion> completion) {
  core->Accept(number, std::move(completion));
}

void CancelAccept(const std::weak_ptr<ListenerCore>& core, std::uint64_t number) {
  if (const auto self = core.lock()) self->CancelAccept(number);
}

}  // namespace internal
}  // namespace baton
