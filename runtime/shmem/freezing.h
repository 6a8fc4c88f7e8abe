// A Shmem on its way to frozen memory, while the peer is asked to let go of its mapping.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <baton/base/result.h>
#include <baton/frozen_shmem.h>

#include "runtime/shmem/frozen_record.h"
#include "runtime/shmem/shmem_record.h"

namespace baton::internal {

// Memory that has left the table of its channel and is on nobody's list but here. Move-only.
class Freezing {
 public:
  // `protocol`: of its channel, for reports.
  Freezing(std::shared_ptr<ShmemRecord> record, FrozenCharge charge, std::string protocol)
      : record_(std::move(record)), charge_(std::move(charge)), protocol_(std::move(protocol)) {}

  ShmemId id() const { return record_->id(); }
  std::uint64_t transfers() const { return record_->transfers(); }

  // Freezes it, or, when somebody still maps it writable, copies it into frozen memory of its own;
  // either way what it was is gone. Works after the end of the channel as well. Errors: the
  // system's, for shortage; operation_not_permitted where this process may make no memory.
  Result<FrozenShmem> Finish() &&;

  // Of memory that is frozen already.
  FrozenCharge TakeCharge() && { return std::move(charge_); }

 private:
  std::shared_ptr<ShmemRecord> record_;
  FrozenCharge charge_;
  std::string protocol_;
};

}  // namespace baton::internal
