// A value from a peer that is not trusted: it can be passed on, but not read, before a predicate
// has looked at it. Handlers of [Tainted] messages, and of protocols with [Trusts], get these.
//
//   Result<void> RecvResize(Tainted<std::uint32_t> width_in) override {
//     BATON_TRY(const auto width, width_in.Validate([](auto w) { return w > 0 && w <= kMaxWidth;
//     }));
//     ...                                                       // width is a std::uint32_t
//   }
//
// The error of a failed Validate, returned by the handler or given to its replier, is the peer's
// fault: the channel closes with Rule::kHandler.
#pragma once

#include <concepts>
#include <type_traits>
#include <utility>

#include <baton/base/result.h>

namespace baton {

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
    if (!std::forward<Predicate>(is_valid)(value_)) return Fail(Errc::kTainted);
    return value_;
  }
  template <std::predicate<const T&> Predicate>
  Result<T> Validate(Predicate&& is_valid) && {
    if (!std::forward<Predicate>(is_valid)(std::as_const(value_))) return Fail(Errc::kTainted);
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
  T value_ = {};  // and nothing else: the runtime decodes into a Tainted<T> as into a T
};

static_assert(sizeof(Tainted<char>) == sizeof(char) && std::is_standard_layout_v<Tainted<char>>);

}  // namespace baton
