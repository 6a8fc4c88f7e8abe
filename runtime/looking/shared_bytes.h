// How much shared memory is in a value, wherever it hides.
#pragma once

#include <cstdint>
#include <span>

#include <baton/wire/rows.h>

namespace baton::internal {

// Of all Shmem and UnsafeShmem in the values of `table`, through one pointer each, in bytes.
std::uint64_t SharedBytes(const wire::Table& table, std::span<const void* const> values);

}  // namespace baton::internal
