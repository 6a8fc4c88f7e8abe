#include "runtime/channel/control_messages.h"

#include <baton/base/error.h>

namespace baton::internal {
namespace {

constexpr std::uint8_t kPortableErrno = 0;
constexpr std::uint8_t kErrc = 1;

constexpr std::int32_t kLargestErrno = 4095;
constexpr std::int32_t kLargestErrc = static_cast<std::int32_t>(Errc::kInProcessOnly);

}  // namespace

Rejection ToRejection(std::error_code error) {
  if (error.category() == ErrcCategory()) return {kErrc, error.value()};
  const std::error_condition portable = error.default_error_condition();
  if (portable.category() == std::generic_category() && portable.value() != 0) {
    return {kPortableErrno, portable.value()};
  }
  return {kErrc, static_cast<std::int32_t>(Errc::kRejected)};
}

std::error_code FromRejection(const Rejection& rejection) {
  const std::int32_t value = rejection.value;
  if (rejection.space == kPortableErrno && value > 0 && value <= kLargestErrno) {
    return {value, std::generic_category()};
  }
  if (rejection.space == kErrc && value > 0 && value <= kLargestErrc) {
    const auto error = static_cast<Errc>(value);
    // That is for our own handlers to say: passed on by one, it would blame another peer.
    return error == Errc::kTainted ? Errc::kRejected : error;
  }
  return Errc::kRejected;
}

}  // namespace baton::internal
