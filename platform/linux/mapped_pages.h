// The pages behind a Mapping: where they lie in this process, how access to them is taken away, and
// how it is given back. One class per way of doing that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include <baton/base/result.h>
#include <baton/platform/handle.h>
#include <baton/platform/map_options.h>

#include "platform/linux/reservation.h"

namespace baton::platform {

class MappedPages {
 public:
  virtual ~MappedPages() = default;

  // All pages of the object, and nothing else.
  virtual std::span<std::byte> pages() const = 0;
  // The pages, and what lies around them and faults when it is touched.
  virtual std::span<std::byte> reach() const { return pages(); }

  // What is one area to the kernel: these, and what may follow them.
  virtual std::span<std::byte> area() const { return pages(); }
  // As those of Mapping. Doing again what is done already is no error.
  virtual Result<void> Revoke() = 0;
  virtual Result<void> Grant() = 0;
  virtual Result<void> Withdraw() = 0;
  virtual Result<void> Restore(const Handle& object) = 0;
};

using PagesResult = Result<std::unique_ptr<MappedPages>>;

// Makes every page inaccessible where it is. Errors, of these all: the system's.
PagesResult MapInPlace(const Handle& object, std::uint64_t size);

// Moves the page tables to a second range of addresses and back; in place, when there is no room
// for two ranges.
PagesResult MapMovable(const Handle& object, std::uint64_t size);

// Unmaps the pages and keeps their addresses reserved. Keeps a duplicate of the handle.
PagesResult MapUnmappable(const Handle& object, std::uint64_t size);

// Never takes anything away.
PagesResult MapForGood(const Handle& object, std::uint64_t size);

// --- What they have in common -----------------------------------------------------------------

// Maps an object of `size` bytes over a reserved range, from its first byte on, readable and
// writable, and kept from forked children. The range may be longer: touching what lies behind the
// object's last page raises SIGBUS.
Result<void> MapOver(std::span<std::byte> range, const Handle& object, std::uint64_t size);

// Maps nothing over a range, where the object was accessible; it stays reserved. On failure the
// object is still there.
Result<void> Cover(Reservation& reservation, std::size_t index);

// MapOver, of a range that Cover was called for. On failure it is inaccessible.
Result<void> Uncover(Reservation& reservation, std::size_t index, const Handle& object,
                     std::uint64_t size);

// All of the range at once: it is one area for the kernel and stays one, so this happens wholly or
// not at all. `name`: of the system call, for fault injection.
Result<void> Protect(const char* name, std::span<std::byte> range, int protection);

}  // namespace baton::platform
