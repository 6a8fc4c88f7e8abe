#include <baton/shmem.h>

#include "runtime/shmem/shmem_record.h"
#include "runtime/shmem/shmem_table.h"

namespace baton {

Shmem::Shmem(Shmem&& other) noexcept
    : record_(std::move(other.record_)), sent_(std::exchange(other.sent_, false)) {}

Shmem& Shmem::operator=(Shmem&& other) noexcept {
  if (this != &other) {
    const Shmem freed_now(std::move(*this));
    record_ = std::move(other.record_);
    sent_ = std::exchange(other.sent_, false);
  }
  return *this;
}

Shmem::~Shmem() {
  if (record_ == nullptr) return;
  if (const auto table = record_->table().lock()) table->Free(*record_);
}

std::span<std::byte> Shmem::bytes() {
  return record_ == nullptr ? std::span<std::byte>() : record_->bytes();
}

std::span<const std::byte> Shmem::bytes() const {
  return record_ == nullptr ? std::span<const std::byte>() : record_->bytes();
}

ShmemState Shmem::state() const {
  if (sent_) return ShmemState::kSent;
  return record_ == nullptr ? ShmemState::kEmpty : ShmemState::kOwned;
}

ShmemId Shmem::id() const {
  return record_ == nullptr ? ShmemId() : record_->id();
}

bool Shmem::is_damaged() const {
  return record_ != nullptr && record_->mapping().is_damaged();
}

UnsafeShmem::~UnsafeShmem() = default;

UnsafeShmem UnsafeShmem::Share() const {
  UnsafeShmem shared;
  shared.record_ = record_;
  return shared;
}

std::span<std::byte> UnsafeShmem::bytes() const {
  return record_ == nullptr ? std::span<std::byte>() : record_->bytes();
}

ShmemState UnsafeShmem::state() const {
  return record_ == nullptr ? ShmemState::kEmpty : ShmemState::kShared;
}

bool UnsafeShmem::is_damaged() const {
  return record_ != nullptr && record_->mapping().is_damaged();
}

ShmemId UnsafeShmem::id() const {
  return record_ == nullptr ? ShmemId() : record_->id();
}

}  // namespace baton
