// The short way for flat tables (<baton/wire/flat_layout.h>): the same bytes that the general path
// accepts, and the same values. Whatever is out of the ordinary is left to the general path, which
// alone refuses.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <baton/wire/table.h>

namespace baton::wire {

// Longer messages go the general way, whose cost is then the copying.
inline constexpr std::size_t kMaxFlatMessage = 64 * 1024;

// Encodes `values` into `buffer`, which grows to at most twice kMaxFlatMessage. Returns the length
// of the message, at most `max_bytes`; 0 when it has to go the general way.
std::size_t EncodeFlat(const Table& table, std::span<const void* const> values,
                       std::size_t max_bytes, std::vector<std::byte>& buffer);

// Decodes what EncodeFlat has written, or anything laid out like it. False: this message has to go
// the general way; the values then hold something, and are overwritten.
bool DecodeFlat(const Table& table, std::span<const std::byte> bytes,
                std::span<void* const> values);

}  // namespace baton::wire
