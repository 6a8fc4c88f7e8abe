// Address space of this process that nobody can touch, and in which no other mapping can come to
// lie.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <baton/base/result.h>

namespace baton::platform {

std::size_t PageSize();

// `size` rounded up.
std::size_t WholePages(std::uint64_t size);

// What one page table maps, and what a table of such tables does: 2 MiB and 1 GiB with pages of
// 4 KiB. The kernel moves a range that begins at such an address, and is as long, as one entry.
std::size_t TableSpan();
std::size_t WideSpan();

// One or two ranges of the same length, one behind the other, and an inaccessible page on either
// side of all. Mapping something over a range is up to its user; it is unmapped with the rest.
class Reservation {
 public:
  // What a range holds after a call that was to replace it has failed.
  enum class Aftermath : std::uint8_t {
    kUntouched,  // the same as before
    kEmpty,      // it had been unmapped, and is reserved anew
    kLost,       // it had been unmapped, and something else may lie there: hands off
  };

  // `length` and `alignment` are multiples of the page size, the latter a power of two. `name`: of
  // the system call, for fault injection. Errors: the system's.
  static Result<Reservation> Make(const char* name, std::size_t length, std::size_t count,
                                  std::size_t alignment);

  Reservation(Reservation&& other) noexcept;
  Reservation& operator=(Reservation&&) = delete;
  ~Reservation();

  std::span<std::byte> range(std::size_t index) const {
    return all_.subspan(PageSize() + index * length_, length_);
  }

  // The ranges, and the page on either side.
  std::span<std::byte> all() const { return all_; }

  // To be asked before anything is mapped over a range: false if it is lost, and cannot be had
  // back. `was_lost`: it is had back, and is empty.
  bool Own(std::size_t index, bool& was_lost);

  // To be asked after a call that was to replace a range has failed: such calls unmap first, and
  // may find out then that they cannot go on. `is_open`: whether what was mapped is accessible.
  Aftermath AfterFailure(std::size_t index, bool is_open);

 private:
  Reservation(std::span<std::byte> all, std::size_t length) : all_(all), length_(length) {}

  std::span<std::byte> all_;
  std::size_t length_;
  std::array<bool, 2> lost_ = {};  // no more ours to unmap
};

}  // namespace baton::platform
