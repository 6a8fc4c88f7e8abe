#include <baton/frozen_shmem.h>

#include "runtime/shmem/frozen_record.h"

namespace baton {

FrozenShmem::~FrozenShmem() = default;

FrozenShmem FrozenShmem::Share() const {
  FrozenShmem shared;
  shared.record_ = record_;
  return shared;
}

std::span<const std::byte> FrozenShmem::bytes() const {
  return record_ == nullptr ? std::span<const std::byte>() : record_->bytes();
}

ShmemState FrozenShmem::state() const {
  return record_ == nullptr ? ShmemState::kEmpty : ShmemState::kFrozen;
}

ShmemId FrozenShmem::id() const {
  return record_ == nullptr ? ShmemId() : record_->id();
}

}  // namespace baton
