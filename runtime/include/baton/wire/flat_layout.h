// Where the fields of a flat table lie in a message of ours: of a table with up to 16 fields that
// are numbers, bools, enums, strings, bytes and arrays of numbers or enums. Such a message begins
// with the same bytes each time, so that the encoder copies them and the decoder compares them:
//
//   0                   offset of the root, vtable, padding, the root's offset to the vtable
//   header_size         the fields, those of 8 bytes first, then of 4, of 2, of 1
//   fields_end          strings, bytes and arrays
//
// Other writers lay out the same values in other ways (docs/wire-format.md); they are read by the
// general path. A constant, made by the constructor of Table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>

namespace baton::wire {

// What is to be done with a field. From kString on: it has a length of its own.
enum class FlatAction : std::uint8_t {
  kCopy8,
  kCopy4,
  kCopy2,
  kCopy1,
  kBool,
  kEnum,
  kString,
  kBytes,
  kNumbers,  // an array of numbers or enums
};

struct FlatField {
  FlatAction action = FlatAction::kCopy1;
  std::uint8_t place = 0;  // bytes from the start of the message
  std::uint8_t row = 0;    // which of the table's
};

struct FlatLayout {
  static constexpr std::size_t kMaxFields = 16;
  static constexpr std::size_t kMaxWords = 6;

  std::uint8_t field_count = 0;  // 0: the table is not flat
  std::uint8_t header_size = 0;  // a multiple of 8
  std::uint8_t fields_end = 0;   // a multiple of 4
  bool has_bounds = false;       // of some field
  // By action, so that equal ones are done in one loop; those with a length of their own last, in
  // the order of the table. `ends[action]`: the first of `fields` that comes behind those.
  FlatField fields[kMaxFields] = {};
  std::uint8_t ends[static_cast<std::size_t>(FlatAction::kString)] = {};
  std::uint64_t header[kMaxWords] = {};  // little-endian

  // `field_sizes[n]` are the bytes of the n-th field in the table, 1, 2, 4 or 8.
  constexpr void Place(std::size_t count, const std::uint8_t* field_sizes) {
    const std::size_t header_bytes = (12 + 2 * count + 7) / 8 * 8;
    std::size_t end = header_bytes;
    for (std::size_t size = 8; size > 0; size /= 2) {
      for (std::size_t n = 0; n < count; ++n) {
        if (field_sizes[n] != size) continue;
        fields[n].place = static_cast<std::uint8_t>(end);
        end += size;
      }
    }
    end = (end + 3) / 4 * 4;
    const std::size_t table = header_bytes - 4;
    Put(0, table);
    Put(4, 4 + 2 * count);
    Put(6, end - table);
    for (std::size_t n = 0; n < count; ++n) Put(8 + 2 * n, fields[n].place - table);
    Put(table, table - 4);
    field_count = static_cast<std::uint8_t>(count);
    Sort();
    header_size = static_cast<std::uint8_t>(header_bytes);
    fields_end = static_cast<std::uint8_t>(end);
  }

 private:
  constexpr void Sort() {
    FlatField sorted[kMaxFields] = {};
    std::uint8_t next = 0;
    for (std::size_t action = 0; action <= std::size(ends); ++action) {
      const bool is_last = action == std::size(ends);
      for (std::uint8_t n = 0; n < field_count; ++n) {
        const auto its = static_cast<std::size_t>(fields[n].action);
        if (its != action && !(is_last && its > action)) continue;
        sorted[next] = fields[n];
        sorted[next++].row = n;
      }
      if (!is_last) ends[action] = next;
    }
    for (std::size_t n = 0; n < field_count; ++n) fields[n] = sorted[n];
  }

  constexpr void Put(std::size_t position, std::size_t number) {
    header[position / 8] |= std::uint64_t{number} << (position % 8 * 8);
  }
};

}  // namespace baton::wire
