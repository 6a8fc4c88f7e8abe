// Result<T>: a value, or the reason there is none.
//
// Boost.Outcome's std_result with two conveniences, `*result` and `result->`. Every fallible
// function returns one, the class is [[nodiscard]], and reading a value that is not there is a bug
// of ours and aborts.
//
//   Result<Mapping> Map() {
//     BATON_TRY(Handle handle, Open());      // unwraps the value, or returns the failure
//     BATON_CHECKED(Seal(handle));           // for calls whose value does not matter
//     if (odd) return Fail(Errc::kInvalidValue);
//     return Mapping(...);
//   }
#pragma once

#include <boost/outcome/std_result.hpp>
#include <system_error>
#include <type_traits>
#include <utility>

#include <baton/base/check.h>
#include <baton/base/error.h>

namespace baton {

// The arm of a Result that is not the value, on its way to one.
using Failure = boost::outcome_v2::failure_type<std::error_code>;

inline Failure Fail(std::error_code error) {
  return Failure(error);
}

template <class T = void>
class [[nodiscard]] Result
    : public boost::outcome_v2::std_result<T, std::error_code,
                                           boost::outcome_v2::policy::terminate> {
  using Base =
      boost::outcome_v2::std_result<T, std::error_code, boost::outcome_v2::policy::terminate>;

 public:
  using Base::Base;
  Result(Failure failure) : Base(failure) {}

  T& operator*() & { return Checked().assume_value(); }
  const T& operator*() const& {
    BATON_CHECK(this->has_value());
    return this->assume_value();
  }
  T&& operator*() && { return std::move(Checked().assume_value()); }
  T* operator->() { return &Checked().assume_value(); }
  const T* operator->() const { return &**this; }

 private:
  Result& Checked() {
    BATON_CHECK(this->has_value());
    return *this;
  }
};

template <>
class [[nodiscard]] Result<void>
    : public boost::outcome_v2::std_result<void, std::error_code,
                                           boost::outcome_v2::policy::terminate> {
  using Base =
      boost::outcome_v2::std_result<void, std::error_code, boost::outcome_v2::policy::terminate>;

 public:
  using Base::Base;
  Result() : Base(boost::outcome_v2::in_place_type<void>) {}
  Result(Failure failure) : Base(failure) {}
};

}  // namespace baton

#define BATON_TRY(target, expression) BATON_TRY_(BATON_JOIN(result_, __LINE__), target, expression)
#define BATON_TRY_(result, target, expression)                   \
  auto result = (expression);                                    \
  if (!result.has_value()) return ::baton::Fail(result.error()); \
  target = *std::move(result)
#define BATON_JOIN(a, b) BATON_JOIN_(a, b)
#define BATON_JOIN_(a, b) a##b

#define BATON_CHECKED(expression)                                                                 \
  do {                                                                                            \
    if (auto checked = (expression); !checked.has_value()) return ::baton::Fail(checked.error()); \
  } while (false)
