// How shared memory is mapped: what becomes of the access of whoever hands it over, and where in
// the pages its bytes lie.
#pragma once

#include <cstdint>

namespace baton::platform {

// What Mapping::Revoke does. docs/shmem.md compares them.
enum class Revocation : std::uint8_t {
  // Access faults, the mapping stays. From 256 KiB on at a cost that does not grow with the size,
  // where the system can do that.
  kProtect,
  // The pages are unmapped, and mapped again by Grant: slow, and the first touches fault. Nothing
  // of this process stands in the way of whoever wants to freeze the memory. Costs an open file.
  kUnmap,
  // Nothing. Whoever hands memory over may go on touching it: good manners are all there is.
  kNone,
};

// By which means kProtect takes access away.
enum class RevocationWay : std::uint8_t {
  kBySize,   // the cheaper one
  kInPlace,  // page by page: the cost grows with the size, and no address space is spent
  kMoved,    // the page tables are moved aside, whatever the size; kInPlace where that cannot be
};

// Where the bytes lie in the pages of the memory. All who map it have to choose alike, in all
// processes: it is the same pages that they see.
enum class Placement : std::uint8_t {
  kAtBeginning,  // the first byte is the first of a page
  // The last byte is the last of a page, so that a touch of the next one faults: for finding
  // overruns. The first is aligned as the size is.
  kAtEnd,
};

struct MapOptions {
  Revocation revocation = Revocation::kProtect;
  RevocationWay way = RevocationWay::kBySize;
  Placement placement = Placement::kAtBeginning;
};

}  // namespace baton::platform
