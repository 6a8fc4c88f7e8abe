// Bits of the flags in the rows of a recording.
#pragma once

namespace memtrack {

// Of processes, of descriptors, of mappings, of claims. For ever.
enum : unsigned {
  kStopped = 1,
  kLeaderIsDead = 2,
  kReadable = 4,
  kCloseOnExec = 1,
  kWritableDescriptor = 2,
  kReadableMapping = 1,
  kWritableMapping = 2,
  kExecutable = 4,
  kPrivate = 8,
  kClaimKeepsAccess = 1,
  kClaimIsSteady = 2,
};

}  // namespace memtrack
