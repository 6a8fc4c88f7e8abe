// What a message may become: the numbers of docs/wire-format.md, section 3, that encoder and
// decoder must agree on.
#pragma once

#include <cstddef>
#include <cstdint>

namespace baton::wire {

// Tables inside tables, the root and boxes included.
inline constexpr int kMaxDepth = 64;

// FlatBuffers' offsets are signed in places: nothing is longer than this.
inline constexpr std::size_t kMaxMessageBytes = (std::size_t{1} << 31) - 1;

// What reading a message of `length` bytes may cost, in bytes visited and bytes of memory filled.
constexpr std::uint64_t DecodeBudget(std::size_t length) {
  return std::uint64_t{64} * length + 4096;
}

// The shortest message that may become `memory` bytes. Each byte of a message of ours is visited
// once, which leaves 63 times the length. The reader's standard library may count larger types than
// ours: room for twice as much.
constexpr std::size_t LengthToBecome(std::uint64_t memory) {
  return static_cast<std::size_t>(memory > 2048 ? (2 * memory - 4096 + 62) / 63 : 0);
}

}  // namespace baton::wire
