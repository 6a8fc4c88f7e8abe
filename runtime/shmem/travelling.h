// A handle on its way to the peer with a frame: kept open until that frame has left.
#pragma once

#include <memory>
#include <utility>

#include <baton/platform/handle.h>

#include "runtime/shmem/frozen_record.h"
#include "runtime/shmem/shmem_record.h"

namespace baton::internal {

class Travelling {
 public:
  // The handle of shared memory, which must not go away meanwhile.
  Travelling(std::shared_ptr<ShmemRecord> memory) : memory_(std::move(memory)) {}
  explicit Travelling(std::shared_ptr<const FrozenRecord> frozen) : frozen_(std::move(frozen)) {}
  // A duplicate of the sender's, who may close his own at once; or an end, which is passed on.
  explicit Travelling(platform::Handle own) : own_(std::move(own)) {}

  const platform::Handle& handle() const {
    if (frozen_ != nullptr) return frozen_->memory().handle();
    return memory_ == nullptr ? own_ : std::as_const(*memory_).memory().handle();
  }

  // An end is somebody else's now.
  void HasLeft() {
    if (own_.is_end()) own_.Accept();
  }

 private:
  std::shared_ptr<ShmemRecord> memory_;
  std::shared_ptr<const FrozenRecord> frozen_;
  platform::Handle own_;
};

}  // namespace baton::internal
