// A value from a peer that is not trusted: it can be passed on, but not read, before a predicate
// has looked at it. Handlers of [Tainted] messages, and of protocols with [Trusts], get these.
//
//   Result<void> RecvResize(Tainted<std::uint32_t> width_in) override {
//     BATON_TRY(const auto width, width_in.Validate([](auto w) { return w > 0 && w <= kMaxWidth;
//     }));
//     ...                                                       // width is a std::uint32_t
//   }
//
// The error of a failed Validate, returned by the handler or given to its replier on the same
// thread, is the peer's fault: the channel closes with Rule::kHandler, and names the parameter.
#pragma once

#include <concepts>
#include <type_traits>
#include <utility>

#include <baton/base/result.h>

namespace baton {

template <class T>
class Tainted;

namespace internal {

// What Validate refused last, on this thread: the name of a parameter of the message that is
// handled, or null.
void NoteInvalid(const char* parameter) noexcept;
const char* TakeInvalid() noexcept;

// Says which parameter of a message this is; `name` is a constant of the protocol's. Others have no
// name.
template <class T>
void NameParameter(Tainted<T>& value, const char* name) noexcept {
  value.parameter_ = name;
}
template <class T>
void NameParameter(T&, const char*) noexcept {}

}  // namespace internal

template <class T>
class Tainted {
 public:
  using value_type = T;

  Tainted() = default;
  explicit Tainted(T value) : value_(std::move(value)) {}

  // The value, if `is_valid(value)` says so; Errc::kTainted otherwise. Of an lvalue, a copy; of an
  // rvalue (`std::move(rects).Validate(...)`), the value itself, which is lost when it is not
  // valid.
  template <std::predicate<const T&> Predicate>
  Result<T> Validate(Predicate&& is_valid) const& requires std::copy_constructible<T> {
    if (!std::forward<Predicate>(is_valid)(value_)) return Invalid();
    return value_;
  }
  template <std::predicate<const T&> Predicate>
  Result<T> Validate(Predicate&& is_valid) && {
    if (!std::forward<Predicate>(is_valid)(std::as_const(value_))) return Invalid();
    return std::move(value_);
  }

  // For values that only go back to whom they came from, unread: a cookie, a request's number.
  const T& Passback() const& { return value_; }
  T Passback() && { return std::move(value_); }

  // The value as it came. Say in a comment why that is safe.
  const T& unsafe() const& { return value_; }
  T& unsafe() & { return value_; }
  T unsafe() && { return std::move(value_); }

 private:
  template <class U>
  friend void internal::NameParameter(Tainted<U>& value, const char* name) noexcept;

  Failure Invalid() const {
    internal::NoteInvalid(parameter_);
    return Fail(Errc::kTainted);
  }

  T value_ = {};  // first: the runtime decodes into a Tainted<T> as into a T
  const char* parameter_ = nullptr;
};

static_assert(std::is_standard_layout_v<Tainted<char>>);

}  // namespace baton
