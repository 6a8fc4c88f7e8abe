// Numbers and strings as bytes and back, little-endian: what a Codec is written with.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace baton::wire {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they lie");

// Numbers and enums; not bool, of which not every byte is a value.
template <class T>
concept Number = (std::is_arithmetic_v<T> || std::is_enum_v<T>)&&!std::same_as<T, bool> &&
                 sizeof(T) <= 8;

// Appends to bytes that somebody else owns.
class ByteWriter {
 public:
  explicit ByteWriter(std::vector<std::byte>& bytes) : bytes_(bytes) {}

  template <Number T>
  void Write(T number) {
    WriteBytes(std::as_bytes(std::span(&number, 1)));
  }
  template <std::same_as<bool> Bool>  // not a pointer, which a string literal is
  void Write(Bool value) {
    bytes_.push_back(value ? std::byte{1} : std::byte{0});
  }
  // Its length in 32 bits, then its characters.
  void Write(std::string_view text) {
    Write(static_cast<std::uint32_t>(text.size()));
    WriteBytes(std::as_bytes(std::span(text.data(), text.size())));
  }
  void WriteBytes(std::span<const std::byte> bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }

 private:
  std::vector<std::byte>& bytes_;
};

// Takes from the front of bytes that stay where they are. Each call says whether what it was asked
// for was there; when it was not, nothing is taken and the target is unchanged.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  template <Number T>
  [[nodiscard]] bool Read(T& number) {
    if (bytes_.size() < sizeof(T)) return false;
    std::memcpy(&number, bytes_.data(), sizeof(T));
    bytes_ = bytes_.subspan(sizeof(T));
    return true;
  }
  [[nodiscard]] bool Read(bool& value) {
    if (bytes_.empty() || bytes_[0] > std::byte{1}) return false;
    value = bytes_[0] == std::byte{1};
    bytes_ = bytes_.subspan(1);
    return true;
  }
  [[nodiscard]] bool Read(std::string& text) {
    ByteReader ahead = *this;
    std::uint32_t size = 0;
    std::span<const std::byte> characters;
    if (!ahead.Read(size) || !ahead.ReadBytes(size, characters)) return false;
    text.assign(reinterpret_cast<const char*>(characters.data()), characters.size());
    *this = ahead;
    return true;
  }
  // A view of the next `size` bytes.
  [[nodiscard]] bool ReadBytes(std::size_t size, std::span<const std::byte>& view) {
    if (bytes_.size() < size) return false;
    view = bytes_.first(size);
    bytes_ = bytes_.subspan(size);
    return true;
  }

  std::size_t size() const { return bytes_.size(); }  // what is left
  bool empty() const { return bytes_.empty(); }

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace baton::wire
