// Shared memory that is an array of one type: `Shmem<float>` in the IDL.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>

#include <baton/base/result.h>
#include <baton/shmem.h>

namespace baton {

// A Shmem whose size is a multiple of sizeof(T), the sender's and the reader's (Rule::kElementSize)
// word for it. Everything that <baton/shmem.h> says holds: from a peer that is not trusted, copy
// what you branch on. An element is any number of its width, also of an enum; so it is never a
// bool, of which most bytes are none.
template <class T>
class TypedShmem {
  static_assert(std::is_trivially_copyable_v<T>, "the bytes are shared, not the objects");
  static_assert(!std::is_same_v<T, bool>, "the peer may write bytes that are no bool");

 public:
  TypedShmem() noexcept = default;

  // Takes over `shmem`, which must be owned. Errors, with `shmem` untouched: kEmptyShmem,
  // kAlreadySent, and kInvalidValue when its size is no multiple of sizeof(T).
  static Result<TypedShmem> From(Shmem&& shmem) {
    if (shmem.state() == ShmemState::kSent) return Fail(Errc::kAlreadySent);
    if (shmem.state() != ShmemState::kOwned) return Fail(Errc::kEmptyShmem);
    if (shmem.size() % sizeof(T) != 0) return Fail(Errc::kInvalidValue);
    TypedShmem typed;
    typed.shmem_ = std::move(shmem);
    return typed;
  }

  // The memory without its type; this handle is empty then.
  Shmem Release() { return std::move(shmem_); }

  // The memory; empty unless state() is kOwned.
  std::span<T> elements() {
    const auto bytes = shmem_.bytes();
    return {reinterpret_cast<T*>(bytes.data()), bytes.size() / sizeof(T)};
  }
  std::span<const T> elements() const {
    const auto bytes = shmem_.bytes();
    return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
  }

  std::size_t size() const { return elements().size(); }  // elements
  ShmemState state() const { return shmem_.state(); }
  ShmemId id() const { return shmem_.id(); }

 private:
  Shmem shmem_;  // and nothing else: the runtime takes a TypedShmem for a Shmem
};

static_assert(sizeof(TypedShmem<float>) == sizeof(Shmem));

}  // namespace baton
