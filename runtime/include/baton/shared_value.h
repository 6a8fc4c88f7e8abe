// A value in unsafe shared memory that one side writes and everybody else reads, without a lock: a
// reader never sees half of one value and half of the next (a seqlock).
//
//   auto writer = baton::SharedValue<Pose>::At(unsafe, 0);   // one writer in one process
//   writer.value().Write(pose);
//
//   auto reader = baton::SharedValue<Pose>::At(unsafe, 0);
//   const auto pose = reader.value().Read(5ms);              // a copy
//
// Writing never waits. Reading tries again while a value is being written. A writer that is hostile
// can have a reader get any value, or none in time; what is read is checked as all that is a
// peer's.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <system_error>
#include <type_traits>
#include <utility>

#include <baton/base/checked_slice.h>
#include <baton/base/result.h>
#include <baton/shmem.h>

namespace baton {

template <class T>
class SharedValue {
  static_assert(std::is_trivially_copyable_v<T>, "the bytes are shared, not the object");
  using Word = std::uint64_t;
  static constexpr std::size_t kWords = (sizeof(T) + sizeof(Word) - 1) / sizeof(Word);

 public:
  // Bytes of the memory that belong to the value, which begin at a multiple of 8. Zeros, as in new
  // memory, are a value of zeros.
  static constexpr std::size_t kSize = sizeof(Word) * (1 + kWords);

  // Keeps the memory. Errors: kEmptyShmem; std::errc::invalid_argument when `offset` is no multiple
  // of 8 or the memory ends before the value does.
  static Result<SharedValue> At(const UnsafeShmem& shmem, std::uint64_t offset) {
    if (shmem.state() != ShmemState::kShared) return Fail(Errc::kEmptyShmem);
    const auto bytes = shmem.bytes();
    const auto place = CheckedSlice(bytes, offset, kSize);
    if (!place || offset % sizeof(Word) != 0) {
      return Fail(std::make_error_code(std::errc::invalid_argument));
    }
    return SharedValue(shmem.Share(), reinterpret_cast<Word*>(place->data()));
  }

  // By one thread at a time, of one process.
  void Write(const T& value) {
    std::array<Word, kWords> words = {};
    std::memcpy(words.data(), &value, sizeof(T));
    // Odd: being written. Whoever wrote before may have died there.
    const Word version = Version().load(std::memory_order_relaxed) | 1;
    Version().store(version, std::memory_order_relaxed);
    for (std::size_t at = 0; at < kWords; ++at) {
      At(at).store(words[at], std::memory_order_release);  // not before the version is odd
    }
    Version().store(version + 1, std::memory_order_release);
  }

  // A copy of the newest value, for up to `deadline` from now (0 or less: tries once). Any thread.
  // Errors: std::errc::timed_out when it was being written all the time, as by a writer that has
  // died there.
  Result<T> Read(std::chrono::milliseconds deadline) const {
    std::array<Word, kWords> words;
    if (!TryRead(words)) {
      const auto until = std::chrono::steady_clock::now() + deadline;
      while (!TryRead(words)) {
        if (std::chrono::steady_clock::now() >= until) {
          return Fail(std::make_error_code(std::errc::timed_out));
        }
      }
    }
    std::array<std::byte, sizeof(T)> bytes;
    std::memcpy(bytes.data(), words.data(), sizeof(T));
    return std::bit_cast<T>(bytes);
  }

 private:
  SharedValue(UnsafeShmem shmem, Word* words) : shmem_(std::move(shmem)), words_(words) {}

  bool TryRead(std::array<Word, kWords>& words) const {
    const Word before = Version().load(std::memory_order_acquire);
    if (before % 2 != 0) return false;
    // Acquire: what is read afterwards, the version among it, is no older than these.
    for (std::size_t at = 0; at < kWords; ++at) words[at] = At(at).load(std::memory_order_acquire);
    return Version().load(std::memory_order_relaxed) == before;
  }

  std::atomic_ref<Word> Version() const { return std::atomic_ref<Word>(*words_); }
  std::atomic_ref<Word> At(std::size_t at) const { return std::atomic_ref<Word>(words_[1 + at]); }

  UnsafeShmem shmem_;
  Word* words_;
};

}  // namespace baton
