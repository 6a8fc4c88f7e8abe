// The short way for flat tables (<baton/wire/flat_layout.h>): the same bytes that the general path
// accepts, and the same values. Whatever is out of the ordinary is left to the general path, which
// alone refuses.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <baton/wire/table.h>

namespace baton::wire {

// Longer messages go the general way: those that do not travel in a frame.
inline constexpr std::size_t kMaxFlatMessage = 65 * 1024;

// How long the message is that EncodeFlat makes of `values`; 0 when it has to go the general way.
std::size_t FlatLength(const Table& table, std::span<const void* const> values,
                       std::size_t max_bytes);

// Encodes `values` into `into`, which is as long as FlatLength has said. Writes every byte and
// reads none back, so that others may write there at the same time. False: the message has to go
// the general way; what `into` holds then means nothing.
bool EncodeFlat(const Table& table, std::span<const void* const> values, std::span<std::byte> into);

// Decodes what EncodeFlat has written, or anything laid out like it. Others may write to `bytes`
// meanwhile: each byte is read at most once, before it is checked, and goes to where it stays.
// False: the message has to go the general way, from a private copy; the values then hold
// something, and are overwritten.
bool DecodeFlat(const Table& table, std::span<const std::byte> bytes,
                std::span<void* const> values);

}  // namespace baton::wire
