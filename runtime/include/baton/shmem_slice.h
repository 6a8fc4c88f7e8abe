// A Shmem of which a part is meant: `ShmemSlice` in the IDL.
//
//   auto message = ShmemSlice::Of(std::move(buffer), 64, length);   // checked here
//   SendShow(std::move(*message));                                  // the whole buffer goes over
//
//   void RecvShow(ShmemSlice part) {
//     Parse(part.bytes());                // checked by the reader before the handler runs
//     Shmem buffer = part.Release();      // the whole of it is ours now
//   }
//
// It owns all of the memory and moves as a Shmem does: one owner, and whoever has sent it can touch
// no byte of it any more. Offset and length say which bytes are meant, and are no fence: the peer
// can read and write the others as well. What must not be seen belongs into other memory.
//
// Threads: as <baton/shmem.h>.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include <baton/base/checked_slice.h>
#include <baton/base/result.h>
#include <baton/shmem.h>

namespace baton {

class ShmemSlice {
 public:
  ShmemSlice() noexcept = default;

  // Takes over `whole`, which must be owned. Errors, with `whole` untouched: kEmptyShmem,
  // kAlreadySent, and kSliceBounds when those bytes do not lie in it. A slice may be empty.
  static Result<ShmemSlice> Of(Shmem&& whole, std::uint64_t offset, std::uint64_t length) {
    if (whole.state() == ShmemState::kSent) return Fail(Errc::kAlreadySent);
    if (whole.state() != ShmemState::kOwned) return Fail(Errc::kEmptyShmem);
    if (!IsSlice(offset, length, whole.size())) return Fail(Errc::kSliceBounds);
    ShmemSlice slice;
    slice.whole_ = std::move(whole);
    slice.offset_ = offset;
    slice.length_ = length;
    return slice;
  }

  // All of the memory; this handle is empty then. What was sent stays sent.
  Shmem Release() {
    offset_ = length_ = 0;
    return std::move(whole_);
  }

  // The part that is meant; empty unless state() is kOwned.
  std::span<std::byte> bytes() {
    return CheckedSlice(whole_.bytes(), offset_, length_).value_or(std::span<std::byte>());
  }
  std::span<const std::byte> bytes() const {
    return CheckedSlice(whole_.bytes(), offset_, length_).value_or(std::span<const std::byte>());
  }

  // Bytes; 0 unless owned.
  std::uint64_t size() const { return bytes().size(); }
  std::uint64_t offset() const { return state() == ShmemState::kOwned ? offset_ : 0; }
  std::uint64_t whole_size() const { return whole_.size(); }

  ShmemState state() const { return whole_.state(); }
  ShmemId id() const { return whole_.id(); }  // of the whole

 private:
  friend class internal::ShmemSliceAccess;
  Shmem whole_;  // first: whoever looks for the memory of a message finds it at the slice's address
  std::uint64_t offset_ = 0;
  std::uint64_t length_ = 0;
};

}  // namespace baton
