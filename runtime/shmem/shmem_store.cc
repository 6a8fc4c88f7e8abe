#include <baton/actor.h>
#include <baton/shmem_store.h>

#include <utility>

#include "runtime/shmem/store_core.h"

namespace baton {

Result<std::shared_ptr<ShmemStore>> ShmemStore::Create(const boost::asio::any_io_executor& executor,
                                                       const ShmemStoreOptions& options) {
  return std::shared_ptr<ShmemStore>(
      new ShmemStore(std::make_shared<internal::StoreCore>(executor, options)));
}

ShmemStore::ShmemStore(std::shared_ptr<internal::StoreCore> core) : core_(std::move(core)) {}

ShmemStore::~ShmemStore() {
  core_->Close();
}

std::vector<ReturnedShmem> ShmemStore::TakeReturned() {
  return core_->TakeReturned();
}

Result<std::vector<ReturnedShmem>> ShmemStore::ReattachAll(Actor& actor) {
  std::vector<ReturnedShmem> returned = core_->TakeReturned();
  std::vector<ReturnedShmem> attached;
  std::vector<ReturnedShmem> refused;
  std::error_code error;
  for (ReturnedShmem& one : returned) {
    const auto done = actor.Attach(one.memory);
    if (!done) error = done.error();
    (done ? attached : refused).push_back(std::move(one));
  }
  core_->PutBack(std::move(refused));
  if (attached.empty() && error) return Fail(error);
  return attached;
}

ShmemStoreCensus ShmemStore::census() const {
  return core_->census();
}

std::size_t ShmemStore::LetGoOfOrphans() {
  return core_->LetGoOfOrphans();
}

namespace internal {

const boost::asio::any_io_executor& ExecutorOf(const StoreCore& core) {
  return core.executor();
}

std::uint64_t NextReturned(StoreCore& core) {
  return core.NextNumber();
}

void StartReturned(const std::shared_ptr<StoreCore>& core, std::uint64_t number,
                   std::unique_ptr<ReturnedCompletion> completion) {
  core->Wait(number, std::move(completion));
}

void CancelReturned(const std::weak_ptr<StoreCore>& core, std::uint64_t number) {
  if (const auto locked = core.lock()) locked->Cancel(number);
}

}  // namespace internal
}  // namespace baton
