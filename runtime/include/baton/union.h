// What a generated union derives from: exactly one value, of one of several types.
//
//   class Shape : public baton::Union<Circle, std::vector<Shape>, baton::Boxed<Shape>> { ... };
//
// Alternatives are numbered from 0 in the order of the IDL, and known by number, so that two of
// them may have the same type. A default-made union holds the first one, default-made.
//
// A union that contains itself keeps that alternative as Boxed<T>, on the heap; get, emplace and
// Visit look through the box.
#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>
#include <variant>

#include <baton/base/check.h>

namespace baton {

// A T on the heap that behaves as a value: copied with what it holds, compared by what it holds.
// Never null, but for a box that was moved from. T may be incomplete where the box is declared.
template <class T>
class Boxed {
 public:
  Boxed() : value_(std::make_unique<T>()) {}
  template <std::same_as<T> Value>
  Boxed(Value value) : value_(std::make_unique<T>(std::move(value))) {}
  Boxed(const Boxed& other)
      : value_(other.value_ == nullptr ? nullptr : std::make_unique<T>(*other.value_)) {}
  Boxed(Boxed&&) noexcept = default;
  Boxed& operator=(const Boxed& other) {
    if (this != &other) *this = Boxed(other);
    return *this;
  }
  Boxed& operator=(Boxed&&) noexcept = default;
  ~Boxed() = default;

  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return value_.get(); }
  const T* operator->() const { return value_.get(); }
  // Null when it was moved from.
  T* get() { return value_.get(); }
  const T* get() const { return value_.get(); }

  friend bool operator==(const Boxed& one, const Boxed& other) {
    if (one.value_ == nullptr || other.value_ == nullptr) return one.value_ == other.value_;
    return *one.value_ == *other.value_;
  }

 private:
  std::unique_ptr<T> value_;
};

namespace internal {

template <class T>
concept HasEquality = requires(const T& value) {
  { value == value } -> std::convertible_to<bool>;
};

template <class T>
inline constexpr bool kIsBoxed = false;
template <class T>
inline constexpr bool kIsBoxed<Boxed<T>> = true;

// The first of Ts that is not boxed; the first if all are.
template <class... Ts>
inline constexpr std::size_t kFirstInPlace = [] {
  std::size_t index = 0;
  for (const bool is_boxed : {kIsBoxed<Ts>...}) {
    if (!is_boxed) return index;
    ++index;
  }
  return std::size_t{0};
}();

// A class derived from a Union.
template <class U>
concept IsUnion = requires(const U& value) {
  value.HoldsTheSameAs(value);
};

template <class T>
T* LookThrough(T& value) {
  return std::addressof(value);
}
template <class T>
T* LookThrough(Boxed<T>& box) {
  return box.get();
}
template <class T>
const T* LookThrough(const Boxed<T>& box) {
  return box.get();
}

}  // namespace internal

template <class... Ts>
class Union {
 public:
  static constexpr std::size_t kAlternativeCount = sizeof...(Ts);

  // A default-made one has what it holds on the heap.
  static constexpr bool kBeginsBoxed = (internal::kIsBoxed<Ts> && ...);

  // Holds its first alternative, default-made; not one that is boxed, which might hold the same
  // union again and so never end.
  Union() : value_(std::in_place_index<internal::kFirstInPlace<Ts...>>) {}

  // Alternative I, made from `arguments`.
  template <std::size_t I, class... Arguments>
  explicit Union(std::in_place_index_t<I> which, Arguments&&... arguments)
      : value_(which, std::forward<Arguments>(arguments)...) {}

  // Which alternative it holds.
  std::size_t index() const { return value_.index(); }

  // What alternative I holds, if it is the one; null otherwise.
  template <std::size_t I>
  auto get_if() {
    auto* const held = std::get_if<I>(&value_);
    return held == nullptr ? nullptr : internal::LookThrough(*held);
  }
  template <std::size_t I>
  auto get_if() const {
    const auto* const held = std::get_if<I>(&value_);
    return held == nullptr ? nullptr : internal::LookThrough(*held);
  }

  // What it holds, which must be alternative I: anything else is a bug of the caller's and aborts.
  template <std::size_t I>
  auto& get() & {
    auto* const held = get_if<I>();
    BATON_CHECK(held != nullptr);
    return *held;
  }
  template <std::size_t I>
  const auto& get() const& {
    const auto* const held = get_if<I>();
    BATON_CHECK(held != nullptr);
    return *held;
  }
  template <std::size_t I>
  auto&& get() && {
    return std::move(get<I>());
  }

  // Makes it hold alternative I, and returns that.
  template <std::size_t I, class... Arguments>
  auto& emplace(Arguments&&... arguments) {
    return *internal::LookThrough(
        value_.template emplace<I>(std::forward<Arguments>(arguments)...));
  }

  // Calls `visitor` with what it holds; every alternative must give the same type.
  template <class Visitor>
  decltype(auto) Visit(Visitor&& visitor) {
    return std::visit(
        [&](auto& held) -> decltype(auto) { return visitor(*internal::LookThrough(held)); },
        value_);
  }
  template <class Visitor>
  decltype(auto) Visit(Visitor&& visitor) const {
    return std::visit(
        [&](const auto& held) -> decltype(auto) { return visitor(*internal::LookThrough(held)); },
        value_);
  }

  // Whether every alternative can be compared. (Asked for no earlier than unions are compared:
  // while a union that contains itself is declared, nobody knows yet.)
  static constexpr bool CanCompare() { return (internal::HasEquality<Ts> && ...); }

  // The same alternative, and what it holds is equal: what == of derived classes says.
  bool HoldsTheSameAs(const Union& other) const { return value_ == other.value_; }

 private:
  std::variant<Ts...> value_;
};

template <class U>
requires(internal::IsUnion<U>&& U::CanCompare()) bool operator==(const U& one, const U& other) {
  return one.HoldsTheSameAs(other);
}

}  // namespace baton
