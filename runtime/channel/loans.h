// Memory that one side makes for the other, which may not make any: what is asked for, and what
// comes back. docs/wire-format.md, section 9.
//
// A question is an ASK on the control lane, its answer a REPLY or REJECT as any other's.
#pragma once

#include <cstdint>

#include <baton/file_descriptor.h>
#include <baton/internal/call_base.h>
#include <baton/wire/table.h>

namespace baton::internal {

// ASK: {size}, in bytes.
inline constexpr wire::Row kAskRows[] = {{"size", 0, 0, &wire::kUint64}};
inline constexpr wire::Table kAskTable = {"ASK", kAskRows};

// The answers: {memory}.
inline constexpr wire::Row kLentShmemRows[] = {{"memory", 0, 0, &wire::kShmem}};
inline constexpr wire::Table kLentShmemTable = {"LENT", kLentShmemRows};
inline constexpr wire::Row kLentUnsafeRows[] = {{"memory", 0, 0, &wire::kUnsafeShmem}};
inline constexpr wire::Table kLentUnsafeTable = {"LENT", kLentUnsafeRows};
inline constexpr wire::Row kLentRingRows[] = {{"memory", 0, 0, &wire::kFileDescriptor}};
inline constexpr wire::Table kLentRingTable = {"LENT", kLentRingRows};

// What may be asked for. A number stands where other frames have the hash of a message's name.
inline constexpr wire::Message kLoanOfShmem = {.name = "loan of a Shmem",
                                               .id = 1,
                                               .parameters = &kAskTable,
                                               .reply = &kLentShmemTable,
                                               .role = wire::MessageRole::kLoan};
inline constexpr wire::Message kLoanOfUnsafe = {.name = "loan of an UnsafeShmem",
                                                .id = 2,
                                                .parameters = &kAskTable,
                                                .reply = &kLentUnsafeTable,
                                                .role = wire::MessageRole::kLoan};
inline constexpr wire::Message kLoanOfRing = {.name = "loan of a ring",
                                              .id = 3,
                                              .parameters = &kAskTable,
                                              .reply = &kLentRingTable,
                                              .role = wire::MessageRole::kLoan};

// The same where whoever asks waits on its stack, and nothing is to be completed. On the wire there
// is no difference.
inline constexpr wire::Message kAwaitedShmem = wire::Sync(kLoanOfShmem);
inline constexpr wire::Message kAwaitedUnsafe = wire::Sync(kLoanOfUnsafe);

// Null when nothing of that number can be lent.
inline const wire::Message* FindLoan(std::uint32_t number) {
  switch (number) {
    case 1: return &kLoanOfShmem;
    case 2: return &kLoanOfUnsafe;
    case 3: return &kLoanOfRing;
    default: return nullptr;
  }
}

// Nobody waits for a ring: the channel takes it when it comes.
class RingCall final : public CallBase {
 public:
  void* reply() override { return &ring_; }
  void DropReply() override { ring_ = {}; }

 private:
  void OnFinished() override {}

  FileDescriptor ring_;
};

}  // namespace baton::internal
