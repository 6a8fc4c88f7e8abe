#include <baton/child_supervisor.h>

#include "runtime/supervise/supervisor_core.h"

namespace baton {

Result<ChildSupervisor> ChildSupervisor::Create(const boost::asio::any_io_executor& executor,
                                                SupervisorOptions options) {
  BATON_TRY(auto launcher, platform::Launcher::Start());
  return ChildSupervisor(std::make_shared<internal::SupervisorCore>(std::move(launcher), executor,
                                                                    std::move(options)));
}

ChildSupervisor& ChildSupervisor::operator=(ChildSupervisor&& other) noexcept {
  if (this != &other) {
    const ChildSupervisor ended_now(std::move(*this));
    core_ = std::move(other.core_);
  }
  return *this;
}

ChildSupervisor::~ChildSupervisor() {
  if (core_ != nullptr) core_->End();
}

void ChildSupervisor::Kill() {
  core_->Kill();
}

void ChildSupervisor::Stop() {
  core_->Stop();
}

Incarnation ChildSupervisor::incarnation() const {
  return core_->incarnation();
}

bool ChildSupervisor::is_running() const {
  return core_->is_running();
}

const boost::asio::any_io_executor& ChildSupervisor::get_executor() const {
  return core_->executor();
}

namespace internal {

const boost::asio::any_io_executor& ExecutorOf(const SupervisorCore& core) {
  return core.executor();
}

std::uint64_t NextNext(SupervisorCore& core) {
  return core.NextNext();
}

void StartNext(const std::shared_ptr<SupervisorCore>& core, std::uint64_t number,
               std::unique_ptr<ChildEventCompletion> completion) {
  core->Next(number, std::move(completion));
}

void CancelNext(const std::weak_ptr<SupervisorCore>& core, std::uint64_t number) {
  if (const auto self = core.lock()) self->CancelNext(number);
}

}  // namespace internal
}  // namespace baton
