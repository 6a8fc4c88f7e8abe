// Anonymous memory that can be handed to another process, and its mapping into this one.
//
// The promises, whatever the system: backing reserved at creation; no name in any file system once
// it has been made; a size that nobody can change, or, where it cannot be sealed (is_sealed), pages
// that are covered with zeros when somebody has shrunk it under us (Mapping::is_damaged). So
// touching it never ends the process. memory_backend.h: what it is made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include <baton/base/result.h>
#include <baton/platform/handle.h>
#include <baton/platform/map_options.h>
#include <baton/platform/memory_backend.h>

namespace baton::platform {

class MappedPages;
class SharedMemory;
class TruncationGuard;

// Pages mapped into this process, unmapped when this goes away. An inaccessible page lies on either
// side; a forked child does not inherit the pages. The address of the bytes never changes, and
// until they are unmapped no other mapping of this process can come to lie there.
//
// Not thread-safe by itself; other threads may touch the bytes all the while.
class Mapping {
 public:
  Mapping();
  Mapping(Mapping&& other) noexcept;
  Mapping& operator=(Mapping&& other) noexcept;
  ~Mapping();

  // What the owner of the memory may touch; `size()` of the SharedMemory long. A touch right before
  // or behind it faults: SIGSEGV, or SIGBUS behind the end where pages are moved (256 KiB).
  // "Behind" begins with the next page, or with the next byte for Placement::kAtEnd.
  std::span<std::byte> bytes() const { return bytes_; }
  explicit operator bool() const { return !bytes_.empty(); }

  // The bytes, and what lies around them that nobody else's mapping can take and that faults.
  std::span<std::byte> reach() const;

  // Somebody has shrunk the memory, and this process has touched what was not there any more: all
  // of it reads as zeros since, and nobody else sees what is written. For good. Never for sealed
  // memory. Any thread.
  bool is_damaged() const;

  // From here on any access by this process through this mapping faults (SIGSEGV), in every build,
  // also by threads that are in the middle of it: once this has returned, nothing is written any
  // more. System calls that are given the address say EFAULT. The content stays. On failure the
  // mapping is as accessible as before. Does nothing with Revocation::kNone. Errors: the system's;
  // Rule::kHandleSize when it is damaged.
  //
  // Not reached are: pages that the kernel has pinned for a transfer that is under way (O_DIRECT,
  // io_uring, vmsplice), other mappings of the same memory, and other processes.
  Result<void> Revoke();

  // Makes a revoked mapping readable and writable again. On failure it stays revoked; may be tried
  // again. Errors: shortage (not_enough_memory); operation_not_permitted with Revocation::kUnmap
  // when somebody has sealed the memory against writing meanwhile; Rule::kHandleSize when it is
  // damaged.
  Result<void> Grant();

  // Of a mapping that is not revoked: takes its pages out of this process, whatever the revocation,
  // so that they do not stand in the way of whoever freezes the memory; the addresses stay
  // reserved. On failure all is as before. Other threads that touch the bytes meanwhile fault.
  Result<void> Withdraw();

  // After Withdraw: maps `memory` again at the same address, accessible. On failure it stays
  // withdrawn, which is good for nothing but its end. Errors: as of Grant with Revocation::kUnmap.
  Result<void> Restore(const SharedMemory& memory);

 private:
  friend class SharedMemory;
  Mapping(std::unique_ptr<MappedPages> pages, std::unique_ptr<TruncationGuard> guard,
          std::span<std::byte> bytes);

  std::span<std::byte> bytes_;
  std::unique_ptr<MappedPages> pages_;      // the system's side of it; null: nothing is mapped
  std::unique_ptr<TruncationGuard> guard_;  // goes before the pages; null: the memory is sealed
};

// One kernel object. Move-only owner of its handle.
class SharedMemory {
 public:
  // `name` shows in the system's lists (/proc/PID/maps); no secrets, cut to 200 bytes. `size` in
  // bytes, at least 1, need not be a multiple of the page size. Holds zeros. Errors:
  // std::errc::invalid_argument for size 0 or more than 2^47; the system's for shortage (no memory,
  // no space, too many files).
  static Result<SharedMemory> Create(std::string_view name, std::uint64_t size);

  // As Create, of this kind, whatever the process has chosen.
  static Result<SharedMemory> CreateOf(MemoryBackend backend, std::string_view name,
                                       std::uint64_t size);

  // As Create, but nothing backs it yet. For memory that another process is to use, which calls
  // Reserve first: whoever reserves bears the time and the memory.
  static Result<SharedMemory> CreateUnbacked(std::string_view name, std::uint64_t size);

  // Reserves what is not backed yet, as of memory that was made by CreateUnbacked, or has come from
  // a peer. Errors: the system's for shortage; operation_not_permitted.
  Result<void> Reserve() const;

  // Takes over a handle that came from a peer. Kind, size and the promise never to change its size
  // are asked of the kernel, not of the peer. Rule::kHandleKind, kHandleSize or kHandleSeals when
  // one of them does not hold; the handle is closed then. `unsealed`: whether it may do without the
  // promise.
  static Result<SharedMemory> Adopt(Handle handle, std::uint64_t announced_size,
                                    UnsealedMemory unsealed = UnsealedMemory::kAsWeMake);

  // As Create, but nobody can ever freeze it, which would end the writing of all others. For memory
  // that both sides go on writing, as rings are. (On Linux: F_SEAL_SEAL as well.)
  static Result<SharedMemory> CreateRing(std::string_view name, std::uint64_t size);

  // As Adopt, for memory made by CreateRing, of a size that only the kernel knows. Errors:
  // as for Adopt; Rule::kHandleSize for nothing or more than `max_size`, Rule::kHandleSeals also
  // when it could still be frozen.
  static Result<SharedMemory> AdoptRing(Handle handle, std::uint64_t max_size,
                                        UnsealedMemory unsealed = UnsealedMemory::kAsWeMake);

  // Maps the whole of it, readable and writable. Errors: the system's for shortage (memory, address
  // space, mappings; open files with Revocation::kUnmap); operation_not_permitted when it is sealed
  // against writing.
  Result<Mapping> Map(const MapOptions& options = {}) const;

  // Whether it still has its size, as far as can be told: asks the kernel where it is not sealed.
  // Errors: Rule::kHandleSize; the system's.
  Result<void> CheckSize() const;

  std::uint64_t size() const { return size_; }
  const Handle& handle() const { return handle_; }
  // Of memory that is going to be something else.
  Handle TakeHandle() && { return std::move(handle_); }

  // Nobody can change its size.
  bool is_sealed() const { return is_sealed_; }

 private:
  SharedMemory(Handle handle, std::uint64_t size, bool is_sealed)
      : handle_(std::move(handle)), size_(size), is_sealed_(is_sealed) {}

  Handle handle_;
  std::uint64_t size_;
  bool is_sealed_;
};

}  // namespace baton::platform
