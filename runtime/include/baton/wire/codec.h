// How a C++ type of yours travels, when the IDL names it in a `using` line (docs/codec.md).
//
//   using struct gfx::Color from "gfx/color.h";          // in the .idl
//
//   template <>                                          // in gfx/color.h
//   struct baton::wire::Codec<gfx::Color> {
//     static void Write(const gfx::Color& color, std::vector<std::byte>& bytes) {
//       ByteWriter(bytes).Write(color.rgba);
//     }
//     static bool Read(std::span<const std::byte> bytes, gfx::Color& color) {
//       ByteReader reader(bytes);
//       return reader.Read(color.rgba) && reader.empty();
//     }
//   };
#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>
#include <vector>

#include <baton/wire/bytes.h>
#include <baton/wire/rows.h>

namespace baton::wire {

// To be specialized for T, with two functions:
//
//   static void Write(const T& value, std::vector<std::byte>& bytes);
//     Appends to `bytes`. May return bool instead: false means that this value cannot be sent, and
//     SendX fails with Errc::kInvalidValue.
//   static bool Read(std::span<const std::byte> bytes, T& value);
//     `bytes` come from a peer who may lie: any length, any content. False when they are no value;
//     then the peer has broken Rule::kCodecValue. `value` was default-made, and is counted. What
//     this allocates is not counted by anyone else: bound it by bytes.size().
template <class T>
struct Codec;

template <class T>
concept HasCodec = requires(const T& from, T& to, std::vector<std::byte>& out,
                            std::span<const std::byte> in) {
  Codec<T>::Write(from, out);
  { Codec<T>::Read(in, to) } -> std::same_as<bool>;
};

namespace internal {

template <class T>
struct IsSharedPtr : std::false_type {};
template <class T>
struct IsSharedPtr<std::shared_ptr<T>> : std::true_type {};

template <class T>
bool WriteByCodec(const T& value, std::vector<std::byte>& bytes) {
  if constexpr (std::is_void_v<decltype(Codec<T>::Write(value, bytes))>) {
    Codec<T>::Write(value, bytes);
    return true;
  } else {
    return Codec<T>::Write(value, bytes);
  }
}

// What is shared travels by a Codec of its own, Codec<std::shared_ptr<T>>, or by that of T: then
// the reader makes a new T.
template <class T>
constexpr CodecOperations OperationsOfCodec() {
  CodecOperations operations = {};
  if constexpr (IsSharedPtr<T>::value) {
    operations.is_null = [](const void* value) { return *static_cast<const T*>(value) == nullptr; };
  }
  if constexpr (HasCodec<T>) {
    operations.write = [](const void* value, std::vector<std::byte>& bytes) {
      return WriteByCodec(*static_cast<const T*>(value), bytes);
    };
    operations.read = [](std::span<const std::byte> bytes, void* value) -> bool {
      return Codec<T>::Read(bytes, *static_cast<T*>(value));
    };
  } else {
    static_assert(IsSharedPtr<T>::value, "baton::wire::Codec is not specialized for this type");
    using Shared = std::remove_const_t<typename T::element_type>;
    operations.memory = sizeof(Shared);
    operations.write = [](const void* value, std::vector<std::byte>& bytes) {
      return WriteByCodec<Shared>(**static_cast<const T*>(value), bytes);
    };
    operations.read = [](std::span<const std::byte> bytes, void* value) -> bool {
      auto shared = std::make_shared<Shared>();
      if (!Codec<Shared>::Read(bytes, *shared)) return false;
      *static_cast<T*>(value) = std::move(shared);
      return true;
    };
  }
  return operations;
}

template <class T>
inline constexpr CodecOperations kCodecOperations = OperationsOfCodec<T>();

}  // namespace internal
}  // namespace baton::wire
