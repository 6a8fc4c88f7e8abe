// A handle on its way to the peer with a frame: kept open until that frame has left.
#pragma once

#include <memory>
#include <utility>

#include <baton/platform/handle.h>

#include "runtime/shmem/shmem_record.h"

namespace baton::internal {

class Travelling {
 public:
  // The handle of shared memory, which must not go away meanwhile.
  Travelling(std::shared_ptr<ShmemRecord> memory) : memory_(std::move(memory)) {}
  // A duplicate of the sender's, who may close his own at once.
  explicit Travelling(platform::Handle own) : own_(std::move(own)) {}

  const platform::Handle& handle() const {
    return memory_ == nullptr ? own_ : memory_->memory().handle();
  }

 private:
  std::shared_ptr<ShmemRecord> memory_;
  platform::Handle own_;
};

}  // namespace baton::internal
