// Windows: what shared_memory.h declares, made of sections. Not built yet (docs/porting.md); which
// calls each function is made of, and what they are known to get wrong.
//
// No system header is included: this is read by people, and compiled by a test on Linux.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include <baton/base/result.h>
#include <baton/platform/map_options.h>
#include <baton/platform/memory_backend.h>

#include "platform/windows/handle_value.h"

namespace baton::platform::windows {

// A section never changes its size. Frozen memory cannot be proved: whoever holds a view writes on.
inline constexpr BackendCapabilities kCapabilities = {
    .name = "Windows sections", .sealed = true, .freeze_is_proof = false, .is_anonymous = true};

// Rights to a section.
enum class SectionAccess : std::uint32_t { kQuery = 1, kMapWrite = 2, kMapRead = 4 };

// The sole owner of a handle: CloseHandle. CreateFileMapping fails with NULL, CreateFile with
// INVALID_HANDLE_VALUE: neither is owned.
class OwnedHandle {
 public:
  OwnedHandle() = default;
  explicit OwnedHandle(HandleValue value) : value_(value) {}
  OwnedHandle(OwnedHandle&& other) noexcept : value_(std::exchange(other.value_, 0)) {}
  OwnedHandle& operator=(OwnedHandle&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~OwnedHandle();

  HandleValue get() const { return value_; }
  explicit operator bool() const { return MayBeHandle(value_); }

 private:
  HandleValue value_ = 0;
};

class Section;

// What platform::Mapping is here: a view; UnmapViewOfFile at its end.
class Mapping {
 public:
  Mapping() = default;
  Mapping(Mapping&& other) noexcept;
  Mapping& operator=(Mapping&& other) noexcept;
  ~Mapping();

  // The view comes in whole pages; this is what was asked for.
  std::span<std::byte> bytes() const { return bytes_; }
  explicit operator bool() const { return !bytes_.empty(); }
  // With the placeholders on either side.
  std::span<std::byte> reach() const { return reach_; }
  // A section does not shrink.
  bool is_damaged() const { return false; }

  // VirtualProtect(PAGE_NOACCESS) of this view. A view of a handle for reading (FILE_MAP_READ)
  // cannot become writable by it.
  Result<void> Revoke();
  // VirtualProtect(PAGE_READWRITE).
  Result<void> Grant();
  // UnmapViewOfFile2(MEM_PRESERVE_PLACEHOLDER): the addresses stay reserved.
  Result<void> Withdraw();
  // MapViewOfFile3(MEM_REPLACE_PLACEHOLDER) there.
  Result<void> Restore(const Section& memory);

 private:
  std::span<std::byte> bytes_;
  std::span<std::byte> reach_;
};

class Section {
 public:
  // CreateFileMappingW(INVALID_HANDLE_VALUE, &attributes, PAGE_READWRITE | SEC_COMMIT, high, low,
  // NULL) with Split(size), and NULL for failure. `attributes` with an empty DACL
  // (SetSecurityDescriptorDacl(TRUE, &empty)): without one, whoever has a handle may duplicate it
  // with more rights. Then DuplicateHandle with FILE_MAP_READ | FILE_MAP_WRITE | SECTION_QUERY
  // alone and the original closed: sandboxes refuse handles that can write a DACL. SEC_COMMIT
  // reserves backing: ERROR_COMMITMENT_LIMIT is a shortage, also while the page file grows.
  // Unnamed, so `name` shows nowhere; before 8.1 unnamed sections ignore DACLs.
  static Result<Section> Create(std::string_view name, std::uint64_t size);

  // The handle is in this process already (FromMessage, then DuplicateHandle by the privileged
  // side, with the rights written out and never DUPLICATE_SAME_ACCESS). NtQueryObject: its type is
  // "Section" and its rights are as declared, else Rule::kHandleKind.
  // NtQuerySection(SectionBasicInformation): neither SEC_IMAGE nor SEC_RESERVE, which faults when
  // it is touched (kHandleKind); its size rounded up is RoundUp(announced_size, kPage), else
  // kHandleSize.
  static Result<Section> Adopt(OwnedHandle handle, std::uint64_t announced_size);

  // Guards: VirtualAlloc2(MEM_RESERVE_PLACEHOLDER) for a granule more on either side, split, and
  // MapViewOfFile3(MEM_REPLACE_PLACEHOLDER) in the middle; the offset in two halves. Once more
  // after ERROR_NOT_ENOUGH_MEMORY, when a reservation can be given up. A view is not inherited.
  // Revocation::kUnmap: UnmapViewOfFile2(MEM_PRESERVE_PLACEHOLDER); kMoved does not exist.
  Result<Mapping> Map(const MapOptions& options) const;

  // DuplicateHandle(FILE_MAP_READ | SECTION_QUERY). Never GENERIC_READ. Duplicating that one with
  // FILE_MAP_WRITE has to fail, which is tried.
  Result<OwnedHandle> ToReadOnly() const;

  std::uint64_t size() const { return size_; }

 private:
  OwnedHandle handle_;
  std::uint64_t size_ = 0;
};

}  // namespace baton::platform::windows
