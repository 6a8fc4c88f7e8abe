// C++ types of a program's own, for the `using` lines of constructs.idl.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <baton/wire/codec.h>

namespace constructs {

struct Colour {
  std::uint32_t rgba = 0;
  friend bool operator==(const Colour&, const Colour&) = default;
};

// Shared by whoever has it.
class Font {
 public:
  std::string name;
};

// There is one of each: it can be moved alone.
class Token {
 public:
  Token() = default;
  explicit Token(std::uint64_t number) : number_(number) {}
  Token(Token&& other) noexcept : number_(std::exchange(other.number_, 0)) {}
  Token& operator=(Token&& other) noexcept {
    number_ = std::exchange(other.number_, 0);
    return *this;
  }
  std::uint64_t number() const { return number_; }

 private:
  std::uint64_t number_ = 0;
};

}  // namespace constructs

template <>
struct baton::wire::Codec<constructs::Colour> {
  static void Write(const constructs::Colour& colour, std::vector<std::byte>& bytes) {
    ByteWriter(bytes).Write(colour.rgba);
  }
  static bool Read(std::span<const std::byte> bytes, constructs::Colour& colour) {
    ByteReader reader(bytes);
    return reader.Read(colour.rgba) && reader.empty();
  }
};

template <>
struct baton::wire::Codec<constructs::Font> {
  static void Write(const constructs::Font& font, std::vector<std::byte>& bytes) {
    ByteWriter(bytes).Write(font.name);
  }
  static bool Read(std::span<const std::byte> bytes, constructs::Font& font) {
    ByteReader reader(bytes);
    return reader.Read(font.name) && reader.empty();
  }
};

template <>
struct baton::wire::Codec<constructs::Token> {
  static void Write(const constructs::Token& token, std::vector<std::byte>& bytes) {
    ByteWriter(bytes).Write(token.number());
  }
  static bool Read(std::span<const std::byte> bytes, constructs::Token& token) {
    ByteReader reader(bytes);
    std::uint64_t number = 0;
    if (!reader.Read(number) || !reader.empty()) return false;
    token = constructs::Token(number);
    return true;
  }
};
